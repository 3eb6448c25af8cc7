"""No chat, no matter: what waits for a colleague reaches them by mail, with the reference and no more (D28)."""

from dataclasses import replace

import pytest

from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.people import Colleague, People
from bot.domain.roster import Roster
from bot.ports import Call, JobKind
from bot.services.house import House
from bot.services.showing.posting import ATTEMPTS, deliver
from tests.fakes import MemoryMailbox, MemoryMessenger
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.walks import PRIYA, at_decision

KARIN = "karin.holm@gotowork.example"
MARIA = "maria.ek@gotowork.example"


async def a_turn(desk: Furnished) -> str:
    """Return what a reminder to Karin is about."""
    await at_decision(desk, "erase")
    return f"reminder:deadline:{(await desk.ticket()).id}:2026-03-09"


def without_chat(desk: Furnished, **changes: str) -> House:
    """Return the house with a mailbox of its own and a Karin no chat knows."""

    def changed(one: Colleague) -> Colleague:
        return replace(one, handles={}, **changes) if one.id == "karin" else one  # type: ignore[arg-type]

    house = desk.opened.house
    people = People(tuple(changed(one) for one in house.people.colleagues), house.people.rota)
    return replace(house, people=Roster(people), mailbox=MemoryMailbox())


def mails(house: House) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of what was sent."""
    assert isinstance(house.mailbox, MemoryMailbox)
    return [(mail.recipient, mail.subject, mail.text) for mail in house.mailbox.sent]


def tell(about: str, attempts: int = 1) -> Call:
    return Call(JobKind.TELL, (about, "karin"), "token", attempts)


async def test_a_colleague_no_chat_knows_gets_a_mail_with_the_reference_only_and_once(desk: Furnished) -> None:
    about = await a_turn(desk)
    house = without_chat(desk)
    await deliver(house, tell(about))
    await deliver(house, tell(about))
    ((recipient, subject, text),) = mails(house)
    assert (recipient, subject) == (KARIN, f"{FIRST} väntar på dig")
    assert FIRST in text
    assert "HubSpot" not in text
    assert PRIYA not in text


async def test_what_is_no_ticket_is_told_without_a_reference(desk: Furnished) -> None:
    await a_turn(desk)
    house = without_chat(desk)
    await deliver(house, tell("summary:2026-03-09"))
    ((_, subject, text),) = mails(house)
    assert subject == "Desken för dataskydd väntar på dig"
    assert "PR-" not in text


async def test_the_officers_hear_where_no_address_takes_it(desk: Furnished) -> None:
    about = await a_turn(desk)
    house = without_chat(desk, email="")
    await deliver(house, tell(about))
    ((recipient, _, text),) = mails(house)
    assert recipient == MARIA
    assert "Karin Holm gick inte att nå" in text
    refused = without_chat(desk)
    assert isinstance(refused.mailbox, MemoryMailbox)
    refused.mailbox.will_raise(NeedsHuman("trouble.mail_refused"))
    await deliver(refused, tell(about))
    assert [recipient for recipient, _, _ in mails(refused)] == [MARIA]


async def test_a_chat_that_does_not_answer_is_gone_round_after_a_while(desk: Furnished) -> None:
    about = await a_turn(desk)
    chat = MemoryMessenger("slack")
    chat.will_raise(*[TryLater("trouble.busy")] * (ATTEMPTS + 1))
    house = replace(desk.opened.house, messengers={"slack": chat}, mailbox=MemoryMailbox())
    for attempt in range(1, ATTEMPTS):
        with pytest.raises(TryLater):
            await deliver(house, tell(about, attempt))
    assert mails(house) == []
    await deliver(house, tell(about, ATTEMPTS))
    assert [recipient for recipient, _, _ in mails(house)] == [KARIN]
    both = replace(house, messengers={"slack": chat, "console": MemoryMessenger()})
    with pytest.raises(TryLater):
        await deliver(both, tell(f"{about}0", ATTEMPTS))
    assert len(mails(house)) == 1, "one chat took it"


async def test_what_no_retry_cures_is_not_waited_for(desk: Furnished) -> None:
    about = await a_turn(desk)
    chat = MemoryMessenger("slack")
    chat.will_raise(*[NeedsHuman("trouble.chat_no_messages_tab")] * 2)
    house = replace(desk.opened.house, messengers={"slack": chat}, mailbox=MemoryMailbox())
    await deliver(house, tell(about))
    assert [recipient for recipient, _, _ in mails(house)] == [KARIN]
    both = replace(house, messengers={"slack": chat, "console": MemoryMessenger()})
    await deliver(both, tell(f"{about}0"))
    assert len(mails(house)) == 1, "one chat took it"


async def test_of_a_colleague_who_left_the_chat_the_officers_hear_too(desk: Furnished) -> None:
    """Their mail may be read by nobody either."""
    about = await a_turn(desk)
    chat = MemoryMessenger("slack")
    chat.will_raise(*[NeedsHuman("trouble.chat_person_gone", {"system": "Slack"})] * 2)
    house = replace(desk.opened.house, messengers={"slack": chat}, mailbox=MemoryMailbox())
    await deliver(house, tell(about))
    await deliver(house, tell(about))
    assert [recipient for recipient, _, _ in mails(house)] == [KARIN, MARIA], "and once each"


async def test_what_is_forgotten_is_told_to_nobody(desk: Furnished) -> None:
    house = without_chat(desk)
    await deliver(house, tell("reminder:deadline:forgotten:2026-03-09"))
    assert mails(house) == []
