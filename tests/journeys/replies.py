"""Mails as people write them in a thread: replies with or without our reference, from an address we know or another."""

from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from bot.ports import TicketQuery
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.walks import PRIYA

COPY = "Jag vill också få en kopia på alla uppgifter ni har om mig."
ERASE = "Radera alla uppgifter ni har om mig."
STRANGER = "p.natarajan@example.net"


def reply(
    desk: Furnished, text: str, *, sender: str = PRIYA, ref: str = FIRST, to_letter: str = "", quoted: bool = True
) -> bytes:
    """Return a reply to us, sent now."""
    made = EmailMessage()
    made["From"], made["To"] = f"Priya Natarajan <{sender}>", "info@goto.work"
    made["Subject"] = f"Sv: {ref} Din begäran" if ref else "Sv: Din begäran"
    made["Date"] = format_datetime(desk.clock.now())
    digest = sha256(f"{text}{sender}{desk.clock.now()}".encode()).hexdigest()[:24]
    made["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    if to_letter:
        made["In-Reply-To"] = to_letter
    below = "\n\n> Det du skrev till oss.\n" if quoted else "\n"
    made.set_content(f"Hej!\n\n{text}{below}")
    return made.as_bytes()


def forged(raw: bytes, desk: Furnished) -> bytes:
    """Return the mail as our server hands on what it could not vouch for."""
    when = format_datetime(desk.clock.now())
    domain = b"example.org"
    return (
        b"Received: from mail.invalid (mail.invalid [192.0.2.99])\r\n by mx1.gotowork.example with ESMTPS id 1;\r\n "
        + when.encode()
        + b"\r\nAuthentication-Results: mx1.gotowork.example; spf=fail; dkim=fail; dmarc=fail header.from="
        + domain
        + b"\r\n"
        + raw
    )


async def known_by(desk: Furnished, address: str) -> set[str]:
    """Return the references of the tickets that know an address."""
    async with desk.opened.house.work() as unit:
        query = TicketQuery(open_only=False, digest=unit.index.digest("email", address))
        return {ticket.ref for ticket in await unit.tickets.matching(query)}
