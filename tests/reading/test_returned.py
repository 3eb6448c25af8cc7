"""What machines send about our letters: which came back, which only got an answer, which are our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import Return, own_letter, returned

OURS = "0123456789abcdef0123456789abcdef"
ID = f"<{OURS}@goto.work>"


def mail(head: str, body: str = "x") -> bytes:
    return f"{head}\n\n{body}\n".encode()


REPORT = 'Content-Type: multipart/report; report-type={kind}; boundary="b"'


def report(action: str = "", kind: str = "delivery-status", ref: str = ID) -> bytes:
    status = f"Action: {action}\n" if action else "Status: 5.1.1\n"
    body = f"--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n{status}\n--b\n\nMessage-ID: {ref}\n--b--"
    return mail(f"From: postmaster@x.example\n{REPORT.format(kind=kind)}", body)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (report("failed"), Return((OURS,), failed=True)),
        (report("delayed"), Return((OURS,), failed=False)),
        (report("relayed"), Return((OURS,), failed=False)),
        (report(), Return((OURS,), failed=True)),
        (report("displayed", "disposition-notification"), Return((OURS,), failed=False)),
        (report("failed", ref="<strange@goto.work>"), None),
        (report("failed", ref=f"<{OURS}@evil.example>"), None),
        (mail("From: MAILER-DAEMON@x.example\nSubject: failure notice", ID), Return((OURS,), failed=True)),
        (mail("From: postmaster@x.example\nSubject: Delayed: Hej", ID), Return((OURS,), failed=False)),
        (mail("From: postmaster@x.example\nSubject: Fördröjd leverans", ID), Return((OURS,), failed=False)),
        (mail(f"From: a@x.example\nX-Failed-Recipients: b@x.example\nReferences: {ID}"), Return((OURS,), failed=True)),
        (mail(f"From: a@x.example\nAuto-Submitted: auto-replied\nIn-Reply-To: {ID}"), Return((OURS,), failed=False)),
        (mail(f"From: a@x.example\nX-Autoreply: yes\nReferences: <a@b> {ID}"), Return((OURS,), failed=False)),
        (mail(f"From: a@x.example\nPrecedence: auto_reply\nIn-Reply-To: {ID}"), Return((OURS,), failed=False)),
        (mail(f"From: a@x.example\nAuto-Submitted: no\nIn-Reply-To: {ID}"), None),
        (mail(f"From: a@x.example\nSubject: Out of office\nIn-Reply-To: {ID}"), None),
        (mail("From: a@x.example\nAuto-Submitted: auto-replied", ID), None),
        (mail(f"From: a@x.example\nIn-Reply-To: {ID}", "Action: failed"), None),
    ],
)
def test_what_a_machine_says_of_a_letter(raw: bytes, expected: Return | None) -> None:
    """The last rows are people's mail, or machines' that only quote us: words alone make nobody a machine."""
    assert returned(raw, "goto.work") == expected


def test_an_id_broken_over_two_lines_is_read_whole() -> None:
    raw = mail("From: MAILER-DAEMON@x.example\nSubject: failed", f"Message-ID: <{OURS[:20]}=\n{OURS[20:]}@goto.work>")
    assert returned(raw, "goto.work") == Return((OURS,), failed=True)


def test_a_letter_of_ours_is_known_by_its_id_and_our_address() -> None:
    assert own_letter(mail(f"From: GoToWork <info@goto.work>\nMessage-ID: {ID}"), "info@goto.work") == OURS
    assert not own_letter(mail(f"From: x@example.org\nMessage-ID: {ID}"), "info@goto.work")
    assert not own_letter(mail(f"From: info@goto.work\nMessage-ID: <x@goto.work>\nReferences: {ID}"), "info@goto.work")


@given(st.binary(max_size=400))
def test_no_bytes_break_it(raw: bytes) -> None:
    returned(b"From: mailer-daemon@x\n" + raw, "goto.work")
    own_letter(raw, "info@goto.work")
