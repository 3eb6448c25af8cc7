"""The folder mailbox: nothing lost, nothing twice, nothing leaked, whatever lies in the folder."""

import errno
import os
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from bot.domain.deadline import local_date
from bot.domain.errors import NeedsHuman, OutcomeUnknown, TryLater
from bot.ports import OutgoingMail
from integrations.mailbox import folder as folder_module
from integrations.mailbox.folder import BATCH, FolderMailbox, name_of, written_mail

LETTER = OutgoingMail(
    message_id="<letter-1@goto.work>",
    sender="info@goto.work",
    recipient="person@example.org",
    subject="Ditt ärende PR-2026-0042: svar på din begäran",
    text="Hej,\n\nVi har raderat uppgifterna. Ärendet är avslutat.\n\n– GoToWork å ä ö\n",
    in_reply_to="<20260101.abc@example.org>",
)


@pytest.fixture
def box(tmp_path: Path) -> FolderMailbox:
    return FolderMailbox(tmp_path)


def deliver(root: Path, name: str, raw: bytes = b"From: a@example.org\n\nhej\n", age: int = 0) -> Path:
    place = root / "in" / "new"
    place.mkdir(parents=True, exist_ok=True)
    file = place / name
    file.write_bytes(raw)
    os.utime(file, (1_800_000_000 - age, 1_800_000_000 - age))
    return file


def letters(root: Path) -> list[Path]:
    return sorted((root / "out" / "new").iterdir())


async def test_an_empty_place_is_an_empty_mailbox(box: FolderMailbox) -> None:
    assert await box.arrivals() == []
    assert not await box.was_sent("<nothing@goto.work>")


async def test_oldest_first_and_never_more_than_a_batch(box: FolderMailbox, tmp_path: Path) -> None:
    for number in range(BATCH + 7):
        deliver(tmp_path, f"m{number:03}", age=number)
    arrivals = await box.arrivals()
    assert [arrival.key for arrival in arrivals] == [f"m{number:03}" for number in range(BATCH + 6, 6, -1)]
    assert all(arrival.received is not None and arrival.received.tzinfo for arrival in arrivals)


async def test_big_mails_come_in_smaller_batches(
    box: FolderMailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "BATCH_BYTES", 1_000)
    for number in range(5):
        deliver(tmp_path, f"m{number}", b"x" * 600, age=-number)
    assert len(await box.arrivals()) == 2


async def test_reading_changes_nothing_and_filing_twice_is_harmless(box: FolderMailbox, tmp_path: Path) -> None:
    deliver(tmp_path, "1.host,S=20", b"raw \xff bytes")
    first, again = await box.arrivals(), await box.arrivals()
    assert first == again
    assert first[0].raw == b"raw \xff bytes"
    await box.file_away(first[0].key)
    await box.file_away(first[0].key)
    assert await box.arrivals() == []
    assert (tmp_path / "in/cur/1.host,S=20:2,S").read_bytes() == b"raw \xff bytes"


