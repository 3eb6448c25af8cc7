"""The same person asks the same twice: shown, both clocks honoured, put together by a person or not at all (F06)."""

from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow, NotYours, StaleCard
from bot.domain.request import RequestType
from bot.domain.ticket import MAY_TAKE_BACK, Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, find, verbs, words
from tests.journeys.replies import COPY, ERASE, reply
from tests.journeys.test_turns import BREACH
from tests.journeys.walks import PRIYA, at_decision

SECOND = "PR-2026-0002"


async def twice(desk: Furnished, text: str = ERASE) -> None:
    """Let the same person write again two days later, naming nothing."""
    await at_decision(desk, "erase")
    await desk.later(timedelta(days=2))
    await desk.mail(reply(desk, text, ref="", quoted=False))


async def test_the_same_right_twice_is_shown_with_both_dates_and_merged_by_a_person(desk: Furnished) -> None:
    await twice(desk)
    first, second = await desk.ticket(), await desk.ticket(SECOND)
    assert second.stage is Stage.RECEIVED, "never by itself"
    card = words(await desk.card("sara", SECOND))
    house = desk.opened.house
    assert f"Samma person och rätt finns öppen i {FIRST} · Måldatum" in card
    assert house.texts.day(desk.who("sara").language, house.nearest(first).safe_target) in card
    assert house.texts.day(desk.who("sara").language, house.nearest(second).safe_target) in card
    assert f"The same person and right is open in {FIRST}" in words(await desk.card("david", SECOND))
    assert find(await desk.card("sara", SECOND), Verb.JOIN).label == "Slå ihop…"
    shown = [message for message in desk.slack.in_channel("C0TICKETS") if SECOND in message.text]
    assert shown
    assert PRIYA not in str([message.blocks for message in shown])
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    merged = await desk.ticket(SECOND)
    assert (merged.parts[0].outcome, merged.parts[0].reason) == (Outcome.JOINED, "reason.duplicate")
    assert merged.parts[0].received == second.parts[0].received, "its own receipt is kept"
    assert (await desk.ticket()).parts == first.parts, "the older one's earlier date governs"
    assert ERASE in (await desk.review("sara"))[2]
    assert not any("T1" in str(entry.facts) for entry in await desk.events(SECOND))


async def test_an_earlier_date_governs_whichever_ticket_it_came_by(desk: Furnished) -> None:
    """A colleague finds the mail that came first: merged into the one that runs, its clock is honoured."""
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, ERASE, ref="", quoted=False))
    await desk.fill("sara", Verb.CHANGE, {"received": "2026-03-02T08:00", "received_why": "låg kvar"}, SECOND)
    earlier = (await desk.ticket(SECOND)).parts[0].received
    assert earlier < (await desk.ticket()).parts[0].received
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert (await desk.ticket()).parts[0].received == earlier


async def test_a_forward_of_what_came_directly_is_recognised(desk: Furnished) -> None:
    """Same words, another Message-ID, through a colleague's hands."""
    await desk.mail(reply(desk, ERASE, ref="", quoted=False))
    await desk.later(timedelta(hours=2))
    forward = (
        "From: Maria Ek <maria.ek@gotowork.example>\nTo: info@goto.work\nSubject: VB: Din begaran\n"
        "Date: Mon, 9 Mar 2026 11:30:00 +0000\nMessage-ID: <forward@gotowork.example>\n"
        "Content-Type: text/plain; charset=utf-8\n\nFYI\n\n-----Ursprungligt meddelande-----\n"
        f"Från: Priya Natarajan <{PRIYA}>\nSkickat: den 9 mars 2026 10:05\nTill: info@goto.work\n"
        f"Ämne: Din begäran\n\nHej!\n\n{ERASE}\n"
    )
    await desk.mail(forward.encode())
    assert len(await desk.tickets()) == 2
    card = await desk.card("sara", SECOND)
    assert f"Samma person och rätt finns öppen i {FIRST}" in words(card)
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert (await desk.ticket(SECOND)).parts[0].outcome is Outcome.JOINED


async def test_merging_never_narrows(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "hemadress"})
    await desk.press("sara", Verb.CONFIRM)
    await desk.mail(reply(desk, ERASE, ref="", quoted=False))
    with pytest.raises(NotAllowedNow) as refused:
        await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    said = desk.opened.desk.explain(desk.who("sara").language, refused.value)
    assert f"{FIRST} gäller bara en del" in said
    assert (await desk.ticket(SECOND)).stage is Stage.RECEIVED


async def test_a_narrower_wish_put_into_a_wider_case_stops_it_until_somebody_has_read_it(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, "Ta bort min hemadress.", ref="", quoted=False))
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "hemadress"}, SECOND)
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert MAY_TAKE_BACK in (await desk.ticket()).flags


async def test_other_rights_are_shown_by_reference_and_may_become_parts_there(desk: Furnished) -> None:
    await twice(desk, COPY)
    card = words(await desk.card("sara", SECOND))
    assert f"Andra öppna ärenden för personen: {FIRST}" in card
    assert "Samma person och rätt" not in card
    with pytest.raises(NotYours):
        await desk.fill("karin", Verb.JOIN, {"way": FIRST}, SECOND)
    received = (await desk.ticket(SECOND)).parts[0].received
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    parts = (await desk.ticket()).parts
    assert [part.type for part in parts] == [RequestType.ERASURE, RequestType.ACCESS]
    assert parts[1].received == received
    assert (await desk.ticket(SECOND)).parts[0].reason == "reason.joined"


async def test_another_person_at_the_same_address_is_nobodys_double(desk: Furnished) -> None:
    """An agent writes for two people: two cases, and neither says anything of the other."""
    await at_decision(desk, "erase")
    text = "Min man Arun vill bli raderad ur era register, hans adress är arun.natarajan@example.org."
    await desk.mail(reply(desk, text, ref="", quoted=False))
    card = await desk.card("sara", SECOND)
    assert FIRST not in words(card)
    assert Verb.JOIN not in verbs(card)


async def test_what_is_the_officers_is_shown_to_officers_alone(desk: Furnished) -> None:
    await desk.mail(BREACH)
    await desk.mail(reply(desk, COPY, ref="", quoted=False))
    assert FIRST not in words(await desk.card("sara", SECOND))
    assert FIRST in words(await desk.card("maria", SECOND))
    form = await desk.form("maria", Verb.JOIN, SECOND)
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("karin"), form.press, {"way": (FIRST,)})
    with pytest.raises(NotAllowedNow, match="nothing_to_join"):
        await desk.opened.desk.submit(desk.who("sara"), form.press, {"way": (FIRST,)})


async def test_nothing_moves_once_work_has_begun(desk: Furnished) -> None:
    await twice(desk)
    form = await desk.form("sara", Verb.JOIN, SECOND)
    await desk.press("sara", Verb.CONFIRM, SECOND)
    with pytest.raises(StaleCard):
        await desk.send("sara", form, {"way": FIRST})
    assert (await desk.ticket()).parts[0].stage is Stage.DECIDING
