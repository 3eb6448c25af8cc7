"""More time: an officer decides, the person is told within the month, and only then do the days move (F47, R28)."""

from datetime import timedelta

import pytest

from bot.card import Form, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.letter import LetterKind, LetterState
from bot.domain.ticket import Stage
from bot.services.showing.due import due_reminders
from tests.journeys.furnished import FIRST, Furnished, find, pressed, verbs, words
from tests.journeys.walks import PRIYA, at_decision

WHY = "Your data stands in four systems and two paper archives, and much of it concerns other people too."
GIVEN = {"reasons": ("complexity",), "why": WHY}


async def opened(desk: Furnished, who: str = "maria", typed: str = f"förläng {FIRST}") -> Form:
    form = await desk.opened.desk.say(desk.who(who), typed)
    assert isinstance(form, Form), words(form)
    return form


async def test_an_officer_extends_and_the_person_is_told(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    before = desk.opened.house.nearest(await desk.ticket())
    form = await opened(desk)
    said = words(form)
    texts, language = desk.opened.house.texts, desk.who("maria").language
    for day in (before.extended_last_day, before.safe_extended_target, before.extension_notice_last_day):
        assert texts.day(language, day) in said
    assert "Article 12(3)" in said, "the letter as it will be, in the person's language"
    assert "Priya" not in said
    await desk.send("maria", form, GIVEN)
    letter = desk.letters(PRIYA)[-1]
    assert "more time" in letter.subject
    assert WHY in letter.text
    assert "Your request is complex." in letter.text
    assert texts.long_day((await desk.ticket()).language, before.extended_last_day) in letter.text
    after = desk.opened.house.nearest(await desk.ticket())
    assert (after.last_day, after.safe_target) == (before.extended_last_day, before.safe_extended_target)
    card = words(await desk.card("sara"))
    assert f"Förlängd till {texts.day(language, after.last_day)} · besked skickat" in card
    assert WHY not in card
    told = next(one for one in await desk.events() if one.event == "ticket.extended")
    assert (told.actor, dict(told.facts)) == (
        "maria",
        {"reasons": "complexity", "until": after.last_day.isoformat(), "parts": 1},
    )
    assert Verb.EXTEND not in verbs(await desk.card("maria")), "once only"
    with pytest.raises(NotAllowedNow, match="extend_once"):
        await opened(desk)
    await desk.settle()
    assert [one.subject for one in desk.letters(PRIYA)].count(letter.subject) == 1


async def test_reminders_follow_the_new_days(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    house = desk.opened.house
    before = house.nearest(await desk.ticket())
    await desk.send("maria", await opened(desk), GIVEN)
    ticket = await desk.ticket()
    after = house.nearest(ticket)
    assert "deadline" not in due_reminders(house, ticket, before.last_day + timedelta(days=1))
    assert "deadline" in due_reminders(house, ticket, after.safe_target)


async def test_it_may_be_read_first(desk: Furnished) -> None:
    """Until a colleague has read and sent it the old day holds; the page shows it whole, the card does not."""
    await at_decision(desk, "erase")
    before = desk.opened.house.nearest(await desk.ticket())
    await desk.fill("maria", Verb.EXTEND, GIVEN | {"way": "read_first"})
    assert desk.opened.house.nearest(await desk.ticket()) == before
    assert "väntar på att läsas" in words(await desk.card("maria"))
    _, _, page = await desk.review("maria")
    assert WHY in page
    await desk.press("maria", Verb.SEND_LETTER)
    assert desk.opened.house.nearest(await desk.ticket()).last_day == before.extended_last_day


async def test_only_an_officer_and_only_with_reasons(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    with pytest.raises(NotYours) as refused:
        await desk.opened.desk.say(desk.who("sara"), f"extend {FIRST}")
    assert "Maria" in refused.value.facts["who"]
    assert (await desk.events("desk"))[-1].event == "desk.refused"
    with pytest.raises(NotYours):
        await desk.form("sara", Verb.EXTEND)
    form = await opened(desk)
    for given in ({"why": WHY}, {"reasons": ("complexity",)}):
        with pytest.raises(Incomplete):
            await desk.send("maria", form, given)
    assert not any(letter.kind is LetterKind.EXTENDED for letter in (await desk.ticket()).letters)


async def test_not_after_the_first_month(desk: Furnished) -> None:
    """A form opened in time and sent too late extends nothing, and the card has no button any more."""
    await at_decision(desk, "erase")
    form = await opened(desk)
    last = desk.opened.house.nearest(await desk.ticket()).last_day
    while desk.opened.house.today() <= last:
        await desk.later(timedelta(days=5))
    assert Verb.EXTEND not in verbs(await desk.card("maria"))
    with pytest.raises(NotAllowedNow, match="extend_late"):
        await opened(desk)
    with pytest.raises(NotAllowedNow, match="extend_late"):
        await desk.send("maria", form, GIVEN)


async def test_a_notice_that_did_not_leave_in_time_stays(desk: Furnished) -> None:
    """Read first, and forgotten: it is not sent after the month, because it would promise what no longer holds."""
    await at_decision(desk, "erase")
    await desk.fill("maria", Verb.EXTEND, GIVEN | {"way": "read_first"})
    button = find(await desk.card("maria"), Verb.SEND_LETTER)
    last = desk.opened.house.nearest(await desk.ticket()).last_day
    while desk.opened.house.today() <= last:
        await desk.later(timedelta(days=5))
    with pytest.raises(NotAllowedNow, match="extend_late"):
        await desk.opened.desk.press(desk.who("maria"), button.press)
    assert not any("more time" in one.subject for one in desk.letters(PRIYA))
    assert desk.opened.house.nearest(await desk.ticket()).last_day == last


async def test_approved_before_midnight_and_sent_after_it(desk: Furnished) -> None:
    """The job that sends looks at the day itself."""
    await at_decision(desk, "erase")
    await desk.fill("maria", Verb.EXTEND, GIVEN | {"way": "read_first"})
    last = desk.opened.house.nearest(await desk.ticket()).last_day
    while desk.opened.house.today() < last:
        await desk.later(timedelta(days=1))
    await desk.opened.desk.press(desk.who("maria"), pressed(await desk.card("maria"), Verb.SEND_LETTER))
    desk.clock.advance(timedelta(days=1))
    await desk.settle()
    (letter,) = (one for one in (await desk.ticket()).letters if one.kind is LetterKind.EXTENDED)
    assert letter.state is LetterState.UNDELIVERED
    assert not any("more time" in one.subject for one in desk.letters(PRIYA))
    assert "ticket.extension_late" in [one.event for one in await desk.events()]
    assert desk.opened.house.nearest(await desk.ticket()).last_day == last


async def test_who_has_their_answer_is_not_told_that_it_takes_longer(desk: Furnished) -> None:
    """Read first, then taken back: an old button sends nothing any more."""
    await at_decision(desk, "erase")
    await desk.fill("maria", Verb.EXTEND, GIVEN | {"way": "read_first"})
    button = find(await desk.card("maria"), Verb.SEND_LETTER)
    await desk.fill("sara", Verb.WITHDRAW, {"method": "mail"})
    await desk.opened.desk.press(desk.who("maria"), button.press)
    await desk.settle()
    assert not any("more time" in one.subject for one in desk.letters(PRIYA))
    assert (await desk.ticket()).stage is Stage.CLOSED