async def test_a_name_delivered_again_keeps_both_mails(box: FolderMailbox, tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        deliver(tmp_path, "same", content)
        await box.file_away("same")
    assert {file.read_bytes() for file in (tmp_path / "in/cur").iterdir()} == {b"one", b"two"}


async def test_what_is_no_whole_plain_file_is_no_mail(box: FolderMailbox, tmp_path: Path) -> None:
    deliver(tmp_path, "good")
    deliver(tmp_path, "åäö mejl %$#!.eml")
    deliver(tmp_path, ".hidden")
    (tmp_path / "in/tmp").mkdir()
    (tmp_path / "in/tmp/half").write_bytes(b"From: half")
    (tmp_path / "in/new/folder").mkdir()
    (tmp_path / "in/new/link").symlink_to("/etc/hostname")
    (tmp_path / "in/new/dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "in/new/pipe")
    deliver(tmp_path, os.fsdecode(b"bytes-\xff\xfe"))
    keys = {arrival.key for arrival in await box.arrivals()}
    assert keys == {"good", "åäö mejl %$#!.eml", "bytes-\udcff\udcfe"}
    for key in keys:
        await box.file_away(key)
    assert await box.arrivals() == []


DAY = 86_400


async def test_older_mail_is_listed_from_a_day_on_read_or_not_and_stays_where_it_is(
    box: FolderMailbox, tmp_path: Path
) -> None:
    for number in range(4):
        deliver(tmp_path, f"m{number}", b"mail %d" % number, age=number * DAY)
    await box.file_away("m1")
    before = sorted(str(path) for path in (tmp_path / "in").rglob("*"))
    since = local_date(datetime.fromtimestamp(1_800_000_000 - 2 * DAY, UTC))
    listed = [arrival async for arrival in box.older(since)]
    assert [arrival.raw for arrival in listed] == [b"mail 2", b"mail 1", b"mail 0"]
    assert listed[0].received is not None
    assert local_date(listed[0].received) == since
    assert sorted(str(path) for path in (tmp_path / "in").rglob("*")) == before


async def test_a_day_begins_at_midnight_in_sweden(box: FolderMailbox, tmp_path: Path) -> None:
    for name, moment in (
        ("late", datetime(2026, 3, 8, 22, 59, tzinfo=UTC)),
        ("early", datetime(2026, 3, 8, 23, 0, tzinfo=UTC)),
    ):
        os.utime(deliver(tmp_path, name), (moment.timestamp(), moment.timestamp()))
    assert [arrival.key async for arrival in box.older(date(2026, 3, 9))] == ["early"]


async def test_a_mail_filed_or_gone_while_older_ones_are_listed(box: FolderMailbox, tmp_path: Path) -> None:
    for number in range(3):
        deliver(tmp_path, f"m{number}", b"mail %d" % number, age=-number)
    listing = box.older(date(2026, 1, 1))
    listed = [(await anext(listing)).raw]
    await box.file_away("m1")
    (tmp_path / "in/new/m2").unlink()
    listed += [arrival.raw async for arrival in listing]
    assert listed == [b"mail 0", b"mail 1"]


async def test_one_unreadable_mail_does_not_hide_the_others(
    box: FolderMailbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path, "anna.andersson@example.org")
    deliver(tmp_path, "good")
    real = Path.read_bytes

    def locked(self: Path) -> bytes:
        if self.name.startswith("anna"):
            raise PermissionError(errno.EACCES, "no", str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", locked)
    assert [arrival.key for arrival in await box.arrivals()] == ["good"]
    assert "EACCES" in caplog.text
    assert "anna" not in caplog.text


@pytest.mark.parametrize("key", ["", "../secret", "a/b", "/etc/passwd", ".."])
async def test_a_key_never_leads_out_of_the_folder(box: FolderMailbox, key: str) -> None:
    with pytest.raises(NeedsHuman):
        await box.file_away(key)


async def test_a_letter_lies_there_once_however_often_it_is_sent(box: FolderMailbox, tmp_path: Path) -> None:
    await box.send(LETTER)
    await box.send(LETTER)
    await FolderMailbox(tmp_path).send(LETTER)
    assert [file.name for file in letters(tmp_path)] == [name_of(LETTER.message_id)]
    assert await box.was_sent(LETTER.message_id)
    assert not list((tmp_path / "out/tmp").iterdir())


async def test_a_letter_the_mail_server_took_is_not_laid_out_again(box: FolderMailbox, tmp_path: Path) -> None:
    await box.send(LETTER)
    (file,) = letters(tmp_path)
    file.rename(tmp_path / "out/cur" / f"{file.name}:2,S")
    assert await box.was_sent(LETTER.message_id)
    await box.send(LETTER)
    assert letters(tmp_path) == []


def test_a_letter_says_who_it_is_for_and_that_a_program_sent_it() -> None:
    mail = message_from_bytes(written_mail(LETTER), policy=default)
    assert mail["To"] == "person@example.org"
    assert mail["From"] == "info@goto.work"
    assert mail["Subject"] == LETTER.subject
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == LETTER.in_reply_to
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert not {"Cc", "Bcc", "Reply-To"} & set(mail.keys())
    assert "http" not in mail.get_content()


def changed(**fields: str) -> OutgoingMail:
    return OutgoingMail(
        fields.get("message_id", LETTER.message_id),
        LETTER.sender,
        fields.get("recipient", LETTER.recipient),
        fields.get("subject", LETTER.subject),
        LETTER.text,
        fields.get("in_reply_to", LETTER.in_reply_to),
    )


@pytest.mark.parametrize(
    "recipient",
    ["", "nobody", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org", "A <a@example.org>", "a@b@c"],
)
def test_a_recipient_is_exactly_one_address(recipient: str) -> None:
    with pytest.raises(NeedsHuman):
        written_mail(changed(recipient=recipient))


def test_no_field_smuggles_a_header() -> None:
    evil = changed(subject="Svar\r\nBcc: x@example.com\n\nkropp", in_reply_to="<a@b>\r\nBcc: x@example.com")
    mail = message_from_bytes(written_mail(evil), policy=default)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["Subject"] == "Svar Bcc: x@example.com kropp"
    with pytest.raises(NeedsHuman):
        written_mail(changed(message_id="<a@b>\r\nBcc: x@example.com"))


def test_an_address_beyond_ascii_is_written_as_it_is() -> None:
    mail = message_from_bytes(written_mail(changed(recipient="örjan@example.org")), policy=default.clone(utf8=True))
    assert "örjan@example.org" in str(mail["To"])


async def test_a_full_disk_is_asked_again_later_and_leaves_no_half_letter(
    box: FolderMailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TryLater) as refused:
        await box.send(LETTER)
    assert refused.value.key == "trouble.disk_full"
    assert str(tmp_path) not in str(refused.value)
    monkeypatch.undo()
    assert not await box.was_sent(LETTER.message_id)
    assert letters(tmp_path) == []
    assert not list((tmp_path / "out/tmp").iterdir())
    await box.send(LETTER)
    assert len(letters(tmp_path)) == 1


async def test_trouble_after_the_letter_lies_there_is_looked_at_before_asking_again(
    box: FolderMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(folder_module, "_settle", fails)
    with pytest.raises(OutcomeUnknown):
        await box.send(LETTER)
    assert await box.was_sent(LETTER.message_id)


@pytest.mark.parametrize(
    ("number", "refusal"), [(errno.EACCES, NeedsHuman), (errno.EROFS, NeedsHuman), (errno.EIO, TryLater)]
)
async def test_disk_troubles_are_sorted_by_what_must_be_done(
    box: FolderMailbox, monkeypatch: pytest.MonkeyPatch, number: int, refusal: type[Exception]
) -> None:
    def fails(self: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "mkdir", fails)
    with pytest.raises(refusal):
        await box.arrivals()


def test_the_texts_know_every_trouble_of_the_mailbox() -> None:
    texts = (Path(__file__).parents[2] / "config/locales/sv.toml").read_text(encoding="utf-8")
    source = Path(folder_module.__file__).read_text(encoding="utf-8")
    keys = {part.partition('"')[0] for part in source.split('"trouble.')[1:]}
    assert keys
    assert not [key for key in keys if f"\n{key} = " not in texts]
