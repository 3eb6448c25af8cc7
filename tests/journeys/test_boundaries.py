"""What belongs to one person, one case or one wish stays there: nothing crosses over."""

import re
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from bot.card import Choice, Press, Verb
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.system import Mode, Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import Shelf
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.test_street import with_access_answered
from tests.journeys.walks import FATIMA, PRIYA, at_decision, at_search_end, states

ASTRID = "astrid.lundgren@example.se"


def mail(desk: Furnished, sender: str, subject: str, text: str, attachment: str = "") -> bytes:
    """Return a mail as a person would send it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "info@goto.work", subject
    made["Date"] = format_datetime(desk.clock.now())
    made["Message-ID"] = f"<{abs(hash((subject, text)))}@{sender.rpartition('@')[2]}>"
    made.set_content(text)
    if attachment:
        made.add_attachment(b"\xff\xd8 a picture", maintype="image", subtype="jpeg", filename=attachment)
    return made.as_bytes()


async def test_reopening_for_somebody_else_hands_over_nothing_of_the_first(desk: Furnished) -> None:
    await with_access_answered(desk)
    old = next(letter for letter in reversed(desk.letters(FATIMA)) if "/c/" in letter.text)
    person = await desk.person(old)
    await person.package()
    await desk.settle()
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert ticket.stage is Stage.CLOSED
    await desk.fill("maria", Verb.REOPEN, {"reason": "another_person"})
    async with desk.opened.house.work() as unit:
        assert not await unit.vault.names(ticket.id, Shelf.FINDINGS)
    status, page = await person.get("/c/page")
    assert status == 404, page
    assert (await (await desk.visitor()).post(old.link))[0] == 404


async def test_another_open_case_keeps_its_records_from_being_erased(desk: Furnished) -> None:
    """Access is asked in one case, erasure in the next: the second waits for a colleague (D13, D3)."""
    first = await desk.sample("access-then-erase")
    await desk.mail(mail(desk, FATIMA, "Radera allt", "Hej, radera alla uppgifter ni har om mig.\n\nFatima"))
    second = next(ticket.ref for ticket in await desk.tickets() if ticket.ref != first)
    await desk.press("sara", Verb.CONFIRM, second)
    await desk.finish("jonas", second)
    await desk.decide("karin", second)
    await desk.decide("jonas", second)
    await desk.decide("sara", second)
    link = [letter for letter in desk.letters(FATIMA) if "/c/" in letter.text][-1]
    await (await desk.person(link)).post("/c/confirm")
    await desk.settle()
    assert not desk.hubspot.writes("gdpr-delete")
    stuck = next(task for task in (await desk.ticket(second)).tasks if task.trouble == "trouble.other_ticket")
    assert (stuck.system, stuck.state) == ("hubspot", TaskState.STUCK)


async def test_a_limited_request_is_confirmed_only_once_a_colleague_set_its_scope(desk: Furnished) -> None:
    text = "Hej, radera allt ni har om mig utom min anmälan till frukosten, den vill jag ha kvar.\n\nFatima"
    await desk.mail(mail(desk, FATIMA, "Radera mina uppgifter", text))
    assert "scope_limited" in (await desk.ticket()).flags
    assert Verb.CONFIRM not in verbs(await desk.card("sara"))
    ticket = await desk.ticket()
    with pytest.raises(NotAllowedNow, match="scope_unset"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, ticket.id, ticket.version))
    await desk.fill("sara", Verb.CHANGE, {"rights": ["erasure"], "scope": "roles", "roles": ["contact"]})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    erasures = [task for task in (await desk.ticket()).tasks if task.operation is Operation.ERASE]
    assert erasures
    assert {task.mode for task in erasures} == {Mode.MANUAL}, "the bot erases all or nothing"


async def test_an_opt_out_that_keeps_something_waits_for_a_colleague(desk: Furnished) -> None:
    text = "Avregistrera mig från nyhetsbrevet men fortsätt skicka eventpåminnelser.\n\nRebecca"
    await desk.mail(mail(desk, "rebecca.stone@example.com", "Nyhetsbrevet", text))
    (ticket,) = await desk.tickets()
    assert ticket.stage is Stage.RECEIVED
    assert not desk.hubspot.writes("unsubscribe-all")


async def test_a_reply_leaves_no_copy_of_an_identity_paper(desk: Furnished) -> None:
    await at_search_end(desk, "forwarded")
    ticket = (await desk.tickets())[0]
    reply = mail(
        desk,
        "lars.wallin@example.se",
        f"SV: ärende {ticket.ref}",
        "Hej, här är mitt pass.\n\nLars",
        "passport_scan.jpg",
    )
    await desk.mail(reply)
    kept = []
    async with desk.opened.house.work() as unit:
        for name in await unit.vault.names(ticket.id, Shelf.CASE, "mail/"):
            kept.append(await unit.vault.get(ticket.id, Shelf.CASE, name))  # noqa: PERF401 - one unit, one look each
    assert len(kept) == 1, "the reply joined its ticket"
    assert b"/9gg" not in kept[0]


async def test_what_a_colleague_saw_is_found_again_before_it_is_handed_over(desk: Furnished) -> None:
    """The search is stuck on a refused key and closed by hand; the key is mended; the package is not empty."""
    refused = Fault(Trouble.STATUS, path="/contacts", status=401, times=None)
    desk.hubspot.faults.add(refused)
    ref = await desk.sample("access-then-erase")
    await desk.press("sara", Verb.CONFIRM, ref)
    assert states(await desk.ticket(ref), "find")["hubspot"] is TaskState.STUCK
    with pytest.raises(Incomplete):
        await desk.fill("karin", Verb.FINISH_BY_HAND, {"result": "done"}, ref, "HubSpot")
    await desk.fill("karin", Verb.FINISH_BY_HAND, {"result": "done", "count": "1"}, ref, "HubSpot")
    refused.times = 0
    await desk.finish("jonas", ref, label="Outlook")
    ticket = await desk.ticket(ref)
    if ticket.stage is Stage.VERIFYING:
        await desk.fill("sara", Verb.ATTEST, {"method": "call_back", "checked": ["number_on_file"]}, ref)
    await desk.decide("karin", ref)
    await desk.decide("sara", ref)
    async with desk.opened.house.work() as unit:
        exported = await unit.vault.names(ticket.id, Shelf.FINDINGS, "export/")
    assert exported


async def test_nothing_is_called_done_everywhere_when_a_system_was_not_searched(desk: Furnished) -> None:
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    await desk.fill("jonas", Verb.FINISH_BY_HAND, {"result": "exception", "exception_reason": "no_access"})
    await desk.decide("karin")
    await desk.decide("jonas")
    link = next(letter for letter in desk.letters(PRIYA) if "/c/" in letter.text)
    await (await desk.person(link)).post("/c/confirm")
    await desk.settle()
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert ticket.parts[0].outcome is Outcome.PARTLY
    answer = desk.letters(PRIYA)[-1].text
    assert "Office 365" in answer
    assert "Swedish Authority for Privacy Protection" in answer
    assert "court" in answer


async def test_a_spent_code_can_be_asked_for_again_but_not_for_ever(desk: Furnished) -> None:
    """An order number: five attempts, three times behind one link; then a colleague decides (F17)."""
    await desk.mail(
        mail(desk, "yusuf.demir@example.org", "Mina uppgifter", "Hej, skicka en kopia på allt ni har om mig.\n\nYusuf")
    )
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.tier) == (Stage.VERIFYING, 2)
    person = await desk.person(next(letter for letter in desk.letters() if "/c/" in letter.text))
    for _ in range(3):
        await person.post("/c/confirm")
        assert (await desk.ticket()).identity.challenge is not None
        desk.clock.advance(timedelta(minutes=1))
        for _ in range(5):
            await person.post("/c/answer", {"answer": "000000", "code": "000000", "value": "000000"})
        assert (await desk.ticket()).stage is Stage.VERIFYING
    status, _ = await person.post("/c/confirm")
    assert status in (200, 409)
    asked = [entry for entry in await desk.events() if entry.event is LedgerEvent.IDENTITY_ASKED]
    assert len(asked) == 3
    assert "väntar på: personen" not in words(await desk.card("sara")).casefold()


async def test_one_owners_yes_does_not_spoil_anothers_open_form(desk: Furnished) -> None:
    ref = await at_decision(desk)
    form = await desk.form("karin", Verb.DECIDE, ref)
    await desk.decide("sara", ref)
    rows = [element.name for element in form.elements if isinstance(element, Choice)]
    chosen: dict[str, str | Sequence[str]] = dict.fromkeys(rows, "approve")
    await desk.send("karin", form, chosen | {"reference": ref})
    mine = [task for task in (await desk.ticket(ref)).tasks if task.system == "hubspot" and task.approvals]
    assert mine


async def test_a_colleague_sees_one_reminder_a_ticket(desk: Furnished) -> None:
    """Every turn is told, but a feed drawn from what is true now would say the same thing many times over."""
    ref = await at_decision(desk)
    await desk.decide("sara", ref)
    feed = await desk.opened.desk.feed(desk.who("karin"), "console", "karin")
    abouts = [one.post.about for one in feed if one.post.about.startswith("reminder:")]
    assert len({about.split(":")[2] for about in abouts}) == len(abouts)


async def test_who_fetches_the_copy_is_told_that_erasure_follows(desk: Furnished) -> None:
    await with_access_answered(desk)
    letter = next(one for one in reversed(desk.letters(FATIMA)) if "/c/" in one.text)
    person = await desk.visitor()
    assert "väntar tills du har hämtat filen" in await person.enter(letter.link)
    await person.package()
    assert "väntar tills du har hämtat filen" not in (await person.get("/c/page"))[1]


async def test_an_owner_reads_a_letter_but_does_not_write_it(desk: Furnished) -> None:
    """Letters' drafts are the handlers' (D9)."""
    ref = await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name, ref)
    browser, path, page = await desk.review("karin", ref)
    fields = dict(re.findall(r'name="(csrf|letter|version)" value="([^"]+)"', page))
    status, said = await browser.post(f"{path}/letter", fields | {"subject": "Hej", "text": "Inget."})
    assert status == 403, said
