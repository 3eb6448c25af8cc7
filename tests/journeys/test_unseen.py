"""Systems that show nobody who is in them: by the id the person gave, of nobody they do not know, and no claim more."""

from dataclasses import replace
from datetime import timedelta

from bot.card import Verb
from bot.domain.cookie import EXAMPLE
from bot.domain.request import Role
from bot.domain.system import Identifier, IdentifierKind, Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome
from bot.ports import Call, JobKind
from bot.services import casefile
from bot.services.carrying_out import rechecking
from integrations.google.naming import hashed
from integrations.google_analytics.sandbox import ASTRID, CAREERS, SITE, GoogleAnalyticsSandbox
from integrations.google_display.sandbox import CUSTOMERS, GoogleDisplaySandbox
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import FIRST, Furnished, words
from tests.journeys.walks import PRIYA, confirmed_by_link, states

ANALYTICS, DISPLAY = "google_analytics", "google_display"
LARS = "lars.wallin@example.se"
COOKIE = f"_ga=GA1.2.{ASTRID}; _gid=GA1.2.5.1700000000"


def analytics(desk: Furnished) -> GoogleAnalyticsSandbox:
    sandbox = desk.vendors[ANALYTICS].sandbox
    assert isinstance(sandbox, GoogleAnalyticsSandbox)
    return sandbox


def display(desk: Furnished) -> GoogleDisplaySandbox:
    sandbox = desk.vendors[DISPLAY].sandbox
    assert isinstance(sandbox, GoogleDisplaySandbox)
    return sandbox


def listed(desk: Furnished, role: Role) -> None:
    """Let the lists be made of people of this role."""
    discloses = desk.opened.house.manifest(DISPLAY).discloses
    assert isinstance(discloses, dict)
    discloses[IdentifierKind.EMAIL] = frozenset({role})


async def asked(desk: Furnished, *roles: Role, cookie: str = COOKIE) -> None:
    """Let Priya ask to be erased, as somebody of these roles, and give what she pasted from her browser."""
    await desk.sample("erase")
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        person = await casefile.person_of(unit, ticket.id)
        others = (Identifier(IdentifierKind.GA_CLIENT_ID, cookie),) if cookie else ()
        await casefile.keep_person(unit, ticket.id, replace(person, others=others))
        await unit.tickets.save(ticket, replace(ticket, roles=roles))


async def decided(desk: Furnished) -> None:
    """Walk on to where everybody has said yes, the person too."""
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    for name in ("karin", "jonas", "maria"):
        if any(task.state is TaskState.PROPOSED for task in (await desk.ticket()).tasks):
            await desk.decide(name)
    await confirmed_by_link(desk)


async def answered(desk: Furnished) -> str:
    """Send the answer; return its words."""
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    return desk.letters(PRIYA)[-1].text


async def test_the_id_the_person_gave_is_erased_and_no_looking_claimed(desk: Furnished) -> None:
    await asked(desk, Role.CONTACT)
    await decided(desk)
    assert states(await desk.ticket(), Operation.FIND)[ANALYTICS] is TaskState.NOT_APPLICABLE
    assert states(await desk.ticket(), Operation.ERASE)[ANALYTICS] is TaskState.DONE
    assert [one.path.split("/")[3] for one in analytics(desk).writes()] == [
        f"{number}:submitUserDeletion" for number in (SITE, CAREERS)
    ]
    text = " ".join((await answered(desk)).split())
    assert "within 72 hours" in text
    assert "Google does not show us who is there" in text
    assert "1 browser" in text
    assert ASTRID not in text
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_without_an_id_nothing_is_claimed_and_the_letter_says_how_to_read_one(desk: Furnished) -> None:
    await asked(desk, Role.CONTACT, cookie="")
    await decided(desk)
    text = " ".join((await answered(desk)).split())
    assert "GA1.1. is only a version" in text
    assert not analytics(desk).seen


async def test_nobody_is_told_of_to_google_whom_the_lists_are_not_made_of(desk: Furnished) -> None:
    """D19: the demo's lists hold contract customers, and Priya is none."""
    await asked(desk, Role.CONTACT, Role.ATTENDEE)
    await decided(desk)
    ticket = await desk.ticket()
    assert states(ticket, Operation.FIND)[DISPLAY] is TaskState.NOT_APPLICABLE
    assert DISPLAY not in states(ticket, Operation.ERASE)
    assert not display(desk).seen
    assert "would disclose it" in " ".join((await answered(desk)).split())


async def test_an_order_is_given_once_and_followed_to_its_end(desk: Furnished) -> None:
    display(desk).add(PRIYA)
    display(desk).polls = 3
    listed(desk, Role.CONTACT)
    await asked(desk, Role.CONTACT)
    await decided(desk)
    assert states(await desk.ticket(), Operation.ERASE)[DISPLAY] is TaskState.READY
    card = words(await desk.card("sara")).splitlines()
    assert any("arbetar med" in row for row in card if row.startswith("Google Display"))
    assert not any("kontrollerat" in row for row in card if row.startswith("Google"))
    assert any("kontrollerat" in row for row in card if row.startswith("HubSpot"))
    await desk.later(timedelta(hours=3), steps=18)
    assert states(await desk.ticket(), Operation.ERASE)[DISPLAY] is TaskState.DONE
    assert hashed(PRIYA) not in display(desk).lists[CUSTOMERS]
    assert len(display(desk).writes()) == 1
    assert "Google does not show whether it was on them" in " ".join((await answered(desk)).split())


