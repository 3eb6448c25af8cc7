"""What every mailbox promises, over the folder, Graph and the fake alike."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

import pytest

from bot.domain.errors import NeedsHuman
from bot.ports import Attachment, Mailbox, OutgoingMail
from integrations.mailbox.folder import FolderMailbox
from tests.fakes import MemoryMailbox
from tests.mailbox.conftest import MORNING, Graph, mail

LETTER = OutgoingMail(
    message_id="<letter-1@goto.work>",
    sender="info@goto.work",
    recipient="anna@example.org",
    subject="Ditt ärende PR-2026-0042",
    text="Hej,\n\nVi har raderat uppgifterna, å ä ö.\n",
    in_reply_to="<m1@example.org>",
    attachments=(Attachment("kopia.csv", "text/csv", "namn\nÅsa\n".encode()),),
)
#: Those that check what they are given; the fake takes everything.
REAL = ("folder", "graph")
#: As they come out: who, subject, text, file names.
Left = tuple[str, str, str, tuple[str, ...]]


@dataclass
class Kind:
    """One kind of mailbox: how mail arrives in it, and what has left it."""

    box: Mailbox
    arrive: Callable[[int, datetime], object]
    left: Callable[[], list[Left]]


@pytest.fixture(params=["folder", "graph", "memory"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Each of the three."""
    if request.param == "graph":
        graph: Graph = request.getfixturevalue("graph")
        return Kind(graph.restarted(), graph.arrive, lambda: _left_graph(graph))
    if request.param == "folder":
        return Kind(FolderMailbox(tmp_path), lambda n, at: _laid(tmp_path, n, at), lambda: _left_folder(tmp_path))
    memory = MemoryMailbox()
    return Kind(memory, lambda n, at: memory.arrive(mail(n), at), lambda: [_left(one) for one in memory.sent])


def _laid(root: Path, number: int, at: datetime) -> None:
    place = root / "in" / "new"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"m{number}").write_bytes(mail(number))
    os.utime(place / f"m{number}", (at.timestamp(), at.timestamp()))


def _left(one: OutgoingMail) -> Left:
    return one.recipient, one.subject, one.text.strip(), tuple(file.name for file in one.attachments)


def _left_folder(root: Path) -> list[Left]:
    found = []
    for path in sorted((root / "out" / "new").glob("*")):
        parsed = message_from_bytes(path.read_bytes(), policy=modern)
        body = parsed.get_body(("plain",))
        assert body is not None
        names = tuple(part.get_filename() or "" for part in parsed.iter_attachments())
        found.append(
            (str(parsed["to"]), str(parsed["subject"]), str(body.get_content()).replace("\r\n", "\n").strip(), names)
        )
    return found


def _left_graph(graph: Graph) -> list[Left]:
    found = []
    for one in graph.sandbox.account.lying_in("sentitems"):
        (to,) = [each["emailAddress"]["address"] for each in one.fields["toRecipients"]]
        assert not one.fields["ccRecipients"] + one.fields["bccRecipients"] + one.fields["replyTo"]
        names = tuple(file["name"] for file in one.files.values())
        found.append((to, one.fields["subject"], one.fields["body"]["content"].strip(), names))
    return found


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


async def test_an_empty_mailbox(kind: Kind) -> None:
    assert not await kind.box.waiting()
    assert list(await kind.box.arrivals()) == []
    assert not await kind.box.was_sent(LETTER.message_id)
    assert [one async for one in kind.box.older(date(2026, 1, 1))] == []


async def test_reading_changes_nothing_and_comes_oldest_first(kind: Kind) -> None:
    for number in (3, 1, 2):
        kind.arrive(number, at(number))
    assert await kind.box.waiting()
    first, again = list(await kind.box.arrivals()), list(await kind.box.arrivals())
    assert first == again
    assert [one.raw for one in first] == [mail(1), mail(2), mail(3)]
    assert [one.received for one in first] == [at(1), at(2), at(3)]
    assert not any(one.cut for one in first)


async def test_what_is_filed_away_is_read_no_more_and_filing_twice_is_harmless(kind: Kind) -> None:
    for number in (1, 2):
        kind.arrive(number, at(number))
    first, second = await kind.box.arrivals()
    await kind.box.file_away(first.key)
    await kind.box.file_away(first.key)
    assert [one.key for one in await kind.box.arrivals()] == [second.key]
    await kind.box.file_away(second.key)
    assert not await kind.box.waiting()
    assert list(await kind.box.arrivals()) == []


async def test_a_pile_comes_in_batches_and_every_mail_once(kind: Kind) -> None:
    for number in range(117):
        kind.arrive(number, at(number))
    seen = []
    while batch := await kind.box.arrivals():
        assert len(batch) <= 50
        for one in batch:
            seen.append(one.raw)
            await kind.box.file_away(one.key)
    assert sorted(seen) == sorted(mail(number) for number in range(117))


async def test_older_mail_is_listed_from_a_day_on_filed_or_not(kind: Kind) -> None:
    for number, day in enumerate((20, 10, 5, 0)):
        kind.arrive(number, MORNING - timedelta(days=day))
    newest = (await kind.box.arrivals())[-1]
    await kind.box.file_away(newest.key)
    listed = [one.raw async for one in kind.box.older((MORNING - timedelta(days=10)).date())]
    assert listed == [mail(1), mail(2), mail(3)]


async def test_a_letter_leaves_once_as_it_was_written(kind: Kind) -> None:
    kind.arrive(1, at(1))
    assert not await kind.box.was_sent(LETTER.message_id)
    await kind.box.send(LETTER)
    assert await kind.box.was_sent(LETTER.message_id)
    assert kind.left() == [(LETTER.recipient, LETTER.subject, LETTER.text.strip(), ("kopia.csv",))]


@pytest.mark.parametrize("kind", REAL, indirect=True)
@pytest.mark.parametrize("recipient", ["", "anna", "anna@example.org, evil@example.org", "Anna <a@example.org>"])
async def test_what_is_not_one_address_is_refused(kind: Kind, recipient: str) -> None:
    with pytest.raises(NeedsHuman) as refused:
        await kind.box.send(replace(LETTER, recipient=recipient))
    assert refused.value.key == "trouble.mail_refused"
    assert kind.left() == []


@pytest.mark.parametrize("kind", REAL, indirect=True)
async def test_two_files_of_one_name_are_refused(kind: Kind) -> None:
    with pytest.raises(NeedsHuman):
        await kind.box.send(replace(LETTER, attachments=LETTER.attachments * 2))
    assert kind.left() == []
