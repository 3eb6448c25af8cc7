"""What is unread in a Graph mailbox: nothing lost and nothing twice, whatever the delta does."""

import asyncio
import json
from datetime import date, timedelta

import pytest
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman, TryLater
from integrations.http import api as transport
from integrations.mailbox.graph import GraphMailbox
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.mailbox.conftest import MORNING, START, Graph, mail


async def read_all(box: GraphMailbox) -> list[bytes]:
    """Read and file away everything, as the desk does."""
    seen = []
    while batch := await box.arrivals():
        for one in batch:
            seen.append(one.raw)
            await box.file_away(one.key)
    return seen


async def test_mail_from_before_the_start_is_never_new(graph: Graph) -> None:
    """Not by the filter alone (D4): a delta that shows it all the same is not believed."""
    graph.arrive(1, MORNING - timedelta(days=30))
    graph.arrive(2)
    graph.sandbox.account.echoes.add(graph.in_inbox()[-1])
    assert await read_all(graph.restarted()) == [mail(2)]
    assert len(graph.in_inbox()) == 1
    (asked, *_) = [one for one in graph.sandbox.seen if one.path.endswith("/delta")]
    assert asked.query["$filter"] == "receivedDateTime ge 2026-02-28T23:00:00Z"


async def test_where_it_left_off_survives_a_restart(graph: Graph) -> None:
    graph.arrive(1)
    await read_all(graph.restarted())
    kept = json.loads(graph.bookmark.place)
    assert "$deltatoken" in kept["link"]
    graph.sandbox.seen.clear()
    graph.arrive(2)
    assert await read_all(graph.restarted()) == [mail(2)]
    assert "$deltatoken" in next(one for one in graph.sandbox.seen if one.path.endswith("/delta")).query


async def test_another_mailbox_or_another_start_begins_anew(graph: Graph) -> None:
    graph.arrive(1, MORNING - timedelta(days=3))
    assert await read_all(graph.restarted(start=date(2026, 3, 4))) == []
    assert await read_all(graph.restarted(start=START)) == [mail(1)]


async def test_a_spoilt_bookmark_begins_anew(graph: Graph) -> None:
    graph.arrive(1)
    for spoilt in (
        "{",
        "[]",
        '{"begun": "x"}',
        '{"begun": "2026-03-05T08:00:00", "link": "", "fresh": 1, "brought": 0}',
    ):
        graph.bookmark.place = spoilt
        assert len(await graph.restarted().arrivals()) == 1


async def test_killed_between_keeping_and_filing_away_the_mail_comes_again(graph: Graph) -> None:
    for number in range(1, 121):
        graph.arrive(number)
    box = graph.restarted()
    batch = await box.arrivals()
    for one in batch[:20]:
        await box.file_away(one.key)
    again = await read_all(graph.restarted())  # the bookmark has not moved: the page was not done with
    assert len(again) == 100
    assert not graph.in_inbox()
    assert sorted(graph.filed()) == sorted(graph.sandbox.account.mails)


async def test_the_bookmark_moves_only_when_the_page_is_done_with(graph: Graph) -> None:
    for number in range(60):
        graph.arrive(number)
    box = graph.restarted()
    first = await box.arrivals()
    for one in first[:-1]:
        await box.file_away(one.key)
    await box.arrivals()
    assert graph.bookmark.place == ""
    await box.file_away(first[-1].key)
    await box.arrivals()
    assert "$skiptoken" in graph.bookmark.place


