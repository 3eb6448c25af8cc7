"""The road that leads on card 1, read off the forty labelled mails: the special ones, and no others."""

from base64 import b64encode
from dataclasses import replace

import pytest

from bot.domain.request import Route
from bot.domain.roads import Road, leading
from bot.domain.ticket import Part, Ticket
from bot.reading import read
from config.texts import load_catalogue
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


def written(text: str) -> bytes:
    head = "From: moa@example.com\r\nTo: info@goto.work\r\nSubject: Hej\r\nMIME-Version: 1.0\r\n"
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (head + kind).encode() + b64encode(text.encode())


@pytest.mark.parametrize(
    ("text", "road"),
    [
        ("Jag vill att ni raderar all data ni har samlat in om mig via kakor på er webbplats.", Road.COOKIE),
        ("Radera det Google Analytics har sparat om mig från mina besök.", Road.COOKIE),
        ("Vilka uppgifter har ni om mig i Google Analytics? Jag vill ha en kopia.", Road.COOKIE),
        ("Please delete the cookie data you hold about me.", Road.COOKIE),
        ("Please delete my Google Analytics data. My _ga cookie is GA1.1.1234567890.1700000000", None),
        ("Er cookiebanner är trasig. Radera alla mina uppgifter.", None),
        ("Jag vill inte bli spårad av kakor från er.", None),
        ("Er sida använder kakor. Hur hanterar ni personuppgifter i dem?", Road.QUESTION),
    ],
)
def test_cookie_data_without_an_id_leads_to_its_question(text: str, road: Road | None) -> None:
    """R20: only where what is asked is about it, and nothing in the mail says whose browser is meant."""
    assert leading(proposed(written(text))) is road


def test_every_mark_that_a_mail_can_bear_is_said_in_words() -> None:
    """cards.md card 1: "flags in words" on the page behind Visa bara för mig."""
    seen = {flag for one in labelled() for flag in read(one.raw, CONTEXT).flags}
    seen |= read(written("Please delete the cookie data you hold about me."), CONTEXT).flags
    for language, texts in load_catalogue().items():
        assert not [flag for flag in sorted(seen) if f"flag.{flag}" not in texts], language
