"""A legal hold: an officer's, with ground, reason and day; it refuses erasure, and released it owes it (P68, P76)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Form, Verb
from bot.domain.errors import Incomplete, NeedsHuman, NotFound, NotYours, TryLater
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterState
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from integrations.hubspot.seed import Person
from tests.journeys.furnished import FIRST, Furnished, find, words
from tests.journeys.test_trouble import Rough
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, erased, states

SECRET = "Tvist om anställningen, mål T 123-26"
GIVEN = {"ground": "legal_claims", "why": SECRET, "review_on": "2026-06-01"}


async def held(desk: Furnished, ref: str = FIRST) -> None:
    form = await desk.opened.desk.say(desk.who("maria"), f"bevara {ref}")
    assert isinstance(form, Form)
    await desk.send("maria", form, GIVEN)


async def test_a_hold_becomes_a_reasoned_decline(desk: Furnished) -> None:
    """Set while owners decide: the erasure is refused on its ground, the letter says so, nothing is gone."""
    await at_decision(desk, "erase")
    await held(desk)
    ticket = await desk.ticket()
    assert states(ticket, "erase") == {"hubspot": TaskState.DECLINED}
    assert SECRET not in words(await desk.card("maria"))
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(PRIYA)[-1].text
    assert "17(3)(e)" in letter
    assert "used for that reason alone" in letter
    assert "1 June 2026" in letter
    assert SECRET not in letter
    assert (await desk.ticket()).parts[0].outcome is Outcome.REFUSED
    assert desk.hubspot.account.contact(PRIYA) is not None
    told = [entry for entry in await desk.events() if entry.event == "hold.set"]
    assert [(one.actor, one.facts) for one in told] == [("maria", {"ground": "legal_claims", "until": "2026-06-01"})]


async def test_reminded_on_its_day_kept_longer_released(desk: Furnished) -> None:
    """On the day it rings with its officer; kept longer it waits again; released, the erasure is owed and done."""
    await at_decision(desk, "erase")
    await held(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=95), steps=3)
    card = await desk.card("maria")
    assert "bevarandekrav" in words(card).casefold()
    await desk.fill("maria", Verb.HOLD, {"way": "keep_hold", "review_on": "2026-09-01"})
    form = await desk.opened.desk.say(desk.who("maria"), f"hold {FIRST}")
    assert isinstance(form, Form)
    await desk.send("maria", form, {"way": "release_hold"})
    ticket = await desk.ticket()
    assert ticket.stage is Stage.DECIDING
    assert states(ticket, "erase") == {"hubspot": TaskState.PROPOSED}
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    assert desk.hubspot.account.contact(PRIYA) is None


async def test_a_later_request_meets_it_too(desk: Furnished) -> None:
    """The hold is on the person: another request to be erased is refused by it."""
    await at_decision(desk, "erase")
    await held(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=80), steps=4)
    ref = await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM, ref)
    await desk.finish("jonas", ref)
    assert states(await desk.ticket(ref), "erase") == {"hubspot": TaskState.DECLINED}


async def released(desk: Furnished) -> None:
    desk.clock.advance(timedelta(seconds=1))
    form = await desk.opened.desk.say(desk.who("maria"), f"hold {FIRST}")
    assert isinstance(form, Form)
    await desk.send("maria", form, {"way": "release_hold"})


async def test_released_before_the_refusal_has_left_it_never_leaves(desk: Furnished) -> None:
    """What the letter says is true no more: the draft is dropped, and the owners are asked."""
    await at_decision(desk, "erase")
    await held(desk)
    letter = (await desk.ticket()).letters[-1]
    assert (letter.kind, letter.state) == ("T8", LetterState.DRAFT)
    stale = find(await desk.card("sara"), Verb.SEND_LETTER).press
    await released(desk)
    ticket = await desk.ticket()
    assert (ticket.stage, states(ticket, "erase")) == (Stage.DECIDING, {"hubspot": TaskState.PROPOSED})
    assert not [one for one in ticket.letters if one.answers]
    with pytest.raises(NotFound):
        await desk.opened.desk.press(desk.who("sara"), stale)
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    assert desk.hubspot.account.contact(PRIYA) is None
    assert not [one for one in desk.letters(PRIYA) if "17(3)" in one.text]


async def test_released_after_it_was_let_go_and_before_it_left(desk: Furnished) -> None:
    """Its job had not begun: the approved letter is taken back, and the job finds nothing to send."""
    await at_decision(desk, "erase")
    await held(desk)
    send = find(await desk.card("sara"), Verb.SEND_LETTER).press
    await desk.opened.desk.press(desk.who("sara"), send)
    assert (await desk.ticket()).letters[-1].state is LetterState.APPROVED
    await released(desk)
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.PROPOSED}
    assert not [one for one in desk.letters(PRIYA) if "17(3)" in one.text]


@pytest.mark.parametrize("way", ["was_sent", "send_again"])
async def test_released_while_nobody_knows_whether_the_refusal_left(desk: Furnished, way: str) -> None:
    """The erasure is owed either way; a refusal that turns out not to have left does not leave afterwards."""
    await at_decision(desk, "erase")
    await held(desk)
    Rough(desk, NeedsHuman("trouble.mail_refused"))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).letters[-1].state is LetterState.DOUBTFUL
    await released(desk)
    form = await desk.form("sara", Verb.SETTLE_LETTER)
    assert "gäller inte längre" in words(form)
    before = len(desk.letters(PRIYA))
    await desk.send("sara", form, {"way": way})
    assert len(desk.letters(PRIYA)) == before
    ticket = await desk.ticket()
    assert [one.state for one in ticket.letters if one.answers] == ([LetterState.SENT] if way == "was_sent" else [])
    assert (ticket.stage, states(ticket, "erase")) == (Stage.DECIDING, {"hubspot": TaskState.PROPOSED})
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_a_refusal_on_its_way_when_the_hold_is_released_is_not_sent_a_second_time(desk: Furnished) -> None:
    """The mail server asks for patience: once the hold is gone the next attempt looks, and sends nothing."""
    await at_decision(desk, "erase")
    await held(desk)
    Rough(desk, TryLater("trouble.mail_later"))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).letters[-1].state is LetterState.SENDING
    await released(desk)
    await desk.later(timedelta(hours=2), steps=4)
    assert (await desk.ticket()).letters[-1].state is LetterState.DOUBTFUL
    assert not [one for one in desk.letters(PRIYA) if "17(3)" in one.text]


async def test_released_it_owes_what_it_refused_of_another_request_too(desk: Furnished) -> None:
    """Closed for weeks, looked at again, and still found: its letter promised the erasure."""
    await at_decision(desk, "erase")
    await held(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=20), steps=4)
    ref = await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM, ref)
    await desk.finish("jonas", ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    assert (await desk.ticket(ref)).parts[0].outcome is Outcome.REFUSED
    await desk.later(timedelta(days=40), steps=4)
    await released(desk)
    for one in (FIRST, ref):
        ticket = await desk.ticket(one)
        assert (ticket.stage, states(ticket, "erase")) == (Stage.DECIDING, {"hubspot": TaskState.PROPOSED})
    assert [one.actor for one in await desk.events(ref) if one.event == "hold.released"] == ["maria"]


async def test_while_another_hold_stands_nothing_is_owed(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await held(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=20), steps=4)
    ref = await desk.sample("erase")
    await held(desk, ref)
    await released(desk)
    assert (await desk.ticket()).stage is Stage.CLOSED
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DECLINED}


async def test_who_may_not_and_what_is_lacking(desk: Furnished) -> None:
    """Nobody but an officer; no day in the past, no unreadable one, no hold without a reason."""
    await at_decision(desk, "erase")
    with pytest.raises(NotYours, match=r"refusal\.not_yours_officer"):
        await desk.opened.desk.say(desk.who("sara"), f"bevara {FIRST}")
    form = await desk.opened.desk.say(desk.who("maria"), f"hold {FIRST}")
    assert isinstance(form, Form)
    with pytest.raises(NotYours):
        await desk.send("sara", form, GIVEN)
    for wrong in ({"review_on": "2026-01-01"}, {"review_on": "snart"}, {"why": ""}):
        with pytest.raises(Incomplete):
            await desk.send("maria", form, {**GIVEN, **wrong})
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.PROPOSED}


async def test_no_officer_holds_or_releases_what_is_asked_of_themselves(desk: Furnished) -> None:
    """D9: released, the hold would put their own request before its owners."""
    await at_decision(desk, "erase")
    form = await desk.opened.desk.say(desk.who("maria"), f"hold {FIRST}")
    assert isinstance(form, Form)
    await desk.send("maria", form, GIVEN)
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        await unit.index.remember(ticket.id, unit.index.digest("email", desk.who("maria").email))
    with pytest.raises(NotYours, match=r"refusal\.own_request"):
        await desk.opened.desk.say(desk.who("maria"), f"hold {FIRST}")
    for way in ({"way": "release_hold"}, {"way": "keep_hold", "review_on": "2026-09-01"}):
        press = replace(form.press, version=ticket.version)
        with pytest.raises(NotYours, match=r"refusal\.own_request"):
            await desk.opened.desk.submit(desk.who("maria"), press, {name: (value,) for name, value in way.items()})
    assert [one.event for one in await desk.events()].count(LedgerEvent.RELEASED) == 0
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DECLINED}


async def test_what_is_there_again_after_31_days_is_approved_anew(desk: Furnished) -> None:
    """F31: a hit reopens that system's erasure, tells its owner and on-call; nothing is erased without a new yes."""
    await erased(desk)
    desk.hubspot.account.seed([Person(PRIYA, "Priya", "Natarajan")])
    await desk.later(timedelta(days=32), steps=2)
    ticket = await desk.ticket()
    assert ticket.stage is Stage.DECIDING
    assert states(ticket, "erase") == {"hubspot": TaskState.PROPOSED}
    assert "reappeared" in " ".join(entry.event for entry in await desk.events())
    assert desk.hubspot.account.contact(PRIYA) is not None
    await desk.decide("karin")
    await desk.decide("jonas")
    await desk.later(timedelta(seconds=10))
    assert desk.hubspot.account.contact(PRIYA) is None
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    await desk.later(timedelta(days=32), steps=2)
    assert (await desk.ticket()).stage is Stage.CLOSED
