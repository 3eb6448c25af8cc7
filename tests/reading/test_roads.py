"""The road that leads on card 1, read off the forty labelled mails: the special ones, and no others."""

from dataclasses import replace

from bot.domain.request import Route
from bot.domain.roads import Road, leading
from bot.domain.ticket import Part, Ticket
from bot.reading import read
from tests.domain.examples import part, ticket
from tests.reading.mails import CONTEXT, labelled

#: What stays on the quiet list until a colleague takes it up (D1).
STAY_ITEMS = {Route.NOT_A_CASE, Route.RECRUITMENT}


def proposed(raw: bytes) -> Ticket:
    """Return the ticket a mail would open, as far as the roads depend on it."""
    proposal = read(raw, CONTEXT)
    parts: tuple[Part, ...] = tuple(
        replace(part(one.type, number), scope=one.scope) for number, one in enumerate(proposal.parts, 1)
    )
    opened = ticket(*(parts or (part(),)))
    return replace(opened, flags=proposal.flags, roles=proposal.roles, route=proposal.route)


def test_the_labelled_mails_lead_where_they_should() -> None:
    led = {}
    for one in labelled():
        opened = proposed(one.raw)
        if opened.route not in STAY_ITEMS and (road := leading(opened)) is not None:
            led[one.name] = road
    assert led == {
        "012": Road.DECEASED,
        "015": Road.CONTRACT,
        "017": Road.JOB_SITE,
        "029": Road.CLARIFICATION,
        "037": Road.AUTHORITY,
    }
