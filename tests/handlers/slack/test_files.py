"""The parcel a mail is put together in, and where the token may go."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import ReadingContext, read
from handlers.slack.files import _is_slacks
from handlers.slack.parcel import Hung, Parcel, written

API = "https://slack.com/api/"
ARRIVED = datetime(2026, 3, 5, 8, 40, tzinfo=UTC)
HEADS = {b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"reply-to", b"mime-version"}


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/mail", True),
        ("https://slack.com/x", True),
        ("https://slack.com/api/x", True),
        ("http://files.slack.com/x", False),
        ("https://slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://user@evil.example/slack.com", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://drive.example/x", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_alone(url: str, may: bool) -> None:
    assert _is_slacks(url, API) is may


def test_a_configured_address_is_trusted_with_its_port() -> None:
    assert _is_slacks("http://127.0.0.1:5000/files/x", "http://127.0.0.1:5000/api/")
    assert not _is_slacks("http://127.0.0.1:5001/files/x", "http://127.0.0.1:5000/api/")


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_value_becomes_a_field_a_part_or_an_error(value: str, name: str, kind: str) -> None:
    """Whatever a stranger writes, the head holds the fields we put there and the body the words we put there."""
    raw = written(
        Parcel(
            senders=((name, "priya@example.org"),),
            recipients=((value, value),),
            fields=(("Subject", value), ("Message-ID", value), ("Reply-To", name)),
            bodies=(
                ("text/plain; charset=utf-8", b"Radera mina uppgifter"),
                ("text/html; charset=utf-8", b"<p>Hej</p>"),
            ),
            hung=(Hung(value, kind),),
        )
    )
    head, _, _ = raw.partition(b"\r\n\r\n")
    fields = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in {b" ", b"\t"}]
    assert set(fields) <= HEADS | {b"content-type"}
    assert len(fields) == len(set(fields))
    proposal = read(raw, ReadingContext(), ARRIVED)
    assert proposal.requester_email == "priya@example.org"
    assert proposal.text == "Radera mina uppgifter"
    assert proposal.received == ARRIVED
    assert "malformed_headers" not in proposal.errors
