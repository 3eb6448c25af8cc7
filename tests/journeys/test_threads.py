"""Replies: one that only says it belongs, a new right in a thread, a reminder, a regret; nothing is lost or decided."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Press, Values, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours, PrivacyDeskError, StaleCard
from bot.domain.identity import IdentityState
from bot.domain.request import RequestType
from bot.domain.task import TaskState
from bot.domain.threads import ASKED_AGAIN, FOLLOWS, KEPT_APART, SAYS_IT_BELONGS
from bot.domain.ticket import MAIL_TO_READ, MAY_TAKE_BACK, Outcome, Part, Stage, Ticket
from bot.ports import Shelf
from bot.services.showing.due import due_reminders
from integrations.hubspot.seed import Activity, Person
from tests.journeys.furnished import FIRST, Furnished, find, pressed, rows_of, verbs, words
from tests.journeys.replies import COPY, ERASE, STRANGER, forged, known_by, reply
from tests.journeys.test_turns import BREACH, newest, told
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, erased, states

SECOND = "PR-2026-0002"
WISH = "Ring mig hellre på kontoret, tack."


async def channel(desk: Furnished, ref: str) -> str:
    """Return the words of a ticket's card in the Slack channel, and of the lines below it."""
    shown = [message.text for message in desk.slack.in_channel("C0TICKETS")]
    return "\n".join(text for text in shown if ref in text)


# --- says it belongs -------------------------------------------------------------------------------


async def test_what_only_says_it_belongs_is_a_ticket_of_its_own_until_a_colleague_decides(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, WISH, sender=STRANGER))
    own = await desk.ticket(SECOND)
    assert SAYS_IT_BELONGS in own.flags
    assert own.stage is Stage.RECEIVED, "its clock runs"
    card = await desk.card("sara", SECOND)
    assert f"säger sig höra till {FIRST}" in words(card)
    assert f"says it belongs to {FIRST}" in words(await desk.card("david", SECOND))
    assert find(card, Verb.JOIN).label == "Hör ihop…"
    assert MAIL_TO_READ not in (await desk.ticket()).flags
    letters = len(desk.letters())
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    own, other = await desk.ticket(SECOND), await desk.ticket()
    assert (own.stage, own.parts[0].outcome, own.parts[0].reason) == (Stage.CLOSED, Outcome.JOINED, "reason.joined")
    assert f"Fortsätter i {FIRST}" in words(await desk.card("sara", SECOND))
    assert MAIL_TO_READ in other.flags
    assert len(other.parts) == 1, "a wish to be called is no right"
    assert WISH in (await desk.review("maria"))[2]
    assert WISH in (await desk.review("maria", SECOND))[2], "its own mail stays as evidence of its receipt"
    assert await known_by(desk, STRANGER) == {SECOND}, "joining teaches no address"
    assert len(desk.letters()) == letters
    assert not desk.letters(STRANGER)
    assert "ticket.joined_to" in [entry.event for entry in await desk.events(SECOND)]


async def test_joining_is_undone_and_says_what_was_moved(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, f"{WISH} {COPY}", sender=STRANGER))
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert [part.type for part in (await desk.ticket()).parts] == [RequestType.ERASURE, RequestType.ACCESS]
    received = (await desk.ticket(SECOND)).parts[0].received
    assert (await desk.ticket()).parts[1].received == received, "its own receipt goes with it"
    await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"}, SECOND)
    own, other = await desk.ticket(SECOND), await desk.ticket()
    assert own.stage is Stage.RECEIVED
    assert own.parts[0].received == received
    assert [part.type for part in other.parts] == [RequestType.ERASURE]
    async with desk.opened.house.work() as unit:
        assert not await unit.vault.names(other.id, Shelf.CASE, "mail/")
    lines = "\n".join(await _history(desk, SECOND))
    assert f"skilde det här från {FIRST}. Tillbaka flyttades 1 mejl och 1 ny begäran." in lines
    assert Verb.JOIN in verbs(await desk.card("sara", SECOND))


async def _history(desk: Furnished, ref: str, name: str = "sara") -> tuple[str, ...]:
    ticket = await desk.ticket(ref)
    feed = await desk.opened.desk.feed(desk.who(name), "console", "tickets")
    shown = [one.history for one in feed if one.post.about == ticket.id]
    return shown[0] if shown else ()