async def test_an_order_google_gave_up_is_a_colleagues_and_given_anew(desk: Furnished) -> None:
    display(desk).add(PRIYA)
    display(desk).outcome = "FAILED"
    listed(desk, Role.CONTACT)
    await asked(desk, Role.CONTACT)
    await decided(desk)
    await desk.later(timedelta(minutes=1))
    assert states(await desk.ticket(), Operation.ERASE)[DISPLAY] is TaskState.STUCK
    display(desk).outcome = "SUCCESS"
    await desk.press("jonas", Verb.RETRY)
    await desk.later(timedelta(hours=1), steps=12)
    assert states(await desk.ticket(), Operation.ERASE)[DISPLAY] is TaskState.DONE
    assert len(display(desk).writes()) == 2


async def test_a_lost_answer_is_asked_again_there(desk: Furnished) -> None:
    """Harmless twice, and there is nothing to look at (D34)."""
    analytics(desk).faults.add(Fault(Trouble.LOST_ANSWER, "POST", CAREERS))
    await asked(desk, Role.CONTACT)
    await decided(desk)
    await desk.later(timedelta(minutes=2), steps=6)
    assert states(await desk.ticket(), Operation.ERASE)[ANALYTICS] is TaskState.DONE
    assert len(analytics(desk).writes()) == 4


async def test_what_is_no_id_waits_for_a_colleague(desk: Furnished) -> None:
    await asked(desk, Role.CONTACT, cookie="jag hittar ingen kaka")
    await decided(desk)
    assert states(await desk.ticket(), Operation.ERASE)[ANALYTICS] is TaskState.STUCK
    assert not analytics(desk).seen


async def test_after_31_days_only_what_can_be_seen_is_looked_at(desk: Furnished) -> None:
    await asked(desk, Role.CONTACT)
    await decided(desk)
    await answered(desk)
    closed = await desk.ticket()
    before = len(analytics(desk).seen)
    desk.clock.advance(timedelta(days=31))
    await rechecking.recheck(desk.opened.house, Call(JobKind.RECHECK, (closed.id,), "t", 1))
    assert len(analytics(desk).seen) == before


async def test_opting_out_takes_customers_off_the_lists_and_tells_google_of_nobody_else(desk: Furnished) -> None:
    """R43, D19: advertising is marketing too, but of somebody who is on no list Google hears nothing."""
    display(desk).add(LARS)
    await desk.sample("unsubscribe")
    assert not display(desk).seen
    await desk.mail(
        f"From: Lars Wallin <{LARS}>\nTo: info@goto.work\nSubject: Avregistrera\n"
        "Date: Mon, 09 Mar 2026 09:00:00 +0100\nMessage-ID: <kund@example.se>\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
        "Hej, jag arbetar på ett företag som har avtal med er, vi är kund hos er. "
        "Avregistrera mig från alla era utskick.\n".encode()
    )
    await desk.later(timedelta(hours=1), steps=12)
    assert states((await desk.tickets())[-1], Operation.SUPPRESS)[DISPLAY] is TaskState.DONE
    assert hashed(LARS) not in display(desk).lists[CUSTOMERS]
    assert len(display(desk).writes()) == 1
    (letter,) = desk.letters(LARS)
    assert "Google visar inte om den fanns där" in " ".join(letter.text.split())


async def test_opting_out_takes_a_known_number_off_the_lists_as_an_erasure_does(desk: Furnished) -> None:
    display(desk).add(LARS)
    display(desk).add("+46701740609")
    await desk.mail(
        f"From: Lars Wallin <{LARS}>\nTo: info@goto.work\nSubject: Objection\n"
        "Date: Mon, 09 Mar 2026 09:00:00 +0100\nMessage-ID: <nummer@example.se>\n"
        "Content-Type: text/plain; charset=utf-8\n\nI object to the use of my data for direct marketing.\n".encode()
    )
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        person = await casefile.person_of(unit, ticket.id)
        phone = Identifier(IdentifierKind.PHONE, "070-174 06 09")
        await casefile.keep_person(unit, ticket.id, replace(person, others=(phone,)))
        await unit.tickets.save(ticket, replace(ticket, roles=(Role.CONTRACT_CUSTOMER,)))
    await desk.press("sara", Verb.CONFIRM)
    await desk.later(timedelta(hours=1), steps=12)
    assert states(await desk.ticket(), Operation.SUPPRESS)[DISPLAY] is TaskState.DONE
    assert not display(desk).lists[CUSTOMERS] & {hashed(LARS), hashed("+46701740609")}
    assert desk.hubspot.account.opted_out == {LARS}, "HubSpot knows nobody by a number, and is asked by none"


async def test_an_id_in_the_mail_itself_is_used(desk: Furnished) -> None:
    """As our letter asks for it; the example quoted from that letter is nobody's."""
    example = f"> Står det GA1.1.{EXAMPLE}"
    await desk.raw_mail(
        b"From: Priya Natarajan <priya.natarajan@example.org>\nTo: info@goto.work\nSubject: Radera\n"
        b"Date: Mon, 09 Mar 2026 09:00:00 +0100\nMessage-ID: <kaka@example.org>\n"
        b"Content-Type: text/plain; charset=utf-8\n\nHej, radera alla mina uppgifter.\n"
        + f"Värdet i _ga är GA1.1.{ASTRID}\n\n{example}\n".encode()
    )
    (ticket,) = await desk.tickets()
    async with desk.opened.house.work() as unit:
        person = await casefile.person_of(unit, ticket.id)
    assert person.others == (Identifier(IdentifierKind.GA_CLIENT_ID, ASTRID),)
