"""Mail as nobody should send it, through the real mailbox: each kind a named outcome, and nothing lost."""

import io
import zipfile
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

import pytest

from bot.card import Verb
from bot.domain.request import MailError, Route
from bot.domain.ticket import Stage
from bot.ports import ItemState, Shelf
from bot.services import casefile
from tests.journeys.furnished import AUTHSERV, FIRST, Furnished, verbs, words

STAMP: Final = f"Received: from x by {AUTHSERV}; Mon, 16 Mar 2026 09:00:00 +0100\r\n"
FROM: Final = "From: Kim Holm <kim.holm@example.org>\r\n"
REST: Final = (
    "To: info@goto.work\r\nSubject: Hej\r\nDate: Mon, 16 Mar 2026 09:00:00 +0100\r\nMessage-ID: <1@example.org>\r\n"
)
ASKS: Final = "\r\nRadera alla mina uppgifter.\r\n"
PLAIN: Final = "Content-Type: text/plain; charset=utf-8\r\n"


def bomb(layers: int = 5, megabytes: int = 40) -> bytes:
    """Return a zip of zips whose innermost file would fill *megabytes*."""
    content = bytes(megabytes * 2**20)
    for layer in range(layers):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"layer{layer}", content)
        content = packed.getvalue()
    return content


def with_attachment(name: str, content: bytes) -> str:
    return (
        f"{STAMP}{FROM}{REST}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{PLAIN}{ASKS}--b\r\n"
        f'Content-Type: application/zip\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{b64encode(content).decode()}\r\n--b--\r\n"
    )


@dataclass(frozen=True)
class Odd:
    """A mail, and what it must be called: errors and flags, and whether the clock must be settled by a person."""

    raw: str | bytes = field(repr=False)
    errors: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    unsure: bool = False


