"""The register as it is: nobody has more than one card."""

from datetime import date

from integrations.library.sandbox import demo  # type: ignore[import-not-found] # only where it is copied to

from bot.domain.system import Identifier, IdentifierKind
from integrations.sandbox import Full


def full(today: date) -> Full:
    """Return the register, with the one card in it."""
    sandbox = demo(today)
    return Full(sandbox, tuple(Identifier(IdentifierKind.EMAIL, one) for one in sandbox.cards), 1)
