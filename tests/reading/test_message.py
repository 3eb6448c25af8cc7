"""The mail as bytes: broken heads, wrong charsets, odd parts, what counts as evidence and what does not."""

from datetime import UTC, datetime

import pytest

from bot.domain.request import MailError, Route, SenderEvidence
from bot.reading import ReadingContext, read
from bot.reading.headers import mailbox_of
from bot.reading.message import read_mail
from tests.reading.mails import CONTEXT, written

HEAD = (
    b"Received: from mail.example.org by mx1.gotowork.example with ESMTPS id 1; Mon, 16 Mar 2026 09:00:00 +0100\r\n"
    b"Authentication-Results: mx1.gotowork.example; spf=pass; dkim=pass header.d=example.org;"
    b" dmarc=pass header.from=example.org\r\n"
    b"From: Kim Holm <kim.holm@example.org>\r\nSubject: hej\r\n"
)
WISH = "Hej, radera alla mina uppgifter tack. Hälsningar från Åke Öberg."
AT = datetime(2026, 3, 16, 8, tzinfo=UTC)


def typed(kind: str, body: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode() + body


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-7", "mac-roman", "cp437"])
def test_every_charset_a_mail_program_uses_is_read(charset: str) -> None:
    proposal = read(typed(f"text/plain; charset={charset}", WISH.encode(charset)), CONTEXT)
    assert proposal.rights == ("erasure",)
    assert "Åke Öberg" in proposal.text


@pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii", "rot13", "no-such-charset", "base64", ""])
def test_a_wrong_charset_does_not_hide_the_letters(charset: str) -> None:
    proposal = read(typed(f"text/plain; charset={charset}", WISH.encode()), CONTEXT)
    assert "Åke Öberg" in proposal.text
    assert "wrong_charset_declared" in proposal.errors


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"stray words\r\nMIME-Version: 1.0\r\n\r\n" + WISH.encode(),
        HEAD.replace(b"\r\n", b"\n") + b"\n" + WISH.encode(),
        HEAD.replace(b"\r\n", b"\r\n") + WISH.encode() + b"\r\n\r\nmer",
        b"\r\n\r\n" + HEAD + b"\r\n" + WISH.encode(),
        b"From kim Mon Mar 16\n" + HEAD + b"\r\n" + WISH.encode(),
        typed("multipart/mixed", WISH.encode()),
        typed("multipart/mixed; boundary=never", WISH.encode()),
        typed("multipart/mixed; boundary=b", b"--b\r\n\r\n" + WISH.encode()),
        typed("multipart/mixed; boundary=b", b"preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + WISH.encode()),
        typed(
            "text/plain; charset=utf-8",
            b"UmFkZXJhIGFsbGEgbWluYSB1cHBnaWZ0ZXIhIQ",
            b"Content-Transfer-Encoding: base64\r\n",
        ),
        typed("text/html", b"<html><p>Radera <b>alla</b> mina uppgifter"),
        typed("text/plain", b"<html><p>Radera <b>alla</b> mina uppgifter"),
        HEAD + b"Content-Type: ;;;=\r\nContent-Disposition: \x00\r\n\r\n" + WISH.encode(),
    ],
)
def test_a_broken_mail_is_read_all_the_same(raw: bytes) -> None:
    proposal = read(raw, CONTEXT)
    assert proposal.rights == ("erasure",)
    assert proposal.requester_email == "kim.holm@example.org"
    assert proposal.clock_start == AT


@pytest.mark.parametrize("raw", [b"", b"\x00" * 50, b"\r\n\r\n", b":", b"From:", "åäö".encode("utf-16")])
def test_what_is_no_mail_goes_to_a_person(raw: bytes) -> None:
    proposal = read(raw, CONTEXT, AT)
    assert proposal.route is Route.HUMAN_REVIEW
    assert proposal.received == AT


def test_a_mail_without_a_sender_goes_to_a_person_and_is_a_request() -> None:
    raw = HEAD.replace(b"From: Kim Holm <kim.holm@example.org>\r\n", b"") + b"\r\nRadera mina uppgifter."
    proposal = read(raw, CONTEXT)
    assert (proposal.is_request, proposal.route) == (True, Route.HUMAN_REVIEW)
    assert "no_sender" in proposal.errors


RESULTS = b"Authentication-Results: mx1.gotowork.example; "


@pytest.mark.parametrize(
    ("results", "evidence"),
    [
        (RESULTS + b"dmarc=pass header.from=example.org", SenderEvidence.PASSED),
        (RESULTS + b"dmarc=pass header.from=mail.example.org", SenderEvidence.PASSED),
        (RESULTS + b"dmarc=pass header.from=example.com", SenderEvidence.FAILED),
        (RESULTS + b"dmarc=fail header.from=example.org", SenderEvidence.FAILED),
        (RESULTS + b"spf=pass; dkim=pass header.d=example.org", SenderEvidence.PASSED),
        (RESULTS + b"spf=softfail; dkim=none", SenderEvidence.FAILED),
        (RESULTS + b"spf=none; dkim=none; dmarc=none", SenderEvidence.MISSING),
        (b"Authentication-Results: mx.attacker.example; dmarc=pass header.from=example.org", SenderEvidence.MISSING),
        (b"Authentication-Results: ", SenderEvidence.MISSING),
        (b"X-Nothing: here", SenderEvidence.MISSING),
        (RESULTS + b"dmarc=fail\r\n" + RESULTS + b"dmarc=pass header.from=example.org", SenderEvidence.FAILED),
    ],
)
def test_only_our_own_servers_word_on_the_sender_counts(results: bytes, evidence: SenderEvidence) -> None:
    raw = results + b"\r\nFrom: kim.holm@example.org\r\n\r\nRadera mina uppgifter"
    assert read(raw, CONTEXT).sender is evidence