ODD: Final = {
    "no From": Odd(f"{STAMP}{REST}{PLAIN}{ASKS}", frozenset({MailError.NO_SENDER}), frozenset({"malformed_headers"})),
    "two Froms": Odd(f"{STAMP}{FROM}From: b@example.net\r\n{REST}{PLAIN}{ASKS}", frozenset({MailError.DUPLICATE_FROM})),
    "no Date": Odd(f"{STAMP}{FROM}To: info@goto.work\r\nMessage-ID: <2@example.org>\r\n{PLAIN}{ASKS}"),
    "a Date of nonsense": Odd(
        f"{STAMP}{FROM}Date: nyss\r\nMessage-ID: <3@example.org>\r\n{PLAIN}{ASKS}",
        frozenset({MailError.UNPARSEABLE_DATE}),
    ),
    "no Message-ID": Odd(f"{STAMP}{FROM}Date: Mon, 16 Mar 2026 09:00:00 +0100\r\n{PLAIN}{ASKS}"),
    "no mark of our server": Odd(f"{FROM}{REST}{PLAIN}{ASKS}", frozenset({MailError.NO_RECEIPT}), unsure=True),
    "a wrong charset": Odd(
        f"{STAMP}{FROM}{REST}{PLAIN}\r\nRadera mina uppgifter, tack på förhand.".encode("cp1252"),
        frozenset({MailError.WRONG_CHARSET}),
    ),
    "a charset that does not exist": Odd(f"{STAMP}{FROM}{REST}Content-Type: text/plain; charset=klingon\r\n{ASKS}"),
    "ten thousand recipients": Odd(
        f"{STAMP}{FROM}Cc: {', '.join(f'n{n}@example.org' for n in range(10_000))}\r\n{REST}{PLAIN}{ASKS}",
        flags=frozenset({"many_recipients"}),
    ),
    "a zip": Odd(with_attachment("handlingar.zip", bomb(1, 1)), flags=frozenset({"archive_attached"})),
    "a zip bomb": Odd(with_attachment("42.zip", bomb()), flags=frozenset({"archive_attached"})),
    "a thousand parts": Odd(
        f"{STAMP}{FROM}{REST}Content-Type: multipart/mixed; boundary=b\r\n\r\n" + f"--b\r\n{PLAIN}{ASKS}" * 1_000,
        frozenset({MailError.TOO_MANY_PARTS}),
    ),
    "parts without end": Odd(
        f"{STAMP}{FROM}{REST}Content-Type: multipart/mixed; boundary=b\r\n\r\nRadera mina uppgifter.",
        frozenset({MailError.BROKEN_MULTIPART}),
    ),
    "a head that breaks off": Odd(
        f"{STAMP}{FROM}Subject: Hej\r\nhej igen\r\n{PLAIN}{ASKS}", frozenset({MailError.MALFORMED_HEADERS})
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_an_odd_mail_that_asks_is_a_request_with_a_name_for_what_is_odd(desk: Furnished, odd: Odd) -> None:
    raw = odd.raw if isinstance(odd.raw, bytes) else odd.raw.encode()
    await desk.raw_mail(raw)
    await desk.raw_mail(raw)  # delivered twice: still one
    (ticket,) = await desk.tickets()
    async with desk.opened.house.work() as unit:
        proposal = await casefile.proposal_of(unit, ticket.id, Shelf.CASE)
        kept = await unit.vault.get(ticket.id, Shelf.CASE, "mail")
    assert odd.errors <= set(proposal.errors)
    assert odd.flags <= proposal.flags
    assert ticket.unsure_clock == odd.unsure
    assert ticket.stage is Stage.RECEIVED
    assert kept.splitlines()[0] == raw.splitlines()[0]
    _, _, page = await desk.review("sara")
    for error in proposal.errors:
        assert desk.opened.house.texts.say(desk.who("sara").language, f"mail_error.{error}") in page
    for flag in odd.flags:
        assert desk.opened.house.texts.say(desk.who("sara").language, f"flag.{flag}") in page


async def test_bytes_that_are_no_mail_wait_for_a_person(desk: Furnished) -> None:
    await desk.raw_mail(b"\x00\xff" * 4_000)
    (ticket,) = await desk.tickets()
    assert ticket.route is Route.HUMAN_REVIEW
    assert ticket.unsure_clock
    assert Verb.CONFIRM not in verbs(await desk.card("sara"))


async def test_an_empty_file_is_kept_and_seen(desk: Furnished) -> None:
    await desk.raw_mail(b"")
    async with desk.opened.house.work() as unit:
        waiting = await unit.items.waiting()
    assert len(waiting) + len(await desk.tickets()) == 1


async def test_a_mail_to_thousands_is_answered_to_one(desk: Furnished) -> None:
    """The receipt goes to who wrote; nobody of the long list hears anything."""
    await desk.raw_mail(str(ODD["ten thousand recipients"].raw).encode())
    await desk.press("sara", Verb.CONFIRM)
    assert {letter.to for letter in desk.letters()} == {"kim.holm@example.org"}


async def test_what_is_odd_is_said_in_words_on_the_card_and_never_who_wrote(desk: Furnished) -> None:
    await desk.raw_mail(str(ODD["two Froms"].raw).encode())
    said = words(await desk.card("sara", FIRST))
    assert "kim.holm" not in said
    assert desk.opened.house.texts.say(desk.who("sara").language, "card.broken_mail") in said


async def test_the_automatic_answer_of_a_machine_is_quiet_and_gets_no_answer(desk: Furnished) -> None:
    """The same mail with the mark of a machine: on the quiet list, and no letter leaves."""
    await desk.raw_mail(
        f"{STAMP}{FROM}{REST}Auto-Submitted: auto-replied\r\n{PLAIN}\r\nJag är på semester.\r\n".encode()
    )
    async with desk.opened.house.work() as unit:
        (item,) = await unit.items.waiting()
    assert item.state is ItemState.WAITING
    assert desk.letters() == []