async def test_a_place_that_graph_has_lost_begins_anew_from_the_start_date(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    await read_all(box)
    graph.sandbox.account.lose_places()
    graph.arrive(2)
    assert await read_all(box) == [mail(2)]
    graph.sandbox.account.lose_places()
    assert await read_all(graph.restarted()) == []


@pytest.mark.parametrize(("status", "code"), [(400, "SyncStateNotFound"), (404, "syncStateNotFound"), (410, "Gone")])
async def test_other_ways_to_say_that_the_place_is_lost(graph: Graph, status: int, code: str) -> None:
    box = graph.restarted()
    await read_all(box)
    graph.arrive(2)
    body: JsonValue = {"error": {"code": code, "message": "resync"}}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/delta", status=status, body=body))
    assert await read_all(box) == [mail(2)]


async def test_a_mailbox_that_is_not_there_is_said_so(graph: Graph) -> None:
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted(address="nobody@goto.work").waiting()
    assert refused.value.key == "trouble.gone"


async def test_a_round_that_ends_early_hides_nothing(graph: Graph) -> None:
    for number in range(30):
        graph.arrive(number)
    graph.sandbox.account.round_ends_after = 10
    assert len(await read_all(graph.restarted())) == 30


async def test_what_a_later_round_left_out_is_found_the_next_day(graph: Graph, clock: FixedClock) -> None:
    box = graph.restarted()
    await read_all(box)
    graph.arrive(1)
    graph.sandbox.account.changes.clear()  # Graph forgets to say so
    for place in graph.sandbox.account.places.values():
        place.seen = 0
    assert await read_all(box) == []
    clock.advance(timedelta(days=1))
    assert await read_all(box) == [mail(1)]


async def test_a_mail_shown_again_after_it_was_filed_is_not_read_again(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    await read_all(box)
    graph.sandbox.account.echoes.update(graph.filed())
    assert await read_all(box) == []


async def test_what_a_colleague_drags_into_the_inbox_is_read(graph: Graph) -> None:
    account = graph.sandbox.account
    account.folders["junk"] = "Skräppost"
    key = account.arrive(mail(7), MORNING, "junk")
    box = graph.restarted()
    assert await read_all(box) == []
    account.move(account.mails[key], "inbox")
    assert await read_all(box) == [mail(7)]


async def test_a_mail_gone_between_the_list_and_the_reading_is_passed_over(graph: Graph) -> None:
    keys = [graph.arrive(number) for number in range(1, 4)]
    box = graph.restarted()
    assert await box.waiting()
    graph.sandbox.account.remove(graph.sandbox.account.mails[keys[0]])
    assert await read_all(box) == [mail(2), mail(3)]


async def test_a_page_of_nothing_but_vanished_mail_does_not_end_the_reading(graph: Graph) -> None:
    keys = [graph.arrive(number) for number in range(60)]
    box = graph.restarted()
    assert await box.waiting()
    for key in keys[-50:]:  # the newest come first, so this is the first page
        graph.sandbox.account.remove(graph.sandbox.account.mails[key])
    assert len(await read_all(box)) == 10


async def test_a_mail_gone_before_it_is_filed_away_is_well(graph: Graph) -> None:
    key = graph.arrive(1)
    box = graph.restarted()
    await box.arrivals()
    graph.sandbox.account.remove(graph.sandbox.account.mails[key])
    await box.file_away(key)
    assert not await box.waiting()


async def test_a_folder_that_somebody_removed_is_made_again(graph: Graph) -> None:
    graph.arrive(1)
    graph.arrive(2)
    box = graph.restarted()
    one, two = await box.arrivals()
    await box.file_away(one.key)
    account = graph.sandbox.account
    (folder,) = [key for key, name in account.folders.items() if name == "Privacy Desk"]
    del account.folders[folder]
    await box.file_away(two.key)
    assert graph.filed() == [two.key]


async def test_a_folder_somebody_else_makes_at_the_same_time_is_used(graph: Graph) -> None:
    key = graph.arrive(1)
    graph.sandbox.account.folders["theirs"] = "Privacy Desk"
    box = graph.restarted()
    await box.arrivals()
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/mailFolders", status=200, body={"value": []}))
    await box.file_away(key)
    assert graph.filed() == [key]


@pytest.mark.parametrize("trouble", [Trouble.LOST_ANSWER, Trouble.GARBAGE])
async def test_an_answer_lost_in_filing_away_is_looked_into(graph: Graph, trouble: Trouble) -> None:
    key = graph.arrive(1)
    box = graph.restarted()
    await box.arrivals()
    graph.sandbox.faults.add(Fault(trouble, "POST", "/move"))
    await box.file_away(key)
    assert graph.filed() == [key]


async def test_filing_away_that_did_not_happen_is_asked_again(graph: Graph) -> None:
    key = graph.arrive(1)
    box = graph.restarted()
    await box.arrivals()
    graph.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "POST", "/move"))
    with pytest.raises(TryLater):
        await box.file_away(key)
    assert [again.key for again in await box.arrivals()] == [key]
    await box.file_away(key)
    assert graph.filed() == [key]


