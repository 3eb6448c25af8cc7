"""Forwards and replies: whose mail it is, since when, and what was only quoted."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.request import Channel, Route, SenderEvidence
from bot.reading import read, read_text
from bot.reading.dates import moment_in
from bot.reading.quotes import take_apart
from tests.reading.mails import CONTEXT, written

SWEDEN = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("den 18 maj 2026 21:47", "2026-05-18T21:47:00+02:00"),
        ("måndag 18 maj 2026 kl. 21.47", "2026-05-18T21:47:00+02:00"),
        ("den 18 maj 2026 kl 09:47 em", "2026-05-18T21:47:00+02:00"),
        ("Friday, September 25, 2026 4:12 PM", "2026-09-25T16:12:00+02:00"),
        ("Friday, 25 September 2026 16:12", "2026-09-25T16:12:00+02:00"),
        ("Fri, Sep 25, 2026 at 4:12\u202fPM", "2026-09-25T16:12:00+02:00"),
        ("Fri, 25 Sep 2026 16:12:33 +0000", "2026-09-25T16:12:33+00:00"),
        ("25 september 2026 16:12:33 CEST", "2026-09-25T16:12:33+02:00"),
        ("September 25, 2026 at 4:12:33 PM GMT+2", "2026-09-25T16:12:33+02:00"),
        ("2026-09-25 16:12", "2026-09-25T16:12:00+02:00"),
        ("25.09.2026 16:12", "2026-09-25T16:12:00+02:00"),
        ("9/25/2026 4:12 PM", "2026-09-25T16:12:00+02:00"),
        ("25/09/2026 16:12", "2026-09-25T16:12:00+02:00"),
        ("tors 10 sep. 2026 kl 13:05", "2026-09-10T13:05:00+02:00"),
        ("1 January 2026 12:30 AM", "2026-01-01T00:30:00+01:00"),
    ],
)
def test_a_moment_is_read_as_mail_programs_write_it(text: str, moment: str) -> None:
    read_as = moment_in(text, SWEDEN)
    assert read_as is not None
    assert (read_as.moment, read_as.sure) == (datetime.fromisoformat(moment), True)


@pytest.mark.parametrize("text", ["4/5/2026 10:00", "18 maj 2026", "den 18 maj 2026 99:99"])
def test_a_moment_that_can_be_read_in_two_ways_says_so(text: str) -> None:
    read_as = moment_in(text, SWEDEN)
    assert read_as is not None
    assert not read_as.sure


@pytest.mark.parametrize("text", ["", "i tisdags", "31 februari 2026 10:00", "12:30", "99/99/2026"])
def test_what_names_no_day_is_no_moment(text: str) -> None:
    assert moment_in(text, SWEDEN) is None


QUOTED = "\nRadera mina uppgifter"


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----\nFrom: A <a@example.org>\nSent: Friday, September 25, 2026 4:12 PM\nSubject: x\n",
        "Från: A <a@example.org>\nSkickat: den 25 september 2026 16:12\nTill: B\nÄmne: x\n",
        "*Från:* A <a@example.org>\n*Skickat:* den 25 september 2026 16:12\n*Till:* B\n*Ämne:* x\n",
        "On Fri, 25 Sep 2026 at 16:12, A <a@example.org> wrote:\n",
        "On Fri, 25 Sep 2026 at 16:12,\nA person with a long name <a@example.org>\nwrote:\n",
        "Den fre 25 sep. 2026 kl 16:12 skrev A <a@example.org>:\n",
        "25 sep. 2026 kl. 16:12 skrev A <a@example.org>:\n",
    ],
)
def test_what_stands_below_a_mark_is_quoted(mark: str) -> None:
    thread = take_apart("Tack!\n\n" + mark + QUOTED)
    assert thread.own.strip() == "Tack!"
    assert "Radera" in thread.below


def test_answers_between_quotations_are_the_writers_own() -> None:
    thread = take_apart("Hej\n> fråga ett\nsvar ett\n> fråga två\nsvar två")
    assert thread.own == "Hej\nsvar ett\nsvar två"


@pytest.mark.parametrize(
    "text", ["Från: mars till maj\nvill jag ha hjälp", "Date: not today\nFrom: me\nhello", "To: do\n"]
)
def test_words_that_look_like_labels_are_no_header(text: str) -> None:
    assert take_apart(text).blocks == ()


def wish(**more: object) -> bytes:
    return written({"id": "f", "subject": "VB: x", "from": "Maria <maria@goto.work>", "language": "sv", **more})


def test_a_mail_forwarded_as_attachment_keeps_its_own_receipt() -> None:
    inner = (
        "Received: from x by mx1.gotowork.example with ESMTPS id 9; Mon, 02 Mar 2026 07:00:00 +0100\r\n"
        "From: Eva Lind <eva.lind@example.se>\r\nSubject: Utdrag\r\n\r\nJag vill ha ett registerutdrag."
    )
    outer = wish(body="Se bifogat").decode()
    head = outer.partition("Content-Type")[0]
    parts = f"--b\r\n\r\nSe bifogat, radera den sen\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    proposal = read(f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}".encode(), CONTEXT)
    assert proposal.rights == ("access",)
    assert proposal.subject_email == "eva.lind@example.se"
    assert proposal.clock_start == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert proposal.sender is SenderEvidence.FORWARDED


def test_a_moment_after_the_forward_is_not_believed() -> None:
    body = "Från: Eva <eva@example.se>\nSkickat: den 18 maj 2031 21:47\nTill: info\nÄmne: x\n\nRadera mina uppgifter"
    proposal = read(wish(body=body), CONTEXT)
    assert proposal.clock_start == proposal.received
    assert proposal.clock_unsure


def test_a_forward_by_somebody_outside_moves_no_clock() -> None:
    body = "Från: Eva <eva@example.se>\nSkickat: den 1 mars 2026 21:47\nTill: info\nÄmne: x\n\nRadera mina uppgifter"
    proposal = read(wish(**{"from": "Kim <kim@example.org>"}, body=f"Ta bort mina uppgifter\n\n{body}"), CONTEXT)
    assert proposal.clock_start == proposal.received
    assert proposal.subject_email == "kim@example.org"


def test_what_a_colleague_tells_is_settled_by_a_person() -> None:
    body = "Hej, en man ringde i fredags och vill bli raderad ur registret, hans mejl är per.ek@example.se"
    proposal = read(wish(body=body, subject="Samtal"), CONTEXT)
    assert proposal.is_request
    assert (proposal.subject_email, proposal.route) == ("per.ek@example.se", Route.HUMAN_REVIEW)
    assert proposal.clock_unsure


def test_our_web_form_names_the_person() -> None:
    body = "Namn: Per Ek\nE-post: per.ek@example.se\nMeddelande: Radera alla uppgifter ni har om mig."
    proposal = read(wish(body=body, subject="Kontaktformulär", headers=["Auto-Submitted: auto-generated"]), CONTEXT)
    assert proposal.rights == ("erasure",)
    assert (proposal.subject_email, proposal.subject_name) == ("per.ek@example.se", "Per Ek")


def test_a_request_that_stands_only_in_a_quotation_opens_no_case() -> None:
    body = "Tack!\n\nDen 1 mars 2026 skrev Kim <kim.holm@example.org>:\n> Radera alla mina uppgifter"
    proposal = read(written({"id": "q", "subject": "SV: hej", "body": body}), CONTEXT)
    assert not proposal.is_request


def test_an_unanswered_request_below_a_reminder_is_a_doubt_for_a_person() -> None:
    quoted = "Den 1 feb 2026 skrev Kim <kim.holm@example.org>:\n> Radera alla mina uppgifter"
    body = f"Jag har inte fått något svar på detta?\n\n{quoted}"
    proposal = read(written({"id": "q", "subject": "SV: hej", "body": body}), CONTEXT)
    assert proposal.is_request
    assert proposal.route is Route.HUMAN_REVIEW
    assert "quoted_request_only" in proposal.flags


def test_typed_text_is_read_with_its_own_receipt() -> None:
    at = datetime(2026, 3, 2, 6, tzinfo=UTC)
    proposal = read_text(
        "Person ringde: vill ha ett registerutdrag.", received=at, channel=Channel.PHONE, context=CONTEXT,
        requester_email=" Kim@Example.org ",
    )  # fmt: skip
    assert proposal.rights == ("access",)
    assert (proposal.clock_start, proposal.requester_email) == (at, "kim@example.org")
    assert not proposal.clock_unsure


def test_typed_text_without_an_address_finds_it_in_the_words() -> None:
    at = datetime(2026, 3, 2, 6, tzinfo=UTC)
    text = "Radera uppgifterna om kim@example.org, hen frågade i chatten."
    proposal = read_text(text, received=at, channel=Channel.CHAT, context=CONTEXT)
    assert proposal.subject_email == "kim@example.org"
    assert proposal.is_request