def test_two_different_senders_prove_nothing() -> None:
    raw = HEAD + b"From: other@example.org\r\n\r\nRadera mina uppgifter"
    proposal = read(raw, CONTEXT)
    assert proposal.sender is SenderEvidence.FAILED
    assert "duplicate_from" in proposal.errors


def test_receipt_is_our_servers_never_the_senders() -> None:
    dated = HEAD + b"Date: Fri, 1 Jan 2021 00:00:00 +0000\r\n\r\nhej"
    forged = dated.replace(b"mx1.gotowork.example with", b"mx1.attacker.example with")
    assert read(dated, CONTEXT).received == AT
    assert read(forged, CONTEXT, datetime(2026, 3, 17, tzinfo=UTC)).received == datetime(2026, 3, 17, tzinfo=UTC)
    alone = read(forged, CONTEXT)
    assert alone.clock_unsure
    assert "no_receipt_by_our_server" in alone.errors


def test_an_attachment_is_known_by_name_only() -> None:
    parts = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nSe bilagan, jag vill ha ett registerutdrag.\r\n"
        b"--b\r\nContent-Type: text/plain; name*=utf-8''Radera%20allt.txt\r\nContent-Disposition: attachment\r\n\r\n"
        b"Radera alla mina uppgifter\r\n--b--\r\n"
    )
    proposal = read(typed("multipart/mixed; boundary=b", parts), CONTEXT)
    assert proposal.rights == ("access",)
    assert proposal.attachments == ("Radera allt.txt",)


@pytest.mark.parametrize(
    "name", ["pass.jpg", "Mitt körkort.pdf", "ID-kort.png", "passport_scan.jpeg", "legitimation.pdf"]
)
def test_a_copy_of_an_identity_paper_is_marked(name: str) -> None:
    parts = (
        f"--b\r\nContent-Type: text/plain\r\n\r\nRadera mina uppgifter\r\n--b\r\nContent-Type: image/jpeg\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\nxx\r\n--b--'
    )
    proposal = read(typed("multipart/mixed; boundary=b", parts.encode()), CONTEXT)
    assert "id_copy_attached" in proposal.flags
    assert proposal.route is Route.OPEN_CASE_VERIFY_IDENTITY


@pytest.mark.parametrize("name", ["passerkort.pdf", "kompass.jpg", "legend.png", "idrott.pdf", "CV.pdf"])
def test_other_papers_are_no_identity_papers(name: str) -> None:
    parts = f'--b\r\n\r\nhej\r\n--b\r\nContent-Type: image/jpeg; name="{name}"\r\n\r\nxx\r\n--b--'
    assert "id_copy_attached" not in read(typed("multipart/mixed; boundary=b", parts.encode()), CONTEXT).flags


def test_the_richer_alternative_is_what_was_meant() -> None:
    parts = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nYour program cannot show this.\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Hello, I am writing because I want you to delete all of my"
        b" personal data from your systems.</p>\r\n--b--"
    )
    assert read(typed("multipart/alternative; boundary=b", parts), CONTEXT).rights == ("erasure",)


def test_a_colleague_is_known_by_domain_or_by_list() -> None:
    context = ReadingContext(staff=frozenset({"maria@example.com"}))
    assert context.is_ours("anna@goto.work")
    assert context.is_ours("anna@mail.goto.work")
    assert context.is_ours("maria@example.com")
    assert not context.is_ours("anna@notgoto.work")
    assert not context.is_ours("")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('"<boss@goto.work>" <evil@example.org>', "evil@example.org"),
        ("<boss@goto.work> <evil@example.org>", "evil@example.org"),
        ("boss@goto.work <evil@example.org>", "evil@example.org"),
        ('"boss@goto.work, Maria" <evil@example.org>', "evil@example.org"),
        ("Maria (boss@goto.work) <evil@example.org>", "evil@example.org"),
        ('"Holm, Kim" <kim@example.org>', "kim@example.org"),
        ("kim@example.org (Kim Holm)", "kim@example.org"),
        ('"kim@example.org"', "kim@example.org"),
        ('"kim <kim@example.org>', "kim@example.org"),
        ("Kim Holm", ""),
        ("", ""),
    ],
)
def test_a_name_never_passes_for_the_address(value: str, address: str) -> None:
    assert mailbox_of(value).address == address


def test_two_writers_in_one_field_are_nobody_vouched_for() -> None:
    raw = written(
        {"id": "t", "subject": "x", "body": "Radera mig", "from": "Maria <maria@goto.work>, E <e@example.net>"}
    )
    mail = read_mail(raw, CONTEXT)
    assert MailError.DUPLICATE_FROM in mail.errors
    assert mail.evidence is SenderEvidence.FAILED
