"""Where HubSpot leaves a doubt nothing is erased and nothing claimed: a person is asked, and then it goes on."""

from datetime import timedelta

from pydantic import JsonValue

from bot.card import Verb
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from integrations.hubspot.seed import Activity, Person
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished
from tests.journeys.pages import asked, reply
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, states

OTHER = "kollega@example.com"


def trouble(ticket: Ticket, operation: str) -> str:
    (said,) = [one.trouble for one in ticket.tasks if (one.system, one.operation) == ("hubspot", operation)]
    return said


async def erase(desk: Furnished) -> None:
    """Walk Priya's erasure to where HubSpot is at work on it."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))


async def test_an_answer_in_part_about_who_is_on_a_meeting_stops_the_search(desk: Furnished) -> None:
    """Taken for "nobody else", it would have erased a colleague's meeting."""
    account = desk.hubspot.account
    account.seed([Person(OTHER, "Kim", "Holm", activities=(Activity("meetings", "Möte", also=(PRIYA,)),))])
    error: JsonValue = {"category": "OBJECT_NOT_FOUND"}
    body: JsonValue = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [error]}
    desk.hubspot.faults.add(Fault(Trouble.STATUS, "POST", "meetings/contacts/batch", None, status=207, body=body))
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    assert states(ticket, "find")["hubspot"] is TaskState.STUCK
    assert trouble(ticket, "find") == "trouble.partial"
    assert account.contact(PRIYA) is not None
    assert len(account.alive("meetings")) == 1
    desk.hubspot.faults.clear()
    await desk.press("karin", Verb.RETRY)
    await desk.settle()
    ticket = await desk.ticket()
    (found,) = [one.found for one in ticket.tasks if (one.system, one.operation) == ("hubspot", "find")]
    assert found == {"meeting": 1, "contact": 1}


async def test_a_file_on_somebody_elses_note_waits_for_a_word(desk: Furnished) -> None:
    account = desk.hubspot.account
    account.seed(
        [Person(OTHER, "Kim", "Holm", activities=(Activity("notes", "till Kim", files=(("pris.pdf", b"1"),)),))]
    )
    (kims,) = account.alive("notes")
    account.seed([Person("p2@example.com", "P", "N", further=(PRIYA,), activities=(Activity("notes", "prislista"),))])
    own = next(one for one in account.alive("notes") if one.id != kims.id)
    own.properties["hs_attachment_ids"] = kims.properties["hs_attachment_ids"]
    await erase(desk)
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    assert len(account.files) == 1
    (about,) = [one for one in asked((await desk.review("karin"))[2]) if one.startswith("shared:hubspot:")]
    assert (await reply(desk, "karin", about, "dissociate:"))[0] == 200
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DONE}
    assert account.contact(PRIYA) is None
    assert len(account.files) == 1
    assert [one.id for one in account.alive("notes")] == [kims.id]


async def test_a_contact_in_the_bin_is_restored_by_a_person_then_erased_with_what_lies_on_it(desk: Furnished) -> None:
    account = desk.hubspot.account
    account.seed([Person("p2@example.com", "P", "N", further=(PRIYA,), activities=(Activity("notes", "hemligt"),))])
    binned = account.contact("p2@example.com")
    assert binned is not None
    binned.archived = True
    await erase(desk)
    ticket = await desk.ticket()
    assert states(ticket, "erase") == {"hubspot": TaskState.STUCK}
    assert trouble(ticket, "erase") == "trouble.in_bin"
    assert account.get("contacts", binned.id) is binned
    binned.archived = False
    await desk.press("karin", Verb.RETRY)
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DONE}
    assert account.get("contacts", binned.id) is None
    assert not account.alive("notes")


class Forgetful(set[str]):
    """Takes an opt-out and keeps none."""

    def add(self, address: str) -> None:
        del address


async def test_an_opt_out_that_never_shows_is_a_persons_and_is_not_claimed(desk: Furnished) -> None:
    account = desk.hubspot.account
    kept, account.opted_out = account.opted_out, Forgetful()
    await desk.sample("unsubscribe")
    assert states(await desk.ticket(), "suppress")["hubspot"] is TaskState.READY
    for _ in range(40):
        await desk.later(timedelta(seconds=3))
    ticket = await desk.ticket()
    assert states(ticket, "suppress")["hubspot"] is TaskState.STUCK
    assert trouble(ticket, "suppress") == "trouble.not_yet_there"
    assert not any("HubSpot" in letter.text for letter in desk.letters())
    account.opted_out = kept
    await desk.press("karin", Verb.RETRY)
    await desk.later(timedelta(seconds=3))
    assert states(await desk.ticket(), "suppress")["hubspot"] is TaskState.DONE
    assert kept
