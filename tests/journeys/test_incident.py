"""A suspected breach: who has duty is paged at any hour, 72 hours run day and night, a person ends them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.card import Press, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours, StaleCard
from bot.domain.incident import INCIDENT_OPEN
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Stage
from bot.ports import Shelf
from tests.fakes import FixedClock
from tests.journeys.furnished import FIRST, Furnished, verbs, words

PRIYA = "priya.natarajan@example.org"
SWEDISH = (
    "Hej, ni har råkat skicka mina personuppgifter till fel person. Det är en personuppgiftsincident. "
    "Jag vill veta vilka uppgifter ni har om mig."
)
ENGLISH = (
    "Hello, you have sent my personal data to the wrong person. This is a personal data breach. "
    "I want to know what data you hold about me."
)
#: A Friday evening in Sweden.
FRIDAY = datetime(2026, 3, 6, 20, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    """A Friday evening."""
    return FixedClock(FRIDAY)


def mail(text: str) -> bytes:
    """Return a plain mail of Priya's."""
    head = f"From: Priya Natarajan <{PRIYA}>\nTo: info@goto.work\nSubject: Data\nMessage-ID: <b@example.org>\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


async def pages(desk: Furnished, name: str = "maria") -> list[str]:
    """Return the pages of the clock that stand before a colleague, oldest first."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    return [post.about for post in reversed(posts) if post.about.startswith("reminder:incident:")]


@pytest.mark.parametrize("text", [SWEDISH, ENGLISH])
async def test_the_officer_is_paged_at_once_on_a_friday_evening(desk: Furnished, text: str) -> None:
    await desk.mail(mail(text))
    (about,) = await pages(desk)
    said = words(await desk.card("maria", about))
    assert "72 timmar från fre 6 mars 21:30 till mån 9 mars 21:30, svensk tid" in said
    assert "72 timmar kvar att anmäla till IMY (räknat fre 6 mars 21:30)" in said
    (shown,) = desk.slack.in_channel("D0MARIA")
    assert FIRST in shown.text
    assert PRIYA not in str(shown.blocks)
    for name in ("sara", "karin", "jonas", "david"):
        assert not await pages(desk, name)
    channel = words(await desk.card("sara"))
    assert channel == f"{FIRST}\nHanteras av dataskyddsansvarig."
    assert "72" not in str(desk.slack.in_channel("C0TICKETS"))
    assert LedgerEvent.INCIDENT_STARTED in {one.event for one in await desk.events()}


async def test_it_rings_through_the_weekend_once_each_and_goes_to_all_as_time_runs_out(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.later(timedelta(hours=80), steps=160)
    assert [about.rpartition(":")[2] for about in await pages(desk)] == ["start", "24", "48", "66", "72"]
    assert [one.facts["hours"] for one in await desk.events() if one.event is LedgerEvent.INCIDENT_RANG] == [
        24,
        48,
        66,
        72,
    ]
    said = words(await desk.card("maria", (await pages(desk))[-1]))
    assert "gick ut för 8 timmar sedan" in said
    await desk.later(timedelta(hours=24), steps=24)
    assert (await pages(desk))[-1].endswith(":96"), "every day until somebody has answered"


async def test_alarms_missed_while_the_desk_was_down_ring_as_one(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.later(timedelta(hours=67))
    assert [about.rpartition(":")[2] for about in await pages(desk)] == ["start", "66"]


async def test_a_notification_ends_the_clock_and_the_person_still_gets_an_answer(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.later(timedelta(hours=20))
    card = await desk.card("maria")
    assert {Verb.NOTIFIED, Verb.NO_NOTIFICATION, Verb.AWARE_SINCE} <= verbs(card)
    assert "52 timmar kvar" in words(card)
    form = await desk.form("maria", Verb.NOTIFIED)
    given = {"notified_at": "2026-03-07T17:00", "imy_reference": "IMY-2026-1234"}
    await desk.send("maria", form, given)
    await desk.later(timedelta(hours=80), steps=8)
    assert len(await pages(desk)) == 1, "no alarm rings any more"
    (page,) = desk.slack.in_channel("D0MARIA")
    assert "kvar att anmäla" not in str(page.blocks), "the page in her own chat asks for nothing any more"
    said = words(await desk.card("maria"))
    assert "Anmäld till IMY lör 7 mars 17:00, referens IMY-2026-1234 (Maria)." in said
    ticket = await desk.ticket()
    assert INCIDENT_OPEN not in ticket.flags
    assert ticket.stage is Stage.RECEIVED, "the right that was asked still waits for its answer"
    assert Verb.CONFIRM in verbs(await desk.card("maria"))
    (entry,) = [one for one in await desk.events() if one.event is LedgerEvent.INCIDENT_NOTIFIED]
    assert entry.facts["reference"] == "IMY-2026-1234"


async def test_a_late_notification_asks_for_its_reason(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.later(timedelta(hours=75))
    given = {"notified_at": "2026-03-09T23:00", "imy_reference": "IMY-2026-1234"}
    with pytest.raises(Incomplete) as refused:
        await desk.fill("maria", Verb.NOTIFIED, given)
    assert refused.value.key == "refusal.late_reason_missing"
    await desk.fill("maria", Verb.NOTIFIED, given | {"late_reason": "found_out_gradually"})
    assert "Senare än 72 timmar: omfattningen blev klar först efter hand." in words(await desk.card("maria"))


@pytest.mark.parametrize("typed", ["priya.natarajan@example.org", "Priya Natarajan", "900101-2385 Priya", "IMY"])
async def test_a_reference_has_no_room_for_a_person(desk: Furnished, typed: str) -> None:
    await desk.mail(mail(SWEDISH))
    with pytest.raises(Incomplete) as refused:
        await desk.fill("maria", Verb.NOTIFIED, {"imy_reference": typed})
    assert refused.value.key == "refusal.reference_bad"
    assert INCIDENT_OPEN in (await desk.ticket()).flags


async def test_no_notification_needs_a_reason_and_what_it_rests_on(desk: Furnished) -> None:
    await desk.mail(mail(ENGLISH))
    with pytest.raises(Incomplete):
        await desk.fill("maria", Verb.NO_NOTIFICATION, {"reason": "risk_unlikely"})
    note = "Brevet kom tillbaka oöppnat."
    await desk.fill("maria", Verb.NO_NOTIFICATION, {"reason": "risk_unlikely", "note": note})
    assert "Ingen anmälan till IMY (Maria): det är osannolikt" in words(await desk.card("maria"))
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        sealed = await unit.vault.get(ticket.id, Shelf.CASE, "note/incident")
    assert sealed.decode() == note
    assert note not in str([one.facts for one in await desk.events()])
    (entry,) = [one for one in await desk.events() if one.event is LedgerEvent.INCIDENT_SETTLED]
    assert entry.facts == {"because": "risk_unlikely"}
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.form(desk.who("maria"), Press(Verb.NOTIFIED, ticket.id, ticket.version))


async def test_the_clock_starts_when_we_became_aware_and_the_alarms_follow(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    with pytest.raises(Incomplete):
        await desk.fill("maria", Verb.AWARE_SINCE, {"aware_at": "2026-03-05T20:30"})
    why = "Receptionen fick veta per telefon."
    await desk.fill("maria", Verb.AWARE_SINCE, {"aware_at": "2026-03-05T20:30", "why": why})
    assert "72 timmar från tors 5 mars 20:30 till sön 8 mars 20:30" in words(await desk.card("maria"))
    await desk.later(timedelta(hours=72), steps=72)
    assert [about.rpartition(":")[2] for about in await pages(desk)] == ["start", "48", "66", "72", "96"]
    assert why not in str([one.facts for one in await desk.events()])
    with pytest.raises(Incomplete):
        await desk.fill("maria", Verb.AWARE_SINCE, {"aware_at": "2027-03-05T20:30", "why": why})


async def test_nothing_else_ends_the_clock(desk: Furnished) -> None:
    """Dismissing a mail as no request does not make a breach go away."""
    await desk.mail(mail(SWEDISH))
    with pytest.raises(NotAllowedNow) as refused:
        await desk.fill("maria", Verb.DISMISS, {"reason": "not_about_data"})
    assert refused.value.key == "refusal.incident_runs"
    assert INCIDENT_OPEN in (await desk.ticket()).flags
    await desk.fill("maria", Verb.NO_NOTIFICATION, {"reason": "no_breach", "note": "Det var vårt eget nyhetsbrev."})
    await desk.fill("maria", Verb.DISMISS, {"reason": "not_about_data"})
    assert (await desk.ticket()).stage is Stage.CLOSED
    assert "Ingen anmälan till IMY" in words(await desk.card("maria"))


async def test_only_an_officer_ends_it_and_an_old_card_is_stale(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    ticket = await desk.ticket()
    press = Press(Verb.NO_NOTIFICATION, ticket.id, ticket.version)
    with pytest.raises(NotYours):
        await desk.opened.desk.form(desk.who("sara"), press)
    await desk.fill("maria", Verb.AWARE_SINCE, {"aware_at": "2026-03-06T20:00", "why": "Telefon."})
    with pytest.raises(StaleCard):
        await desk.opened.desk.form(desk.who("maria"), press)


@pytest.mark.parametrize("who", ["sara", "karin"])
async def test_a_colleague_raises_the_alarm_for_what_the_reading_did_not_see(desk: Furnished, who: str) -> None:
    """R64: an answer to the wrong person is a breach; whoever works on tickets may say so, and cannot take it back."""
    await desk.sample("erase")
    what = "Brevet gick till fel Priya."
    await desk.fill(who, Verb.SUSPECT_BREACH, {"aware_at": "2026-03-06T20:15", "why": what})
    (about,) = await pages(desk)
    assert "72 timmar från fre 6 mars 20:15" in words(await desk.card("maria", about))
    assert words(await desk.card("sara")) == f"{FIRST}\nHanteras av dataskyddsansvarig."
    assert what not in str([one.facts for one in await desk.events()])
    ticket = await desk.ticket()
    with pytest.raises(NotYours):
        await desk.opened.desk.form(desk.who("sara"), Press(Verb.SUSPECT_BREACH, ticket.id, ticket.version))


async def test_an_answer_to_the_wrong_person_is_raised_from_a_closed_card(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.fill("sara", Verb.DISMISS, {"reason": "not_about_data"})
    given = {"letter": "not_a_letter", "method": "recipient", "categories": ("contact",), "why": "Fel person."}
    await desk.fill("sara", Verb.WRONG_PERSON, given, label="Skickat till fel person")
    card = await desk.card("maria")
    assert "kvar att anmäla till IMY" in words(card)
    assert {Verb.NOTIFIED, Verb.NO_NOTIFICATION} <= verbs(card)
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_who_asks_beside_the_breach_is_asked_who_they_are_by_an_officers_press(desk: Furnished) -> None:
    """The right that was asked is answered as any other; only that nothing leaves by itself (D12)."""
    await desk.mail(mail(SWEDISH).replace(b"To: info", b"Reply-To: other@example.com\nTo: info"))
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    assert (await desk.ticket()).stage is Stage.VERIFYING
    assert not desk.letters()
    await desk.press("maria", Verb.ASK_AGAIN, label="Fråga på adressen vi har")
    assert [letter.to for letter in desk.letters()] == [PRIYA]


async def test_who_asks_may_still_be_asked_who_they_are_when_the_clock_is_ended(desk: Furnished) -> None:
    """Nothing left by itself while it was the officer's; afterwards a handler asks, or the ticket would hang."""
    await desk.mail(mail(SWEDISH).replace(b"To: info", b"Reply-To: other@example.com\nTo: info"))
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    await desk.fill("maria", Verb.NO_NOTIFICATION, {"reason": "no_breach", "note": "Inget hade läckt."})
    assert not desk.letters()
    await desk.press("sara", Verb.ASK_AGAIN, label="Fråga på adressen vi har")
    assert [letter.to for letter in desk.letters()] == [PRIYA]