async def test_a_part_that_has_gone_on_stays_when_the_joining_is_undone(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, COPY, sender=STRANGER))
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    await desk.press("sara", Verb.CONFIRM, FIRST, "tillgång")
    await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"}, SECOND)
    other = await desk.ticket()
    assert [part.type for part in other.parts] == [RequestType.ERASURE, RequestType.ACCESS]
    assert COPY in (await desk.review("sara"))[2], "what is under way keeps the mail it came by"
    assert "Kvar där arbetet pågår: 1 begäran" in "\n".join(await _history(desk, FIRST))


async def test_a_colleague_may_leave_it_by_itself(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, COPY, sender=STRANGER))
    await desk.fill("sara", Verb.JOIN, {"way": "apart"}, SECOND)
    own = await desk.ticket(SECOND)
    assert KEPT_APART in own.flags
    assert own.stage is Stage.RECEIVED
    card = await desk.card("sara", SECOND)
    assert "låter ärendena vara skilda" in words(card)
    await desk.press("sara", Verb.CONFIRM, SECOND)
    assert len((await desk.ticket()).parts) == 1


async def test_a_reference_that_does_not_exist(desk: Furnished) -> None:
    await desk.mail(reply(desk, WISH, sender=STRANGER, ref="PR-2026-0999"))
    card = await desk.card("sara")
    assert "en referens som inte finns" in words(card)
    assert "PR-2026-0999" not in words(card)
    assert "a reference that does not exist" in words(await desk.card("david"))
    assert Verb.JOIN not in verbs(card)


async def test_only_an_officer_joins_to_an_officers_ticket(desk: Furnished) -> None:
    await desk.mail(BREACH)
    await desk.mail(reply(desk, WISH, sender=STRANGER))
    with pytest.raises(NotYours):
        await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert (await desk.ticket(SECOND)).stage is Stage.RECEIVED
    before = await channel(desk, FIRST)
    await desk.fill("maria", Verb.JOIN, {"way": FIRST}, SECOND)
    assert (await desk.ticket(SECOND)).parts[0].outcome is Outcome.JOINED
    assert await channel(desk, FIRST) == before, "the channel learns nothing"


async def test_what_an_officers_mail_is_joined_to_becomes_the_officers(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(
        BREACH.replace(b"priya.natarajan@example.org", STRANGER.encode()).replace(b"Ni har", FIRST.encode())
    )
    second = await desk.ticket(SECOND)
    assert "breach_suspected" in second.flags
    await desk.fill("maria", Verb.CHANGE, {"rights": ["erasure"]}, SECOND)
    await desk.fill("maria", Verb.JOIN, {"way": FIRST}, SECOND)
    assert "breach_suspected" in (await desk.ticket()).flags
    assert words(await desk.card("sara")).count("\n") == 1, "its reference, and whose it is"
    await desk.fill("maria", Verb.NO_NOTIFICATION, {"reason": "no_breach", "note": "Inget hade läckt."}, SECOND)
    assert "breach_suspected" not in (await desk.ticket()).flags
    assert Verb.DECIDE in verbs(await desk.card("karin")), "and is its owners' again when that mail's clock is ended"


async def test_two_who_join_at_once_are_one_joining(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, COPY, sender=STRANGER))
    form = await desk.form("sara", Verb.JOIN, SECOND)
    both = [
        desk.opened.desk.submit(desk.who(name), form.press, {"way": (way,)})
        for name, way in (("sara", FIRST), ("maria", "apart"))
    ]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(one, StaleCard) for one in results) == 1
    await desk.settle()
    assert len((await desk.ticket()).parts) <= 2


async def test_a_reply_to_our_letter_needs_no_reference(desk: Furnished) -> None:
    """The letter it answers is a hint as good as the reference, and no better: the address must be known too."""
    await at_decision(desk, "erase")
    letter = desk.letters(PRIYA)[0]
    await desk.mail(reply(desk, WISH, ref="", to_letter=letter.message_id, quoted=False))
    assert len(await desk.tickets()) == 1
    assert MAIL_TO_READ in (await desk.ticket()).flags
    await desk.mail(reply(desk, WISH, ref="", to_letter=letter.message_id, sender=STRANGER, quoted=False))
    assert f"säger sig höra till {FIRST}" in words(await desk.card("sara", SECOND))
    ticket = await desk.ticket()
    guessed = f"<{ticket.id}@goto.work>"
    await desk.mail(reply(desk, "Tack för svaret.", ref="", to_letter=guessed, sender=STRANGER, quoted=False))
    assert len(await desk.tickets()) == 2, "a ticket's own id is no letter"


