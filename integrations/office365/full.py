"""Office 365 with somebody who writes to us all the time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.domain.system import Identifier, IdentifierKind
from integrations.office365.sandbox import QUOTA, demo
from integrations.office365.seed import FRONT
from integrations.office365.tenant import Mail
from integrations.sandbox import Full

MAILS: Final = 10_000
#: Reading one is a call of its own, and erasing one two.
TAKEN: Final = 400
MOA: Final = "moa.ek@example.com"


def full(today: date) -> Full:
    """Return a mailbox with ten thousand mails from the same sender, each at a minute of its own."""
    sandbox = demo(today)
    sandbox.quota = 10 * QUOTA
    now = datetime.combine(today, time(9), UTC)
    mails = (Mail(MOA, (FRONT,), "Fråga", "Hej igen.", now - timedelta(minutes=number)) for number in range(MAILS))
    sandbox.tenant.box(FRONT).add(*mails)
    return Full(sandbox, (Identifier(IdentifierKind.EMAIL, MOA),), MAILS, taken=TAKEN)
