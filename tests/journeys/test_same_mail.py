"""The same mail seen by two channels is one item; two mails are never one, whatever Message-ID they bear.

A mail kept twice costs a look, one taken for another is a request lost: so sameness is
proved over every way a channel may write the same words down, and difference over every
change of a word.
"""

import base64
import html
import quopri
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import Header
from itertools import count
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import ReadingContext, read
from bot.services.intake.same import letters_of, source_of
from tests.journeys.furnished import MAIL_CHANNEL, Furnished
from tests.standins.slack_mail import Mailing

ARRIVED: Final = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
CONTEXT: Final = ReadingContext()
TITLE: Final = "Mina uppgifter hos er"
WORDS: Final = st.text("abcdefghijklmnopqrstuvwxyzåäöABCÅÄÖ0123456789é", min_size=1, max_size=12)
TEXTS: Final = st.lists(WORDS, min_size=1, max_size=40)


def head(title: str = TITLE, message_id: str = "<a@example.org>", sender: str = "priya@example.org") -> bytes:
    subject = Header(title, "utf-8").encode()
    return (
        f"From: Priya <{sender}>\r\nTo: info@goto.work\r\nDate: Mon, 9 Mar 2026 09:00:00 +0100\r\n"
        f"Message-ID: {message_id}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    ).encode()


def plain(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode()


def folded(text: str) -> bytes:
    return plain("\r\n".join(textwrap.wrap(text, 30, break_long_words=False, break_on_hyphens=False)))


def printable(text: str) -> bytes:
    coded = quopri.encodestring(text.encode())
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + coded


def latin(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" + text.encode("latin-1")


def as_base64(text: str) -> bytes:
    coded = base64.encodebytes(text.encode())
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded


def page(text: str) -> bytes:
    words = "</b> <span>".join(html.escape(word) for word in text.split())
    body = f"<html><head><style>p{{margin:0}}</style></head><body><p><b>{words}</span></p></body></html>"
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body.encode()


def both(text: str) -> bytes:
    parts = b"".join(b"--x\r\n" + part(text) + b"\r\n" for part in (plain, page))
    return b'Content-Type: multipart/alternative; boundary="x"\r\n\r\n' + parts + b"--x--\r\n"


WAYS: Final[tuple[Callable[[str], bytes], ...]] = (plain, folded, printable, latin, as_base64, page, both)


def source(raw: bytes) -> str:
    return source_of(read(raw, CONTEXT, ARRIVED), raw)


@given(TEXTS, st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_the_same_words_are_the_same_mail_however_a_channel_writes_them(
    words: list[str], one: Callable[[str], bytes], other: Callable[[str], bytes]
) -> None:
    text = " ".join(words)
    assert source(head() + one(text)) == source(head() + other(text))


@given(TEXTS, TEXTS, st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_other_words_are_another_mail_whatever_message_id_they_borrow(
    words: list[str], others: list[str], one: Callable[[str], bytes], other: Callable[[str], bytes]
) -> None:
    same = "".join(words).casefold() == "".join(others).casefold()
    assert (source(head() + one(" ".join(words))) == source(head() + other(" ".join(others)))) is same


@given(TEXTS, st.data())
def test_one_word_more_or_less_is_another_mail(words: list[str], data: st.DataObject) -> None:
    """The shorter cannot hide the longer, nor the longer the shorter."""
    at = data.draw(st.integers(0, len(words)))
    longer = [*words[:at], data.draw(WORDS), *words[at:]]
    assert source(head() + plain(" ".join(words))) != source(head() + plain(" ".join(longer)))


def test_a_borrowed_message_id_hides_nobody() -> None:
    mine = head() + plain("Radera mina uppgifter")
    assert source(mine) != source(head(sender="anna@example.org") + plain("Radera mina uppgifter"))
    assert source(mine) != source(head(title="Något annat") + plain("Radera mina uppgifter"))
    assert source(mine) != source(head(message_id="<b@example.org>") + plain("Radera mina uppgifter"))
    assert source(mine) != source(head() + plain("Radera INTE mina uppgifter"))


def hung(name: str, content: bytes = b"x") -> bytes:
    pdf = f'Content-Type: application/pdf; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
    parts = (plain("Se bilagan"), pdf.encode() + content)
    mixed = b"".join(b"--y\r\n" + part + b"\r\n" for part in parts)
    return head() + b'Content-Type: multipart/mixed; boundary="y"\r\n\r\n' + mixed + b"--y--\r\n"


def test_what_hangs_on_a_mail_is_told_apart_by_name_and_pictures_of_a_signature_are_not() -> None:
    assert source(hung("a.pdf")) != source(hung("b.pdf"))
    assert source(hung("a.pdf")) == source(hung("a.pdf", b"the same file, of which a channel keeps the name only"))
    assert source(hung("image001.png")) == source(head() + plain("Se bilagan"))


def test_a_mail_without_words_or_message_id_is_told_apart_by_its_bytes() -> None:
    assert source(head() + plain("")) != source(head() + plain("  "))
    bare = b"From: priya@example.org\r\nSubject: x\r\n\r\nRadera mina uppgifter"
    assert source(bare) == source(bare)
    assert source(bare) != source(bare + b"\r\n")


@pytest.mark.parametrize(
    ("twin", "shown"),
    [
        ("Skriv till a@b.example<mailto:a@b.example>", "Skriv till a@b.example"),
        ("Vår sida <https://goto.work/om>", "Vår sida"),
        ("Vår sida [https://goto.work/om] här", "Vår sida här"),
        ("[Vår sida](https://goto.work/om)", "Vår sida"),
        ("Hälsningar [cid:image001.png@01D] Anna", "Hälsningar Anna"),
        ("Hälsningar [image: logo.png] Anna", "Hälsningar Anna"),
        ("*Radera* _mina_ uppgifter", "Radera mina uppgifter"),
        ("> Radera\n> mina uppgifter", "Radera mina uppgifter"),
        ("Radera\u00a0mina upp\u00adgifter\u200b", "Radera mina uppgifter"),
        ("RADERA MINA UPPGIFTER", "radera mina uppgifter"),
    ],
)
def test_what_only_a_plain_twin_writes_is_no_word(twin: str, shown: str) -> None:
    assert letters_of(twin) == letters_of(shown)


def test_an_address_somebody_wrote_is_a_word() -> None:
    assert letters_of("Radera a@b.example") != letters_of("Radera c@b.example")
    assert letters_of("Se https://a.example/x") != letters_of("Se https://a.example/y")
    assert letters_of("Radera (helst allt)") != letters_of("Radera")


# --- through the real desk ---------------------------------------------------------------------------

WISH: Final = "Hej, jag vill att ni raderar alla uppgifter ni har om mig. Hälsningar Priya"


@pytest.mark.parametrize("first", ["mailbox", "slack"])
@pytest.mark.parametrize("way", [folded, printable, page, both], ids=lambda way: str(way.__name__))
async def test_a_mail_in_the_mailbox_and_in_slack_is_one_request(
    desk: Furnished, way: Callable[[str], bytes], first: str
) -> None:
    address = f"{desk.opened.house.public_url}/slack/events"
    mailing = Mailing(desk.slack, desk.opened.session, address, MAIL_CHANNEL, count(1))
    file = mailing.put(WISH, says={"headers": {"message_id": "<a@example.org>"}, "subject": f"Re: {TITLE}"})

    async def by_slack() -> None:
        assert (await mailing.tell(mailing.event(file))).status == 200
        await desk.settle()

    async def by_mailbox() -> None:
        await desk.raw_mail(head() + way(WISH))

    for channel in (by_mailbox, by_slack) if first == "mailbox" else (by_slack, by_mailbox):
        await channel()
    assert len(await desk.tickets()) == 1


async def test_two_mailboxes_that_see_one_mail_keep_it_once(desk: Furnished) -> None:
    """Each puts marks of its own on top."""
    for server in ("mx1", "mx2"):
        mark = f"Received: from a by {server}.gotowork.example; Mon, 9 Mar 2026 08:00:00 +0000\r\n"
        await desk.raw_mail(mark.encode() + head() + plain(WISH))
    assert len(await desk.tickets()) == 1


async def test_one_message_id_for_everybody_loses_nobody(desk: Furnished) -> None:
    """Some web forms give every mail the same Message-ID and sender."""
    for name in ("Anna", "Bo", "Cilla"):
        await desk.raw_mail(head() + plain(f"Radera alla uppgifter ni har om mig. {name}"))
    assert len(await desk.tickets()) == 3