async def test_an_answering_machine_joins_nothing(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    raw = reply(desk, "Jag är på semester till den 1 april.", to_letter=desk.letters(PRIYA)[0].message_id)
    await desk.mail(b"Auto-Submitted: auto-replied\r\n" + raw)
    assert len(await desk.tickets()) == 1
    assert MAIL_TO_READ not in (await desk.ticket()).flags


# --- a new right in a thread -----------------------------------------------------------------------


async def test_a_new_right_in_a_thread_is_a_part_of_its_own(desk: Furnished) -> None:
    """From the mail to two letters: its own receipt, its own Confirm, and the copy before the erasure (R6, R9, D3)."""
    await at_decision(desk, "erase")
    await desk.later(timedelta(hours=3))
    first = (await desk.ticket()).parts[0]
    await desk.mail(reply(desk, COPY))
    ticket = await desk.ticket()
    assert len(await desk.tickets()) == 1
    assert ticket.parts[0] == first, "the other goes on undisturbed"
    new = ticket.parts[1]
    assert (new.type, new.stage, new.position) == (RequestType.ACCESS, Stage.RECEIVED, 2)
    assert new.received - first.received > timedelta(hours=2)
    assert ticket.stage is Stage.DECIDING
    card = await desk.card("sara")
    assert "Ny begäran i ärendet: tillgång" in words(card)
    assert "New request in the case: access" in words(await desk.card("david"))
    assert "Tillgång · Måldatum" in words(card)
    assert {Verb.CONFIRM, Verb.CHANGE, Verb.DISMISS} <= verbs(card)
    assert "ny begäran väntar" in await newest(desk, "sara")
    receipts = len(desk.letters(PRIYA))
    searches = len(states_of(ticket, "find"))
    await desk.press("sara", Verb.CONFIRM)
    assert len(desk.letters(PRIYA)) == receipts + 1, "a receipt for the new part (D5)"
    ticket = await desk.ticket()
    assert ticket.parts[1].stage is Stage.DECIDING
    assert len(states_of(ticket, "find")) == searches, "what was found today is good enough"


async def test_a_copy_asked_for_later_comes_before_the_erasure(desk: Furnished) -> None:
    """To both letters, in the order of R6 and D3, and the page behind the card says which mail asked for what."""
    await at_decision(desk, "erase")
    desk.clock.advance(timedelta(minutes=1))
    await desk.mail(reply(desk, COPY))
    await desk.press("sara", Verb.CONFIRM)
    for name in ("karin", "jonas"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}, "first the copy"
    assert not desk.hubspot.writes("gdpr-delete")
    await desk.press("sara", Verb.SEND_LETTER)
    link = [letter for letter in desk.letters(PRIYA) if "/c/" in letter.text][-1]
    await (await desk.person(link)).package()
    await desk.settle()
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert [part.outcome for part in ticket.parts] == [Outcome.FULFILLED, Outcome.FULFILLED]
    assert desk.hubspot.writes("gdpr-delete")
    page = (await desk.review("sara"))[2]
    assert "Vad som begärs, och när det kom in" in page
    assert "Senare mejl, mån 9 mars" in page


def states_of(ticket: Ticket, operation: str) -> list[str]:
    return [task.id for task in ticket.tasks if task.operation == operation]


async def test_what_is_a_week_old_is_searched_anew(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.later(timedelta(days=7))
    await desk.mail(reply(desk, COPY))
    before = len(states_of(await desk.ticket(), "find"))
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    assert len(states_of(ticket, "find")) > before
    assert ticket.parts[1].stage is Stage.LOCATING
    await desk.finish("jonas")
    assert (await desk.ticket()).parts[1].stage is Stage.DECIDING


async def test_the_same_right_again_is_no_new_part_but_a_wider_wish_is(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.fill("sara", Verb.CHANGE, {"scope": "fields", "scope_fields": "hemadress"})
    await desk.press("sara", Verb.CONFIRM)
    await desk.mail(reply(desk, ERASE))
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ERASURE] * 2, "never narrowed (R6)"
    await desk.later(timedelta(minutes=1))
    await desk.mail(reply(desk, f"Som sagt: {ERASE}"))
    assert len((await desk.ticket()).parts) == 2, "asked already"


async def test_one_part_is_changed_or_dismissed_by_itself(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, COPY))
    old = pressed(await desk.card("sara"), Verb.CONFIRM)
    form = await desk.form("sara", Verb.CHANGE, FIRST, "tillgång")
    with pytest.raises(Incomplete):
        await desk.send("sara", form, {"received": "2026-03-09T07:00"})
    with pytest.raises(NotAllowedNow, match="right_open_already"):
        await desk.send("sara", form, {"rights": "erasure"})
    await desk.send("sara", form, {"rights": "portability", "received": "2026-03-08T07:00", "received_why": "kom igår"})
    part = (await desk.ticket()).parts[1]
    assert part.type is RequestType.PORTABILITY
    assert part.received.isoformat() == "2026-03-08T06:00:00+00:00"
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("maria"), old)
    await desk.fill("sara", Verb.DISMISS, {"reason": "answered_elsewhere"}, FIRST, "portabilitet")
    ticket = await desk.ticket()
    assert [part.stage for part in ticket.parts] == [Stage.DECIDING, Stage.CLOSED]
    assert ticket.parts[1].outcome is Outcome.NOT_A_REQUEST
    assert Verb.DECIDE in verbs(await desk.card("karin"))
    await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"})
    again = (await desk.ticket()).parts[1]
    assert (again.stage, again.received) == (Stage.RECEIVED, part.received), "undone while the other runs (F07)"


