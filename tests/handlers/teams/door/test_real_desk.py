"""The real desk through Teams: from a typed request to the sent letter, by the documented JSON alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.domain.ledger import LedgerEvent
from bot.services.showing.posting import refresh
from tests.fakes import FixedClock
from tests.handlers.teams.door.conftest import sent
from tests.handlers.teams.door.real_desk import IDS, Street, street
from tests.handlers.teams.door.test_dialogs import chosen
from tests.standins.teams import CHANNEL, GROUP, TeamsStandIn
from tests.standins.teams_people import labels, words

REF = "PR-2026-0001"
ADDRESS, NAME = "priya.natarajan@example.org", "Priya Natarajan"
REQUEST = {
    "channel": "telefon",
    "subject": ADDRESS,
    "name": NAME,
    "text": f"Hello, I would like all of my personal data deleted. {NAME}",
}


@pytest.fixture
async def at_work(
    tmp_path: Path, clock: FixedClock, teams: TeamsStandIn, session: ClientSession
) -> AsyncIterator[Street]:
    """A desk that Sara has just typed a request into, in her own chat."""
    async with street(tmp_path, clock, teams, session) as street_:
        await street_.person("david").say("hjälp")  # Teams has spoken from the channel
        sara = street_.person("sara").alone()
        await sara.say("ny")
        (said,) = await sent(teams, 1)
        (label,) = labels(said.card)
        opened = await sara.open(said, label)
        done = await sara.send(said, opened.card, REQUEST)
        assert REF in words(done.card)
        await street_.runner.drain()
        yield street_


async def test_the_whole_street(at_work: Street, teams: TeamsStandIn) -> None:
    """Erasure, which two people must want: request, search, identity, decisions, letter, closed."""
    sara, karin, jonas = (at_work.person(name) for name in ("sara", "karin", "jonas"))
    assert f"{REF} · Ny begäran" in words(at_work.card.card)

    pressed = await at_work.press(sara, "Bekräfta")
    assert REF in words(pressed.card)
    assert f"{REF} · Söks" in words(at_work.card.card)
    assert (await at_work.fill(jonas, "Avsluta steget i Outlook…", {"result": "Fanns inte"})).text == ""
    how = {"method": "återuppringning till numret vi redan har", "checked": ["Jag ringde numret vi redan hade"]}
    await at_work.fill(sara, "Bekräftad på annat sätt…", how)
    assert f"{REF} · Beslut" in words(at_work.card.card)

    await decide(at_work, "karin")
    assert "godkänt 1 av 2" in words(at_work.card.card)
    again = await karin.open(at_work.card, "Besluta…")
    assert again.sentence, "the same person cannot be the second"
    await decide(at_work, "jonas")
    assert "Godkänn och skicka" in labels(at_work.card.card)

    await at_work.press(sara, "Godkänn och skicka")
    assert f"{REF} · Avslutad" in words(at_work.card.card)
    for telling in (ADDRESS, NAME, "Priya", "Natarajan"):
        assert telling not in teams.traffic


async def decide(at_work: Street, name: str) -> None:
    """Approve, the reference typed wrong first."""
    who = at_work.person(name)
    opened = await who.open(at_work.card, "Besluta…")
    (task,) = (part["id"] for part in opened.card["body"] if str(part.get("id", "")).startswith("task:"))
    wrong = await who.send(at_work.card, opened.card, {task: "Godkänn", "reference": "PR-2026-0002"})
    assert wrong.card["body"][0]["id"] == "complaint"
    right = await who.send(at_work.card, wrong.card, {"reference": REF})
    assert right.text == ""
    await at_work.runner.drain()


async def test_an_old_card_is_refused_and_drawn_afresh(at_work: Street) -> None:
    sara = at_work.person("sara")
    old = sara.pressed(at_work.card, "Bekräfta")
    assert (await at_work.fill(sara, "Ändra…", {"language": "svenska"})).text == ""
    edits = at_work.card.edits
    answer = await sara.post(old)
    await at_work.runner.drain()
    assert "sedan kortet ritades" in words(answer.card)
    assert at_work.card.edits == edits + 1
    assert "Ny begäran" in words(at_work.card.card)


async def test_who_may_not_is_told_who_may(at_work: Street, teams: TeamsStandIn) -> None:
    david = at_work.person("david")
    pressed = await at_work.press(david, "Bekräfta")
    opened = await david.open(at_work.card, "Ändra…")
    handlers = [one.name for one in at_work.house.people.colleagues if one.handles_tickets]
    assert handlers
    assert all(name in said for said in (pressed.sentence, opened.sentence) for name in handlers)
    assert "Ny begäran" in words(at_work.card.card)


async def test_look_ups_are_for_the_asker(at_work: Street, teams: TeamsStandIn) -> None:
    maria = at_work.person("maria")
    posted = len(teams.messages)
    typed = ("hjälp", f"visa {REF}", f"hitta {ADDRESS}", "mina", "öppna", "förfaller 14", "system", "jour", "hem")
    for number, text in enumerate(typed, 2):
        assert (await maria.say(text)).status == 202
        await teams.told(number)
    asked = teams.private[1:]
    assert {message.reader for message in asked} == {maria.known_as}
    assert REF in words(asked[1].card)
    assert len(teams.messages) == posted
    assert ADDRESS not in teams.traffic


async def test_who_looks_for_a_person_where_others_read_is_asked_in_a_dialog(
    at_work: Street, teams: TeamsStandIn
) -> None:
    """D16: nothing is searched by the address that was typed in the open; that somebody searched is noted."""
    maria = at_work.person("maria")
    told, posted = len(teams.private), len(teams.messages)
    await maria.say(f"hitta {ADDRESS}")
    offered = (await teams.told(told + 1))[-1]
    assert "Sök inte med adress i en kanal" in words(offered.card)
    assert REF not in words(offered.card)
    opened = await maria.open(offered, "Sök…")
    wrong = await maria.send(offered, opened.card, {"subject": "priya"})
    assert wrong.card["body"][0]["id"] == "complaint"
    empty = await maria.send(offered, opened.card, {})
    assert "Fyll i minst ett av fälten" in words(empty.card)
    found = await maria.send(offered, opened.card, {"name": NAME.upper()})
    assert REF in words(found.card)
    assert "Kontrollera vem det gäller" in words(found.card)
    assert "i ett meddelande bara till dig" in words(found.card)
    assert labels(found.card) == [], "no button of a dialog works"
    listed = (await teams.told(told + 2))[-1]
    assert (listed.reader, len(teams.messages)) == (maria.known_as, posted)
    (opens,) = [label for label in labels(listed.card) if label.startswith("Öppna")]
    await maria.press(listed, opens)
    assert "Ny begäran" in words((await teams.told(told + 3))[-1].card)
    await maria.alone().say("hitta")
    assert labels((await sent(teams, posted + 1))[-1].card) == ["Hitta ärenden…"]
    async with at_work.house.work() as unit:
        entries = await unit.ledger.entries("desk")
    assert [entry.event for entry in entries].count(LedgerEvent.SOUGHT) == 1
    said = "".join(str(message.card) for message in teams.private).casefold()
    assert ADDRESS not in said
    assert NAME.casefold() not in said


async def test_a_private_link_is_only_for_who_pressed(at_work: Street, teams: TeamsStandIn) -> None:
    sara = at_work.person("sara")
    edits, told = at_work.card.edits, len(teams.private)
    answer = await at_work.press(sara, "Visa bara för mig")
    link = (await teams.told(told + 1))[-1]
    assert link.reader == sara.known_as
    assert "/review/" in str(link.card)
    assert "/review/" not in answer.text
    assert at_work.card.edits == edits


async def test_each_sees_the_card_in_a_language_of_their_own(at_work: Street) -> None:
    async with at_work.house.work() as unit:
        ticket = await unit.tickets.load(REF)
    refresh = {"refresh": {"action": {"type": "Action.Execute", "verb": "refresh", "data": {"about": ticket.id}}}}
    swedish = await at_work.person("sara").refresh(at_work.card, refresh)
    english = await at_work.person("david").refresh(at_work.card, refresh)
    assert "Ny begäran" in words(swedish.card)
    assert "New request" in words(english.card)


async def test_a_chosen_message_becomes_a_ticket_without_its_words_in_the_chat(
    at_work: Street, teams: TeamsStandIn
) -> None:
    """F02, D17: the second choosing says which ticket it is already."""
    sara = at_work.person("sara")
    payload = chosen(body={"contentType": "html", "content": f"<p>{NAME} wants everything deleted: {ADDRESS}</p>"})
    in_group = type(sara)(teams, at_work.session, at_work.url, IDS["sara"], GROUP)
    opened = await in_group.choose(payload, "requestFromMessage")
    assert "PR-2026-0002" in words(opened.card)
    done = await in_group.send_chosen(opened.card, "requestFromMessage", {"subject": ADDRESS})
    await at_work.runner.drain()
    assert "PR-2026-0002" in words(done.card)
    assert len(teams.in_room(CHANNEL)) == 2
    again = await in_group.choose(payload, "requestFromMessage")
    assert "PR-2026-0002" in again.sentence
    posted = "".join(str(message.card) + message.text + "".join(message.thread) for message in teams.messages.values())
    assert ADDRESS not in posted
    assert NAME not in posted


async def test_messages_of_the_desks_own_channel_are_not_taken(at_work: Street) -> None:
    answer = await at_work.person("sara").choose(chosen(), "requestFromMessage")
    assert answer.body["task"]["type"] == "message"


async def test_who_is_in_no_file_is_known_by_the_work_address_teams_vouches_for(
    tmp_path: Path, clock: FixedClock, teams: TeamsStandIn, session: ClientSession
) -> None:
    """The first words are refused, the roster is asked by a job, the next are heard; a guest never is."""
    async with street(tmp_path, clock, teams, session, unwritten=("maria", "sara")) as at_work:
        teams.members = {
            IDS["maria"]: {"email": "Maria.Ek@gotowork.example", "userRole": "user"},
            IDS["sara"]: {"email": "sara.lind@gotowork.example", "userRole": "guest"},
        }
        maria, guest = at_work.person("maria"), at_work.person("sara")
        for number, person in enumerate((maria, guest), 1):
            await person.say("mina")
            assert "känner inte igen dig" in words((await teams.told(number))[-1].card)
        await at_work.runner.drain()
        await maria.say("mina")
        assert "känner inte igen dig" not in words((await teams.told(3))[-1].card)
        await guest.say("mina")
        assert "känner inte igen dig" in words((await teams.told(4))[-1].card)
        assert [call.what for call in teams.calls].count("member") == 2


async def test_a_card_whose_answer_was_lost_is_true_as_soon_as_somebody_sees_it(
    at_work: Street, teams: TeamsStandIn, clock: FixedClock
) -> None:
    """Teams lets nobody look for it; its readers' clients ask for their own view, and say from which card."""
    kept = at_work.card
    del teams.messages[CHANNEL, kept.id]
    teams.lose_answer("send")
    async with at_work.house.work() as unit:
        await refresh(unit, (await unit.tickets.load(REF)).id)
    await at_work.runner.drain()
    lost, sara = at_work.card, at_work.person("sara")
    assert (await sara.refresh(lost)).card
    clock.advance(timedelta(seconds=10))
    await at_work.runner.drain()
    assert at_work.card is lost, "met before it was posted again: it is the one card"
    assert lost.edits
    await at_work.press(sara, "Bekräfta")
    assert f"{REF} · Söks" in words(lost.card)
