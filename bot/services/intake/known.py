"""What is known of a request beside its words: by the colleague who took it in, or by the channel it came through."""

from dataclasses import dataclass, field
from typing import Final

from bot.domain.system import Identifier
from bot.services.intake.threads import Named


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever takes a request in knows.

    `source` names the one message it was made from, where the channel has a name of its own for it. `others` are
    more ways to know the person. `original_with` is the colleague who is to remove the message from the chat (D17).
    `note` is why the moment of receipt is what it is, in the colleague's words. `named` is the ticket the mail names.
    `promoted`: a colleague lifted it out of a list.
    """

    source: str = ""
    others: tuple[Identifier, ...] = field(default=(), repr=False)
    original_with: str = ""
    link: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    named: Named | None = None
    promoted: bool = False


NOTHING_KNOWN: Final = Known()