async def test_a_guessed_receipt_or_a_limited_wish_is_settled_first(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    text = "Skicka en kopia på mina uppgifter, men inte på min anmälan, den vill jag ha kvar."
    await desk.raw_mail(reply(desk, text))  # without a mark of our server nobody knows when it came (C11)
    card = await desk.card("sara")
    assert Verb.CONFIRM not in verbs(card)
    assert "Tiden är osäker" in words(card)
    assert "ange omfattningen" in words(card)
    part = (await desk.ticket()).parts[1]
    with pytest.raises(NotAllowedNow, match="clock_unsure"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, part.id, part.version))
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.CHANGE, {"scope": "everything"}, FIRST, "tillgång")
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.CHANGE, {"received": "2026-03-29T09:00"}, FIRST, "tillgång")
    settled = {"received": "2026-03-09T09:30", "scope": "fields", "scope_fields": "e-post"}
    await desk.fill("sara", Verb.CHANGE, settled, FIRST, "tillgång")
    await desk.press("sara", Verb.CONFIRM, FIRST, "tillgång")
    assert (await desk.ticket()).parts[1].stage is not Stage.RECEIVED


async def test_what_is_limited_is_not_confirmed_before_its_scope_is_set(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, "Skicka en kopia på mina uppgifter, men inte på min anmälan, den vill jag ha kvar."))
    part = (await desk.ticket()).parts[1]
    with pytest.raises(NotAllowedNow, match="scope_unset"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, part.id, part.version))


async def test_a_right_added_before_confirm_is_confirmed_with_the_rest(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.later(timedelta(hours=1))
    await desk.mail(reply(desk, COPY))
    received = [part.received for part in (await desk.ticket()).parts]
    assert received[0] < received[1]
    card = await desk.card("sara")
    assert "Ny begäran i ärendet" not in words(card)
    assert "Tillgång · Måldatum" in words(card), "its own dates"
    given = {"received": "2026-03-09T07:00", "received_why": "låg i fel låda"}
    await desk.fill("sara", Verb.CHANGE, given)
    assert (await desk.ticket()).parts[1].received == received[1], "only the first mail's receipt was corrected"
    await desk.press("sara", Verb.CONFIRM)
    assert {part.stage for part in (await desk.ticket()).parts} == {Stage.LOCATING}


async def test_a_narrower_wish_afterwards_stops_the_wider_erasure(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, "Radera bara min hemadress."))
    assert len((await desk.ticket()).parts) == 1
    assert MAY_TAKE_BACK in (await desk.ticket()).flags