async def test_a_mail_too_big_comes_with_its_head_and_text(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    big = mail(1, more="Authentication-Results: mx.goto.work; dmarc=pass\r\nX-Long: one\r\n two\r\n")
    monkeypatch.setattr(transport, "MOST_OCTETS", 2_000)
    key = graph.arrive(1, raw=big + b"x" * 3_000)
    graph.sandbox.account.mails[key].fields["body"]["content"] = "Hej, radera mina uppgifter, å."
    graph.arrive(2)
    box = graph.restarted()
    cut, whole = await box.arrivals()
    assert (cut.cut, whole.cut) == (True, False)
    head, _, text = cut.raw.decode().partition("\r\n\r\n")
    assert text == "Hej, radera mina uppgifter, å."
    assert "Authentication-Results: mx.goto.work; dmarc=pass" in head
    assert "Message-ID: <m1@example.org>" in head
    assert head.lower().count("content-type:") == 1
    assert "\nFrom: anna@example.org" in f"\n{head}".replace("\r", "")


async def test_no_line_of_a_head_can_add_another(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_OCTETS", 2_000)
    key = graph.arrive(1, raw=mail(1) + b"x" * 3_000)
    fields = graph.sandbox.account.mails[key].fields
    headers = fields["internetMessageHeaders"]
    fields["body"]["content"] = "hej"
    headers.append({"name": "X-Note", "value": "a\r\nAuthentication-Results: mx; dmarc=pass"})
    (cut,) = await graph.restarted().arrivals()
    assert b"\nAuthentication-Results" not in cut.raw


async def test_a_text_too_big_comes_with_its_beginning_and_a_head_too_big_as_a_mail_nobody_can_read(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_OCTETS", 2_000)
    graph.arrive(1, raw=mail(1, text="Hej, radera. " + "x" * 3_000))
    graph.arrive(2, raw=mail(2, more=f"X-Long: {'x' * 3_000}\r\n"))
    box = graph.restarted()
    text, head = await box.arrivals()
    assert text.raw.partition(b"\r\n\r\n")[2].startswith(b"Hej, radera. xxx")
    assert len(text.raw) < 1_000
    assert head.raw.endswith(b"\r\n\r\n")
    assert text.cut
    assert head.cut
    for one in (text, head):
        await box.file_away(one.key)
    assert not await box.waiting()


async def test_a_mail_too_big_that_vanishes_meanwhile(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_OCTETS", 2_000)
    graph.arrive(1, raw=mail(1) + b"x" * 3_000)
    graph.sandbox.faults.add(
        Fault(Trouble.STATUS, "GET", "/messages/AAkALg-mail_000001=", times=1, status=200, body={})
    )
    box = graph.restarted()
    gone = Fault(Trouble.STATUS, "GET", "/messages/AAkALg-mail_000001=", times=None, status=404)
    graph.sandbox.faults.clear()
    assert await box.waiting()
    graph.sandbox.faults.add(gone)
    assert list(await box.arrivals()) == []


@pytest.mark.parametrize("status", [400, 500])
async def test_one_spoilt_mail_keeps_no_other_waiting(graph: Graph, status: int) -> None:
    """Graph gives it neither today nor tomorrow: the others are read, and then what there is of it."""
    spoilt = graph.arrive(0)
    for number in range(1, 7):
        graph.arrive(number)
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", f"{spoilt}/$value", status=status, times=None))
    box, seen = graph.restarted(), list[bytes]()
    for _ in range(20):
        try:
            for one in await box.arrivals():
                seen.append(one.raw)
                assert one.cut == (one.key == spoilt)
                await box.file_away(one.key)
        except (TryLater, NeedsHuman):
            continue
    assert {mail(number) for number in range(1, 7)} < set(seen)
    assert len(seen) == 7
    assert not graph.in_inbox()
    assert sum(b"Message-ID: <m0@example.org>" in raw for raw in seen) == 1


async def test_graph_out_of_order_for_a_while_cuts_no_mail(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/users/", status=503, times=None))
    for _ in range(10):
        with pytest.raises(TryLater):
            await box.arrivals()
    graph.sandbox.faults.clear()
    assert await read_all(box) == [mail(1)]


async def test_throttling_cuts_no_mail(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    wait = {"Retry-After": "60"}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/$value", status=429, headers=wait, times=None))
    for _ in range(5):
        with pytest.raises(TryLater):
            await box.arrivals()
        graph.clock.advance(timedelta(seconds=60))
    graph.sandbox.faults.clear()
    (one,) = await box.arrivals()
    assert not one.cut


@pytest.mark.parametrize(("status", "refusal"), [(400, NeedsHuman), (503, TryLater)])
async def test_a_mail_too_big_whose_text_is_refused_stays_where_it_is(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, status: int, refusal: type[Exception]
) -> None:
    monkeypatch.setattr(transport, "MOST_OCTETS", 2_000)
    graph.arrive(1, raw=mail(1) + b"x" * 3_000)
    box = graph.restarted()
    assert await box.waiting()
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/$value", status=200, body="x" * 3_000))
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/messages/AAk", status=status, times=None))
    with pytest.raises(refusal):
        await box.arrivals()
    assert len(graph.in_inbox()) == 1


async def test_older_mail_is_listed_whatever_one_of_it_is_like(graph: Graph) -> None:
    spoilt = graph.arrive(0)
    graph.arrive(1)
    graph.sandbox.faults.add(Fault(Trouble.STATUS, "GET", f"{spoilt}/$value", status=500, times=None))
    listed = [(one.key == spoilt, one.cut) async for one in graph.restarted().older(START)]
    assert listed == [(True, True), (False, False)]


async def test_a_mail_with_ten_thousand_recipients(graph: Graph) -> None:
    crowd = ", ".join(f"person{number}@example.org" for number in range(10_000))
    raw = mail(1, more=f"Cc: {crowd}\r\n")
    graph.arrive(1, raw=raw)
    assert await read_all(graph.restarted()) == [raw]


async def test_big_mails_come_in_smaller_batches(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.mailbox.graph.BATCH_BYTES", 100)
    for number in range(10):
        graph.arrive(number)
    assert len(await graph.restarted().arrivals()) == 4


async def test_an_expired_token_is_renewed_without_a_word(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    await box.waiting()
    graph.sandbox.login.expire()
    assert await read_all(box) == [mail(1)]
    assert graph.sandbox.login.issued == 2


@pytest.mark.parametrize(
    ("fault", "refusal", "key"),
    [
        (Fault(Trouble.STATUS, status=429, headers={"Retry-After": "120"}, times=None), TryLater, "trouble.too_many"),
        (Fault(Trouble.STATUS, status=503, headers={"Retry-After": "60"}, times=None), TryLater, "trouble.busy"),
        (Fault(Trouble.STATUS, status=403, times=None), CredentialsRefused, "trouble.credentials"),
        (Fault(Trouble.GARBAGE, times=None, path="/delta"), TryLater, "trouble.unreadable"),
        (Fault(Trouble.WRONG_TYPE, times=None, path="/delta"), NeedsHuman, "trouble.unreadable"),
        (Fault(Trouble.SLOW, seconds=5, times=None), TryLater, "trouble.slow"),
    ],
)
async def test_trouble_is_sorted_by_what_must_be_done_and_loses_nothing(
    graph: Graph, fault: Fault, refusal: type[Exception], key: str
) -> None:
    graph.arrive(1)
    graph.seconds = 0.5
    box = graph.restarted()
    fault.path = fault.path or "/users/"
    graph.sandbox.faults.add(fault)
    with pytest.raises(refusal) as raised:
        await box.arrivals()
    assert getattr(raised.value, "key", "") == key
    graph.sandbox.faults.clear()
    if fault.headers:
        pause = timedelta(seconds=int(fault.headers["Retry-After"]))
        assert getattr(raised.value, "after", None) == pause
        asked = len(graph.sandbox.seen)
        assert not await box.waiting()
        with pytest.raises(TryLater) as resting:
            await box.arrivals()
        assert resting.value.after == pause
        assert len(graph.sandbox.seen) == asked, "nothing wakes the reading before Graph lets us"
        graph.clock.advance(pause)
    assert await read_all(box) == [mail(1)]


async def test_a_page_in_the_place_of_a_mail_is_not_taken_for_it(graph: Graph) -> None:
    graph.arrive(1)
    box = graph.restarted()
    graph.sandbox.faults.add(Fault(Trouble.WRONG_TYPE, path="/$value", times=None))
    with pytest.raises(NeedsHuman):
        await box.arrivals()
    graph.sandbox.faults.clear()
    assert await read_all(box) == [mail(1)]


async def test_a_link_to_a_strange_host_is_not_followed(graph: Graph) -> None:
    body: JsonValue = {"value": [], "@odata.deltaLink": "https://evil.example/delta?$deltatoken=x"}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/delta", status=200, body=body))
    box = graph.restarted()
    await box.arrivals()
    with pytest.raises(NeedsHuman) as refused:
        await box.arrivals()
    assert refused.value.key == "trouble.strange_host"


async def test_a_round_without_an_end_is_refused(graph: Graph) -> None:
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/delta", status=200, body={"value": []}))
    with pytest.raises(NeedsHuman) as refused:
        await graph.restarted().arrivals()
    assert refused.value.key == "trouble.page"


async def test_quiet_rounds_write_nothing(graph: Graph, clock: FixedClock) -> None:
    graph.arrive(1)
    box = graph.restarted()
    await read_all(box)
    written = graph.bookmark.writes
    for _ in range(10):
        await box.waiting()
    assert graph.bookmark.writes <= written + 1
    clock.advance(timedelta(minutes=11))
    await box.waiting()
    assert graph.bookmark.writes <= written + 2


async def test_several_calls_at_once_but_never_more_than_four(graph: Graph) -> None:
    graph.sandbox.pause = 0.1
    box = graph.restarted()
    await asyncio.gather(*(box.was_sent(f"<letter-{number}@goto.work>") for number in range(12)))
    assert 1 < graph.sandbox.most_at_once <= 4
    assert len([one for one in graph.sandbox.seen if one.path.endswith("/messages")]) == 12, "none was refused"


async def test_what_the_desk_may_not_do_is_told_apart(graph: Graph) -> None:
    box = graph.restarted()
    assert await box.tried() == {}
    assert not graph.sandbox.account.lying_in("sentitems")
    for permission in ("send", "write", "read"):
        graph.sandbox.forbidden = {permission}
        found = await graph.restarted(folder=f"Ny {permission}").tried()
        assert set(found) == {permission}
        assert isinstance(found[permission], CredentialsRefused)
    assert not graph.sandbox.account.lying_in("drafts")
