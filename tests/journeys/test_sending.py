"""Letting a package go: in either chat the form says to whom and with what, and asks for the reference.

What has left cannot be called back (cards.md rule 6); a letter that only says something still leaves by one press.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.card import Press, Verb
from bot.domain.errors import Incomplete, NeedsHuman, NotYours, StaleCard
from bot.domain.letter import LetterKind, LetterState
from bot.domain.ticket import Outcome
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, Furnished, find, furnished, words
from tests.journeys.leaks import leaks
from tests.journeys.test_bounces import report
from tests.journeys.test_roads import AGENT, OSKAR, SHOWN, answered, mail
from tests.journeys.test_trouble import Rough
from tests.journeys.walks import FATIMA, at_decision
from tests.standins import slack_people
from tests.standins.teams_people import labels
from tests.standins.teams_people import words as teams_words

LABEL = "Godkänn och skicka…"
WRONG = "PR-2026-9999"
SAID = (
    "Brev T5 på svenska",
    "Går till: personen",
    "Med brevet följer en länk till ett paket: ",
    "HubSpot",
    "går inte att ta tillbaka",
)


async def until_the_letter_lies_there(desk: Furnished) -> None:
    """Walk access then erasure to where the letter with the package waits to be let go."""
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    assert await state(desk) is LetterState.DRAFT


async def state(desk: Furnished) -> LetterState:
    """Return how far the answer is."""
    (answer,) = [one for one in (await desk.ticket()).letters if one.kind is LetterKind.ACCESS_ANSWER]
    return answer.state


@pytest.fixture
async def both(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[BothChats]:
    """A desk in both chats, on which an answer with a package waits to be let go."""
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        await until_the_letter_lies_there(desk)
        yield both
        for chat, said in (("slack", desk.slack.traffic), ("teams", desk.teams.traffic)):
            assert not leaks({chat: said.encode()}, (FATIMA, "Haddad"))


async def test_a_package_leaves_by_a_dialog_in_teams(both: BothChats) -> None:
    desk, sara = both.desk, both.in_teams("sara")
    assert LABEL in labels(both.teams_card.card)
    opened = await sara.open(both.teams_card, LABEL)
    for sentence in SAID:
        assert sentence in teams_words(opened.card), sentence
    wrong = await sara.send(both.teams_card, opened.card, {"reference": WRONG})
    assert wrong.card["body"][0]["id"] == "complaint"
    await desk.settle()
    assert await state(desk) is LetterState.DRAFT, "nothing left"
    assert (await sara.send(both.teams_card, wrong.card, {"reference": FIRST})).text == ""
    await desk.settle()
    assert await state(desk) is LetterState.SENT
    assert LABEL not in labels(both.teams_card.card)


async def test_a_package_leaves_by_a_modal_in_slack(both: BothChats) -> None:
    desk, sara = both.desk, both.in_slack("sara")
    await sara.press(both.slack_card, LABEL)
    (view,) = desk.slack.views.values()
    for sentence in SAID:
        assert sentence in slack_people.words(view["blocks"]), sentence
    wrong = await sara.submit(view, {"reference": WRONG})
    assert list(wrong.body["errors"]) == ["reference"]
    await desk.settle()
    assert await state(desk) is LetterState.DRAFT, "nothing left"
    assert (await sara.submit(view, {"reference": FIRST})).status == 200
    await desk.settle()
    assert await state(desk) is LetterState.SENT
    assert LABEL not in slack_people.labels(both.slack_card.blocks)


async def test_nothing_goes_round_the_form(desk: Furnished) -> None:
    """A card drawn before packages were asked about, a press made up: neither lets one go."""
    await until_the_letter_lies_there(desk)
    press = find(await desk.card("sara"), Verb.SEND_PACKAGE).press
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.SEND_LETTER, press.target, press.version))
    for typed in ("", WRONG):
        with pytest.raises(Incomplete) as refused:
            await desk.fill("sara", Verb.SEND_PACKAGE, {"reference": typed})
        assert refused.value.key == "refusal.reference_mismatch"
    for name in ("karin", "david"):
        with pytest.raises(NotYours):
            await desk.opened.desk.form(desk.who(name), press)
    assert await state(desk) is LetterState.DRAFT
    assert FATIMA not in words(await desk.form("sara", Verb.SEND_PACKAGE))
    await desk.fill("sara", Verb.SEND_PACKAGE, {"reference": FIRST.lower()})
    assert await state(desk) is LetterState.SENT


async def test_what_hands_nothing_out_leaves_by_one_press(desk: Furnished) -> None:
    await until_the_letter_lies_there(desk)
    await desk.fill("sara", Verb.SEND_PACKAGE, {"reference": FIRST})
    await (await desk.person(desk.letters(FATIMA)[-1])).package()
    await desk.later(timedelta(days=1), steps=4)
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    button = find(await desk.card("sara"), Verb.SEND_LETTER)
    assert not button.opens_form
    await desk.press("sara", Verb.SEND_LETTER)
    assert [one.outcome for one in (await desk.ticket()).parts] == [Outcome.FULFILLED, Outcome.FULFILLED]


async def test_a_package_that_came_back_takes_the_reference_once_more(desk: Furnished) -> None:
    """To send it again hands the same out as the first time; to say how the person was reached hands out nothing."""
    await until_the_letter_lies_there(desk)
    await desk.fill("sara", Verb.SEND_PACKAGE, {"reference": FIRST})
    await desk.raw_mail(report(desk.letters(FATIMA)[-1]))
    form = await desk.form("sara", Verb.SETTLE_RETURNED)
    assert all(said in words(form) for said in SAID)
    before = len(desk.letters(FATIMA))
    for typed in ("", WRONG):
        with pytest.raises(Incomplete, match="reference_mismatch"):
            await desk.send("sara", form, {"way": "send_again", "reference": typed})
    assert len(desk.letters(FATIMA)) == before
    await desk.send("sara", form, {"way": "send_again", "reference": FIRST})
    again = desk.letters(FATIMA)[before:]
    assert len(again) == 1
    assert await (await desk.person(again[0])).package()
    await desk.raw_mail(report(again[0], name="second"))
    await desk.fill("sara", Verb.SETTLE_RETURNED, {"way": "unreached", "note": "Ingen känd adress."})


async def test_a_package_of_which_nobody_knows_takes_the_reference_too(desk: Furnished) -> None:
    """D34: whoever saw that it did not leave lets it go as if for the first time; that it did takes one word."""
    await until_the_letter_lies_there(desk)
    Rough(desk, NeedsHuman("trouble.mail_refused"))
    await desk.fill("sara", Verb.SEND_PACKAGE, {"reference": FIRST})
    assert await state(desk) is LetterState.DOUBTFUL
    form = await desk.form("sara", Verb.SETTLE_LETTER)
    assert all(said in words(form) for said in SAID)
    with pytest.raises(Incomplete, match="reference_mismatch"):
        await desk.send("sara", form, {"way": "send_again"})
    assert await state(desk) is LetterState.DOUBTFUL
    await desk.send("sara", form, {"way": "send_again", "reference": FIRST})
    assert await state(desk) is LetterState.SENT


@pytest.mark.parametrize("lost", [True, False])
async def test_who_attested_the_authority_does_not_send_the_answer_again_either(desk: Furnished, lost: bool) -> None:
    """P16: an answer to somebody else is let go by another colleague, the second time as the first."""
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["en"], "Oskar Nordin"))
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN | {"answer_to": "to_requester"})
    await answered(desk)
    if lost:
        Rough(desk, NeedsHuman("trouble.mail_refused"))
    await desk.press("maria", Verb.SEND_LETTER)
    if not lost:
        await desk.raw_mail(report(desk.letters(OSKAR)[-1]))
    verb = Verb.SETTLE_LETTER if lost else Verb.SETTLE_RETURNED
    before = len(desk.letters(OSKAR))
    with pytest.raises(NotYours, match="authority_other_approves"):
        await desk.fill("sara", verb, {"way": "send_again", "reference": FIRST})
    assert len(desk.letters(OSKAR)) == before
    await desk.fill("maria", verb, {"way": "send_again", "reference": FIRST})
    assert len(desk.letters(OSKAR)) == before + 1