async def test_a_copy_asked_for_when_the_erasure_was_about_to_begin_comes_first(desk: Furnished) -> None:
    """Approved and confirmed by the person, but no job has taken it yet: it waits again."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await confirmed_by_link(desk)
    form = await desk.form("jonas", Verb.DECIDE)
    rows: Values = dict.fromkeys(rows_of(form), ("approve",))
    await desk.opened.desk.submit(desk.who("jonas"), form.press, rows | {"reference": (FIRST,)})
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.READY}
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        late = Part("late", 2, RequestType.ACCESS, desk.clock.now() + timedelta(minutes=1))
        await unit.tickets.save(ticket, replace(ticket, parts=(*ticket.parts, late)))
    await desk.settle()
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}, "the job itself looks once more"
    assert not desk.hubspot.writes("gdpr-delete")


async def test_an_unconfirmed_part_of_a_running_ticket_is_reminded_of(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.later(timedelta(days=1))
    await desk.mail(reply(desk, COPY))
    house = desk.opened.house
    assert "unconfirmed" not in due_reminders(house, await desk.ticket(), house.today())
    await desk.later(timedelta(days=1))
    assert "unconfirmed" in due_reminders(house, await desk.ticket(), house.today())
    await desk.tick("morning")
    about = f"summary:{house.today()}"
    assert FIRST in words(await desk.card("maria", about))


async def test_two_handlers_confirm_one_part_once(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, COPY))
    before = len(desk.letters(PRIYA))
    press = pressed(await desk.card("sara"), Verb.CONFIRM)
    both = [desk.opened.desk.press(desk.who(name), press) for name in ("sara", "maria")]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(one, PrivacyDeskError) for one in results) == 1
    await desk.settle()
    assert len(desk.letters(PRIYA)) == before + 1


async def test_a_reply_nobody_vouches_for_asks_who_writes(desk: Furnished) -> None:
    """A From line proves nothing: the new part waits for proof, the first goes on with what was shown (D7b, R12)."""
    await at_decision(desk, "erase")
    await desk.raw_mail(forged(reply(desk, COPY), desk))
    assert "kunde inte bekräftas" in words(await desk.card("sara"))
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    assert ticket.identity.state is IdentityState.ASKED
    assert ticket.identity.shown.state is IdentityState.AUTHENTICATED
    assert [part.stage for part in ticket.parts] == [Stage.DECIDING, Stage.VERIFYING]
    await desk.decide("karin")
    await desk.decide("jonas")
    assert (await desk.ticket()).parts[0].stage is Stage.EXECUTING
    assert not states(await desk.ticket(), "export")
    await confirmed_by_link(desk)
    ticket = await desk.ticket()
    assert ticket.identity.state is IdentityState.PROVEN
    assert ticket.parts[1].stage is Stage.DECIDING


async def test_more_is_asked_only_of_the_part_that_needs_it(desk: Furnished) -> None:
    """R12: what was shown for the erasure is not enough for the copy; the erasure goes on with it."""
    nora = "nora.ek@example.org"
    desk.hubspot.account.seed([Person(nora, "Nora", "Ek", activities=(Activity("notes", "Samtal om lön"),))])
    await desk.mail(reply(desk, ERASE, sender=nora, ref="", quoted=False))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    shown = (await desk.ticket()).identity
    assert (shown.state, shown.tier) == (IdentityState.AUTHENTICATED, 1)
    await desk.later(timedelta(minutes=5))
    await desk.mail(reply(desk, COPY, sender=nora))
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    assert (ticket.identity.state, ticket.identity.tier) == (IdentityState.ASKED, 2)
    assert ticket.identity.before == shown
    assert [part.stage for part in ticket.parts] == [Stage.DECIDING, Stage.VERIFYING]
    await desk.fill("sara", Verb.ATTEST, {"method": "call_back", "checked": ["number_on_file"]})
    ticket = await desk.ticket()
    assert [part.stage for part in ticket.parts] == [Stage.DECIDING, Stage.DECIDING]


async def test_a_forged_addition_before_confirm_puts_the_whole_in_doubt(desk: Furnished) -> None:
    """Confirmed together, they rest on the weakest mail: nobody gets a copy on a From line that failed."""
    await desk.sample("erase")
    await desk.later(timedelta(hours=1))
    await desk.raw_mail(forged(reply(desk, COPY), desk))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert ticket.identity.state is IdentityState.ASKED
    assert {part.stage for part in ticket.parts} == {Stage.VERIFYING}


async def test_a_right_about_somebody_else_is_no_part(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    text = "Min man Arun vill också bli raderad ur era register, hans adress är arun.natarajan@example.org."
    await desk.mail(reply(desk, text))
    assert len((await desk.ticket()).parts) == 1
    assert len(await desk.tickets()) == 2


# --- closed, asked again, taken back ---------------------------------------------------------------


async def test_a_new_right_after_the_end_is_a_new_ticket(desk: Furnished) -> None:
    await erased(desk)
    await desk.later(timedelta(days=2))
    await desk.mail(reply(desk, COPY))
    old, new = await desk.ticket(), await desk.ticket(SECOND)
    assert old.stage is Stage.CLOSED, "not reopened"
    assert FOLLOWS in new.flags
    assert new.parts[0].received > old.parts[0].received, "its own clock"
    assert f"följer på {FIRST}, som är avslutat" in words(await desk.card("sara", SECOND))
    assert Verb.JOIN not in verbs(await desk.card("sara", SECOND))
    await desk.press("sara", Verb.CONFIRM, SECOND)


async def test_a_new_right_that_says_it_belongs_to_a_closed_ticket_stays_by_itself(desk: Furnished) -> None:
    await erased(desk)
    await desk.mail(reply(desk, COPY, sender=STRANGER))
    with pytest.raises(NotAllowedNow, match="join_closed"):
        await desk.fill("sara", Verb.JOIN, {"way": FIRST}, SECOND)
    assert (await desk.ticket(SECOND)).stage is Stage.RECEIVED
    await desk.later(timedelta(minutes=1))
    await desk.mail(reply(desk, WISH, sender=STRANGER))
    await desk.fill("sara", Verb.JOIN, {"way": FIRST}, "PR-2026-0003")
    assert MAIL_TO_READ in (await desk.ticket()).flags, "what asks for nothing may join what is closed"
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_who_asks_again_gets_no_new_clock_but_is_heard(desk: Furnished) -> None:
    """R9: a complaint about a late answer goes to the handler and to who is on call."""
    await at_decision(desk, "erase")
    before, parts = await told(desk), (await desk.ticket()).parts
    await desk.mail(reply(desk, "Jag har fortfarande inte fått något svar på min begäran."))
    ticket = await desk.ticket()
    assert len(await desk.tickets()) == 1
    assert ticket.parts == parts
    assert ASKED_AGAIN in ticket.flags
    assert (await told(desk))["sara"] == before.get("sara", 0) + 1
    assert "svar som dröjer" in words(await desk.card("sara"))
    feed = await desk.opened.desk.feed(desk.who("maria"), "console", "maria")
    assert any("svar som dröjer" in words(one.card) for one in feed if "asked_again" in one.post.about)
    await desk.review("sara")
    assert not {ASKED_AGAIN, MAIL_TO_READ} & (await desk.ticket()).flags


@pytest.mark.parametrize("text", ["Glöm det, behåll mina uppgifter.", "Jag har ångrat mig, ni behöver inte radera."])
async def test_nothing_is_erased_while_a_mail_may_take_it_back(desk: Furnished, text: str) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, text))
    assert MAY_TAKE_BACK in (await desk.ticket()).flags
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    await desk.review("sara")
    await desk.settle()
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}, "read is not decided"
    assert "Inget raderas förrän" in words(await desk.card("sara"))
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.SETTLE_REGRET, {"way": "take_back", "parts": []})
    await desk.fill("sara", Verb.SETTLE_REGRET, {"way": "take_back"})
    assert not desk.hubspot.writes("gdpr-delete")
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.WITHDRAWN


async def test_a_colleague_may_say_that_it_goes_on(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.mail(reply(desk, "Glöm det jag skrev om parkeringen."))
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.fill("sara", Verb.SETTLE_REGRET, {"way": "go_on"})
    await desk.later(timedelta(seconds=10))
    assert MAY_TAKE_BACK not in (await desk.ticket()).flags
    assert desk.hubspot.writes("gdpr-delete")
    with pytest.raises(AssertionError):
        await desk.form("sara", Verb.SETTLE_REGRET)
