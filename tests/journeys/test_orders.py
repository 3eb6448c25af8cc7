"""What is set for the whole desk: who is on call, and what is stopped (D9, D28)."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.check import problems
from bot.app.clock import SystemClock
from bot.card import Form, Press, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.task import TaskState
from bot.ports import ALL_SYSTEMS, Pause, SetShift
from bot.services.staff import roster
from tests.databases import opened
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, furnished, verbs, words
from tests.journeys.walks import at_decision, confirmed_by_link, states


async def said(desk: Furnished, name: str, text: str) -> str:
    """Return what a colleague is answered, in words; what follows happens."""
    shown = await desk.opened.desk.say(desk.who(name), text)
    await desk.settle()
    return words(shown)


async def refused(desk: Furnished, name: str, text: str) -> str:
    """Return the sentence by which somebody is refused."""
    with pytest.raises((NotYours, NotAllowedNow, NotFound)) as why:
        await desk.opened.desk.say(desk.who(name), text)
    return desk.opened.desk.explain(desk.who(name).language, why.value)


async def go_on(desk: Furnished, name: str, text: str) -> str:
    """Resume, as asked back; return what is shown then."""
    form = await desk.opened.desk.say(desk.who(name), text)
    assert isinstance(form, Form)
    return words(await desk.send(name, form, {"checked": "may_go_on"}))


def asked(desk: Furnished) -> int:
    """Return how many times HubSpot was asked anything."""
    return len(desk.vendors["hubspot"].sandbox.seen)


# --- stopping ---------------------------------------------------------------------------------------


async def test_a_stopped_system_is_not_called_and_goes_on_in_order(desk: Furnished) -> None:
    """The others work meanwhile; deadlines run on and the card says so."""
    assert "HubSpot" in await said(desk, "karin", "stoppa HubSpot")
    first, second = await desk.sample("access"), await desk.sample("erase")
    before = asked(desk)
    for ref in (second, first):
        await desk.press("sara", Verb.CONFIRM, ref)
    await desk.later(timedelta(hours=3), steps=3)
    assert asked(desk) == before, "no vendor call was begun"
    for ref in (first, second):
        found = states(await desk.ticket(ref), "find")
        assert found["hubspot"] is TaskState.READY
        assert found["eventbrite"] not in (TaskState.READY, TaskState.RUNNING), "the others work"
        card = words(await desk.card("sara", ref))
        assert "Stoppat av Karin" in card
        assert "löper ändå" in card
    shown = await go_on(desk, "karin", "återuppta hubspot")
    assert "Inget är stoppat" in shown
    for ref in (first, second):
        assert states(await desk.ticket(ref), "find")["hubspot"] is not TaskState.READY
        assert "Stoppat av" not in words(await desk.card("sara", ref))
    async with desk.opened.house.work() as unit:
        tried = await unit.ledger.told([LedgerEvent.ATTEMPTED])
    order = [
        entry.chain for entry in tried if entry.facts["system"] == "hubspot" and entry.facts["operation"] == "find"
    ]
    assert order == [(await desk.ticket(ref)).id for ref in (first, second)], "oldest request first"


async def test_everything_is_an_officers_to_stop(desk: Furnished) -> None:
    for name in ("sara", "karin", "david"):
        assert "Maria Ek" in await refused(desk, name, "stoppa")
    assert "Allt arbete" in await said(desk, "maria", "stop")
    ref = await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM, ref)
    assert TaskState.READY in states(await desk.ticket(ref), "find").values()
    assert TaskState.NOT_HELD not in states(await desk.ticket(ref), "find").values()
    assert len(desk.letters()) == 1, "the receipt leaves all the same"
    for name in ("sara", "karin"):
        assert "Maria Ek" in await refused(desk, name, "återuppta")
    await go_on(desk, "maria", "resume")
    assert TaskState.READY not in states(await desk.ticket(ref), "find").values()


async def test_an_owner_stops_the_own_system_a_deputy_and_others_do_not(desk: Furnished) -> None:
    for name in ("sara", "jonas", "david"):
        assert "HubSpot" in await refused(desk, name, "stoppa hubspot") or name
    await said(desk, "karin", "stoppa hubspot")
    assert "redan" in await refused(desk, "karin", "stoppa hubspot")
    assert "äger" in await refused(desk, "jonas", "återuppta hubspot"), "a deputy is no owner (D9)"
    await go_on(desk, "karin", "återuppta hubspot")


async def test_what_an_officer_stopped_an_officer_starts(desk: Furnished) -> None:
    await said(desk, "maria", "stoppa hubspot")
    assert "Maria Ek" in await refused(desk, "karin", "återuppta hubspot")
    press = Press(Verb.RESUME, "hubspot")
    with pytest.raises(NotYours):
        await desk.opened.desk.submit(desk.who("karin"), press, {"checked": ("may_go_on",)})
    assert Verb.RESUME not in verbs(await desk.card("karin", "stops:1"))
    assert Verb.RESUME in verbs(await desk.card("maria", "stops:1"))
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("maria"), press, {})
    await go_on(desk, "maria", "återuppta hubspot")
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.submit(desk.who("maria"), press, {"checked": ("may_go_on",)})


async def test_an_officers_word_takes_over_what_an_owner_stopped(desk: Furnished) -> None:
    """It would be no stop if the owner could let it go on; the other way round nothing changes."""
    await said(desk, "karin", "stoppa hubspot")
    await desk.later(timedelta(hours=1))
    assert "HubSpot är stoppat av Maria" in await said(desk, "maria", "stoppa hubspot")
    assert "Maria Ek" in await refused(desk, "karin", "återuppta hubspot")
    for name in ("karin", "maria"):
        assert "redan" in await refused(desk, name, "stoppa hubspot")
    async with desk.opened.house.work() as unit:
        (pause,) = await unit.pauses.every()
    assert (pause.stopped_by, pause.since) == ("maria", desk.clock.now())
    entries = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.STOPPED]
    assert [(one.actor, dict(one.facts)) for one in entries] == [
        ("karin", {"system": "hubspot"}),
        ("maria", {"system": "hubspot", "before": "karin"}),
    ]
    await go_on(desk, "maria", "återuppta hubspot")
    assert not desk.opened.house.stops.standing


async def test_an_officers_word_does_not_lapse_when_they_leave(desk: Furnished) -> None:
    """Whoever stopped it is no officer of ours any more, or nobody: an owner alone does not start it again."""
    async with desk.opened.house.work() as unit:
        await unit.pauses.put(Pause("hubspot", "left", desk.clock.now()))
    assert "Maria Ek" in await refused(desk, "karin", "återuppta hubspot")
    await go_on(desk, "maria", "återuppta hubspot")


async def test_one_pause_lifted_leaves_the_other(desk: Furnished) -> None:
    await said(desk, "karin", "stoppa hubspot")
    await said(desk, "maria", "stoppa")
    ref = await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM, ref)
    await go_on(desk, "maria", "återuppta")
    found = states(await desk.ticket(ref), "find")
    assert found["hubspot"] is TaskState.READY
    assert found["eventbrite"] is not TaskState.READY
    await go_on(desk, "karin", "återuppta hubspot")
    assert states(await desk.ticket(ref), "find")["hubspot"] is not TaskState.READY


async def test_an_erasure_decided_on_waits_and_is_done_once(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await said(desk, "karin", "stoppa hubspot")
    await confirmed_by_link(desk)
    await desk.later(timedelta(days=1), steps=4)
    assert not desk.hubspot.writes("gdpr-delete")
    await go_on(desk, "karin", "återuppta hubspot")
    await desk.later(timedelta(seconds=10))
    assert len(desk.hubspot.writes("gdpr-delete")) == 1


async def test_it_is_said_wherever_somebody_looks_and_written_down(desk: Furnished) -> None:
    await said(desk, "karin", "stoppa hubspot")
    assert "stoppat av Karin" in words(await desk.card("sara", "home"))
    systems = await said(desk, "sara", "system")
    assert "Arbetet i HubSpot är stoppat av Karin" in systems
    assert "Stoppat: HubSpot" in words(await desk.card("maria", f"summary:{desk.opened.house.today()}"))
    told = [message for message in desk.slack.in_channel("D0MARIA") if "Stoppat arbete" in message.text]
    assert len(told) == 1, "the officer is told"
    entries = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.STOPPED]
    assert [(entry.actor, dict(entry.facts)) for entry in entries] == [("karin", {"system": "hubspot"})]


async def test_a_stop_survives_a_restart(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> None:
    async with furnished(tmp_path / "one", sqlite_url, clock) as desk:
        await said(desk, "karin", "stoppa hubspot")
        settings = desk.opened.settings
    keys = {name: getattr(settings, name) for name in ("keys", "index_key", "signing_key")}
    async with furnished(tmp_path / "two", sqlite_url, clock, keys=keys) as desk:
        assert "stoppat av Karin" in words(await desk.card("sara", "home"))
        ref = await desk.sample("access")
        await desk.press("sara", Verb.CONFIRM, ref)
        assert states(await desk.ticket(ref), "find")["hubspot"] is TaskState.READY
        await go_on(desk, "karin", "återuppta hubspot")
        assert states(await desk.ticket(ref), "find")["hubspot"] is not TaskState.READY


async def test_another_process_hears_of_it_at_its_next_look(desk: Furnished) -> None:
    house = desk.opened.house
    async with house.work() as unit:
        await unit.pauses.lift(ALL_SYSTEMS)
    await said(desk, "karin", "stoppa hubspot")
    house.stops.exchange([])  # as a process that was not there
    await roster.catch_up(house)
    assert set(house.stops.standing) == {"hubspot"}


@pytest.mark.parametrize("typed", ["stoppa Visma", "återuppta Visma", "stop Anna Svensson"])
async def test_a_system_there_is_not_is_answered_with_those_there_are(desk: Furnished, typed: str) -> None:
    sentence = await refused(desk, "maria", typed)
    assert "HubSpot" in sentence
    assert typed.partition(" ")[2] not in sentence, "what was typed is not said again (D14)"


# --- on call ----------------------------------------------------------------------------------------


async def test_an_officer_puts_a_colleague_on_call(desk: Furnished) -> None:
    shown = await said(desk, "maria", "jour ange Sara 2026-03-09 2026-03-11")
    assert "Sara har jour från mån 9 mars till och med ons 11 mars" in shown
    assert "Nu: Sara" in shown
    assert desk.opened.house.on_call().id == "sara"
    assert "Nu: Sara" in await said(desk, "david", "oncall") or "Now: Sara" in await said(desk, "david", "oncall")
    entries = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.SHIFT_SET]
    assert dict(entries[0].facts) == {"to": "sara", "first": "2026-03-09", "last": "2026-03-11"}
    assert [m for m in desk.slack.in_channel("D0SARA") if "Du har jour" in str(m.blocks)], "and is told"
    await desk.later(timedelta(days=3))
    assert desk.opened.house.on_call().id == "maria", "the file's rota stands behind it"


async def test_the_later_word_counts_and_english_will_do(desk: Furnished) -> None:
    await said(desk, "maria", "jour ange Sara 2026-03-09 2026-03-20")
    await said(desk, "maria", "oncall set maria ek 2026-03-09")
    assert desk.opened.house.on_call().id == "maria"
    await desk.later(timedelta(days=1))
    assert desk.opened.house.on_call().id == "sara"


async def test_who_is_on_call_hands_over_their_own_days_and_nobody_elses(desk: Furnished) -> None:
    assert "Maria Ek" in await refused(desk, "sara", "jour ange Sara 2026-03-09 2026-03-11")
    await said(desk, "maria", "jour ange Sara 2026-03-09 2026-03-11")
    assert "Maria" in await said(desk, "sara", "jour ange Maria 2026-03-10 2026-03-11")
    assert "Maria Ek" in await refused(desk, "sara", "jour ange Maria 2026-03-09 2026-03-12")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("jour ange Kalle 2026-03-10 2026-03-11", "Sara Lind"),
        ("jour ange David 2026-03-10 2026-03-11", "Sara Lind"),
        ("jour ange Sara", "2026-03-09"),
        ("jour ange 2026-03-10 2026-03-11", "Sara Lind"),
        ("jour ange Sara 2026-13-45", "2026-03-09"),
        ("jour ange Sara 2026-01-01 2026-01-07", "framför oss"),
        ("jour ange Sara 2026-03-10 2029-03-10", "ett år"),
    ],
)
async def test_what_cannot_be_meant_is_answered_kindly(desk: Furnished, typed: str, says: str) -> None:
    assert says in await refused(desk, "maria", typed)
    assert desk.opened.house.people.rota == desk.opened.house.people.written.rota


async def test_gaps_ahead_are_said(desk: Furnished) -> None:
    house = desk.opened.house
    written = house.people.written
    short = type(written)(written.colleagues, ())
    await roster.catch_up(house, short)
    shown = await said(desk, "maria", "jour ange Sara 2026-03-09 2026-03-15")
    assert "Ingen har jour från mån 16 mars" in shown


async def test_check_says_what_is_stopped_and_counts_what_was_set(
    sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rota ends in 2027 in the file; a shift set at the desk fills a gap."""
    today = SystemClock().now().date()
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        await unit.pauses.put(Pause("hubspot", "karin", clock.now()))
        await unit.shifts.add(SetShift(today, today + timedelta(days=100), "maria", "maria", clock.now()))
    for name, value in (("KEYS", b"1"), ("INDEX_KEY", b"i"), ("SIGNING_KEY", b"s")):
        monkeypatch.setenv(f"PRIVACY_{name}", base64.urlsafe_b64encode(value * 32).decode())
    monkeypatch.setenv("PRIVACY_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PRIVACY_ROTA", "[]")
    lines = await problems({}, offline=True)
    assert [line for line in lines if line.startswith("hubspot is stopped by Karin Holm since Mon 9 March 10:05")], (
        lines
    )
    assert not [line for line in lines if "rota" in line.casefold() or "on call" in line], lines
