"""A request that ends without being carried out: the letter says why, to the person, and nothing that was not done."""

from datetime import timedelta

from bot.card import Verb
from bot.domain.identity import IdentityState
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import Furnished, words
from tests.journeys.walks import FATIMA, PRIYA, at_decision, states

UNPRESSED = timedelta(days=9)


async def test_an_erasure_nobody_confirmed(desk: Furnished) -> None:
    """Who asked was never in doubt: no T15, but that we saw no answer and how to go on (D7)."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await desk.later(UNPRESSED)
    await desk.fill("sara", Verb.SETTLE_UNPRESSED, {"way": "close_kindly"})
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NOT_CONFIRMED)
    assert [letter.kind for letter in ticket.letters if letter.answers] == ["T22"]
    answer = desk.letters(PRIYA)[-1].text
    assert "asked you to confirm the erasure" in answer
    assert "HubSpot: nothing has been erased, because you did not confirm it." in answer
    assert "Article 11" not in answer
    assert not desk.hubspot.writes("gdpr-delete")
    assert "raderingen bekräftades inte" in words(await desk.card("sara"))


async def test_the_copy_stays_within_reach_when_the_erasure_was_not_confirmed(desk: Furnished) -> None:
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.later(timedelta(days=7, hours=1))
    question = desk.letters(FATIMA)[-1]
    await desk.later(UNPRESSED)
    await desk.fill("sara", Verb.SETTLE_UNPRESSED, {"way": "close_kindly"})
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert [part.outcome for part in ticket.parts] == [Outcome.FULFILLED, Outcome.NOT_CONFIRMED]
    assert set(states(ticket, "erase").values()) == {TaskState.NOT_APPLICABLE}
    assert ticket.identity.state is IdentityState.AUTHENTICATED
    assert await (await desk.person(question)).package()


async def test_a_request_taken_back_while_it_was_carried_out(desk: Furnished) -> None:
    """The outcome is what the person chose, and the letter speaks to them and not about them (F41)."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    link = next(letter for letter in desk.letters(PRIYA) if "/c/" in letter.text)
    await (await desk.person(link)).post("/c/withdraw")
    await desk.settle()
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.WITHDRAWN)
    assert ticket.parts[0].reason == "reason.withdrawn"
    answer = desk.letters(PRIYA)[-1].text
    assert "You have taken your request back." in answer
    assert "HubSpot: nothing has been done, because you took your request back." in answer
    assert "the person" not in answer
