"""The real desk through Slack: from a typed request to the sent letter, by signed requests alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.desk import Desk
from bot.domain.ledger import LedgerEvent
from bot.domain.request import Language
from bot.services.showing.posting import refresh
from tests.fakes import FixedClock
from tests.handlers.slack.real_desk import Street, street, typed_in
from tests.handlers.slack.small_desk import CHANNEL, TEXTS
from tests.handlers.slack.test_listeners import until
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import labels, words
from tests.standins.slack_rooms import Room

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
    tmp_path: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> AsyncIterator[Street]:
    """A desk that Sara has just typed a request into."""
    async with street(tmp_path, clock, slack, session) as street_:
        await typed_in(street_, REQUEST)
        yield street_


async def test_the_whole_street(at_work: Street, slack: SlackStandIn) -> None:
    """Erasure, which two people must want: request, search, identity, decisions, letter, closed."""
    sara, karin, jonas = (at_work.person(user) for user in ("U0SARA", "U0KARIN", "U0JONAS"))
    assert f"{REF} · Ny begäran" in words(at_work.card.blocks)

    await at_work.press(sara, "Bekräfta")
    assert f"{REF} · Söks" in words(at_work.card.blocks)
    await at_work.fill(jonas, "Avsluta steget i Outlook…", {"result": "Fanns inte"})
    how = {"method": "återuppringning till numret vi redan har", "checked": ["Jag ringde numret vi redan hade"]}
    await at_work.fill(sara, "Bekräftad på annat sätt…", how)
    assert f"{REF} · Beslut" in words(at_work.card.blocks)

    await decide(at_work, "U0KARIN")
    assert "godkänt 1 av 2" in words(at_work.card.blocks)
    await karin.press(at_work.card, "Besluta…")
    assert slack.views == {}, "the same person cannot be the second"
    await decide(at_work, "U0JONAS")
    assert "Godkänn och skicka" in labels(at_work.card.blocks)

    await at_work.press(sara, "Godkänn och skicka")
    assert f"{REF} · Avslutad" in words(at_work.card.blocks)
    assert at_work.card.thread[0].endswith("Ärendet öppnades.")
    assert len(at_work.card.thread) == len(set(at_work.card.thread)), "told once each"
    for telling in (ADDRESS, NAME, "Priya", "Natarajan"):
        assert telling not in slack.traffic


async def decide(at_work: Street, user: str) -> None:
    who = at_work.person(user)
    await at_work.press(who, "Besluta…")
    (view,) = at_work.slack.views.values()
    (task,) = (name for name in (block.get("block_id", "") for block in view["blocks"]) if name.startswith("task:"))
    wrong = await who.submit(view, {task: "Godkänn", "reference": "PR-2026-0002"})
    assert list(wrong.body["errors"]) == ["reference"]
    right = await who.submit(view, {task: "Godkänn", "reference": REF})
    assert right.body == {"response_action": "clear"}
    await at_work.runner.drain()


async def test_a_form_sent_untouched_changes_nothing(at_work: Street) -> None:
    """The form shows whole minutes; a receipt keeps its seconds, and leaving it alone needs no reason."""
    async with at_work.house.work() as unit:
        ticket = await unit.tickets.load(REF)
        received = ticket.received + timedelta(seconds=33)
        await unit.tickets.save(ticket, replace(ticket, received=received))
        await refresh(unit, ticket.id)
    await at_work.runner.drain()
    answer = await at_work.fill(at_work.person("U0SARA"), "Ändra…", {})
    assert answer.body == {"response_action": "clear"}
    async with at_work.house.work() as unit:
        assert (await unit.tickets.load(REF)).received == received


async def test_an_old_card_is_refused_and_drawn_afresh(at_work: Street, slack: SlackStandIn) -> None:
    sara = at_work.person("U0SARA")
    old = sara.pressed(at_work.card, "Bekräfta")
    await at_work.fill(sara, "Ändra…", {"language": "svenska"})
    edits = at_work.card.edits
    assert (await sara.interact(old)).status == 200
    await at_work.runner.drain()
    assert at_work.card.edits == edits + 1
    assert "Ny begäran" in words(at_work.card.blocks)
    assert [message.user for message in await slack.told(1)] == ["U0SARA"]


async def test_who_may_not_is_told_who_may(at_work: Street, slack: SlackStandIn) -> None:
    david = at_work.person("U0DAVID")
    await at_work.press(david, "Bekräfta")
    await at_work.press(david, "Ändra…")
    told = await slack.told(2)
    assert slack.views == {}
    assert {message.user for message in told} == {"U0DAVID"}
    handlers = [one.name for one in at_work.house.people.colleagues if one.handles_tickets]
    assert handlers
    assert all(name in message.text for message in told for name in handlers)
    assert "Ny begäran" in words(at_work.card.blocks)


async def test_look_ups_are_for_the_asker(at_work: Street, slack: SlackStandIn) -> None:
    maria = at_work.person("U0MARIA")
    for typed in ("hjälp", f"visa {REF}", f"hitta {ADDRESS}", "mina", "öppna", "förfaller 14", "system", "jour", "hem"):
        assert (await maria.command(typed)).status == 200
    assert {message.user for message in slack.private} == {"U0MARIA"}
    assert REF in slack.private[2].text
    assert ADDRESS not in slack.traffic


async def test_by_name_and_number_somebody_is_looked_for_in_the_form(at_work: Street, slack: SlackStandIn) -> None:
    """D16: a name typed after the command only opens it; what is typed in it, or found, stands in no message."""
    maria = at_work.person("U0MARIA")
    await maria.command(f"hitta {NAME}")
    (view,) = slack.views.values()
    empty = await maria.submit(view, {})
    assert list(empty.body["errors"]) == ["subject"]
    no_number = await maria.submit(view, {"phone": "ring henne"})
    assert list(no_number.body["errors"]) == ["phone"]
    found = await maria.submit(view, {"name": "natarajan priya", "phone": "070-174 06 99"})
    shown = str(found.body["view"]["blocks"])
    assert f"På namnet hittades: {REF}" in shown
    assert "Kontrollera vem det gäller" in shown
    for telling in (NAME, "natarajan", "06 99"):
        assert telling not in slack.traffic
    async with at_work.house.work() as unit:
        sought = [one for one in await unit.ledger.entries("desk") if one.event is LedgerEvent.SOUGHT]
    assert [(one.actor, dict(one.facts)) for one in sought] == [("maria", {"by": "name,phone", "found": 1})]


async def test_a_private_link_is_only_for_who_pressed(at_work: Street, slack: SlackStandIn) -> None:
    sara = at_work.person("U0SARA")
    await at_work.press(sara, "Visa bara för mig")
    (shown,) = await slack.told(1)
    assert shown.user == "U0SARA"
    assert "/review/" in str(shown.blocks)
    assert at_work.card.edits == 0


async def test_reminders_come_in_a_conversation_of_ones_own(at_work: Street, slack: SlackStandIn) -> None:
    """A card at a colleague's address goes to their direct messages, and is edited there."""
    messenger = at_work.house.messengers["slack"]
    async with at_work.house.work() as unit:
        ticket = await unit.tickets.load(REF)
    maria = at_work.house.people.by_handle("slack", "U0MARIA")
    card = await Desk(at_work.house).view(maria, ticket.id)
    ts = await messenger.post("U0MARIA", card)
    await messenger.edit("U0MARIA", ts, card)
    (shown,) = slack.in_channel("D0MARIA")
    assert shown.edits == 1


#: Every command of the contract, in both languages.
COMMANDS = (
    ("help", "hjälp"),
    ("home", "hem"),
    ("new", "ny"),
    (f"show {REF}", f"visa {REF}"),
    (f"find {ADDRESS}", f"hitta {ADDRESS}"),
    ("mine", "mina"),
    ("open", "öppna"),
    ("due 14", "förfaller 14"),
    ("systems", "system"),
    ("retention", "gallring"),
    ("oncall", "jour"),
    ("stats", "statistik"),
    (f"evidence {REF}", f"akt {REF}"),
    (f"hold {REF}", f"bevara {REF}"),
    (f"extend {REF}", f"förläng {REF}"),
    (f"withdraw {REF}", f"återkalla {REF}"),
    (f"wrong {REF}", f"fel {REF}"),
    ("stop hubspot", "stoppa hubspot"),
    ("resume hubspot", "återuppta hubspot"),
)


async def test_every_command_is_answered_in_both_languages(at_work: Street, slack: SlackStandIn) -> None:
    """Typed after the slash, and in the direct message: the officer may ask all of them."""
    maria = at_work.person("U0MARIA")
    for said in (typed for both in COMMANDS for typed in both):
        shown, opened, written = len(slack.private), len(slack.views), len(slack.in_channel("D0MARIA"))
        assert (await maria.command(said)).status == 200
        assert len(slack.private) + len(slack.views) == shown + opened + 1, f"{said} was not answered"
        assert (await maria.write(said)).status == 200
        await until(lambda written=written: len(slack.in_channel("D0MARIA")) == written + 1)  # type: ignore[misc]
    assert ADDRESS not in slack.traffic
    assert NAME not in slack.traffic


async def test_the_page_shows_what_is_mine_and_opens_it(at_work: Street, slack: SlackStandIn) -> None:
    sara = at_work.person("U0SARA")
    await at_work.press(sara, "Bekräfta")
    await sara.open_home()
    await until(lambda: "U0SARA" in slack.homes)
    assert REF in words(sara.home["blocks"])
    assert "Ny begäran" in labels(sara.home["blocks"])
    opener = next(label for label in labels(sara.home["blocks"]) if REF in label)
    await sara.press_in_view(sara.home, opener)
    await until(lambda: len(slack.views) == 1)
    (page,) = slack.views.values()
    assert f"{REF} · Söks" in words(page["blocks"])


async def test_a_protected_ticket_is_shown_to_nobody_but_officers(at_work: Street, slack: SlackStandIn) -> None:
    """D12: however it is asked for."""
    async with at_work.house.work() as unit:
        ticket = await unit.tickets.load(REF)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    david = at_work.person("U0DAVID")
    await david.post_link(f"https://desk.example.org/{REF}")
    await david.mention(f"visa {REF}")
    await david.write(f"hur går det med {REF} egentligen")
    await david.open_home()
    await slack.told(2)
    await until(lambda: bool(slack.in_channel("D0DAVID")) and "U0DAVID" in slack.homes)
    seen = [*(one.blocks for one in slack.private), slack.in_channel("D0DAVID")[0].blocks]
    assert all("Tillgång" not in words(blocks) and "Radering" not in words(blocks) for blocks in seen)
    assert REF not in words(david.home["blocks"])


async def test_every_look_up_is_written_down(at_work: Street) -> None:
    """D16: by a posted link, a mention or a direct message just as by a command."""
    maria = at_work.person("U0MARIA")
    await maria.post_link(f"https://desk.example.org/{REF}")
    await maria.mention(REF)
    await maria.write(REF)
    await maria.command(f"visa {REF}")
    async with at_work.house.work() as unit:
        ticket = await unit.tickets.load(REF)
        looked = [one.actor for one in await unit.ledger.entries(ticket.id) if one.event is LedgerEvent.LOOKED]
    assert looked == ["maria"] * 4


async def test_one_channels_trouble_stops_no_other_work(at_work: Street, slack: SlackStandIn) -> None:
    """The card's channel is archived: people are told all the same, and the card is drawn once it is open again."""
    slack.rooms[CHANNEL] = Room(archived=True)
    sara = at_work.person("U0SARA")
    before = at_work.card.edits
    await at_work.press(sara, "Bekräfta")
    assert at_work.card.edits == before
    assert slack.in_channel("D0JONAS"), "whose turn it is was told"
    slack.rooms.clear()
    async with at_work.house.work() as unit:
        await refresh(unit, (await unit.tickets.load(REF)).id)
    await at_work.runner.drain()
    assert at_work.card.edits > before


async def test_a_card_that_was_removed_is_posted_anew(at_work: Street, slack: SlackStandIn) -> None:
    """One live card per ticket (F68): Slack's own retention removes old messages, and so may an administrator."""
    sara = at_work.person("U0SARA")
    before = slack.messages.pop((CHANNEL, at_work.card.ts))
    await sara.command(f"visa {REF}")
    assert (await sara.press(slack.private[-1], "Bekräfta")).status == 200
    await at_work.runner.drain()
    assert "Bekräfta" not in labels(at_work.card.blocks), "the new card shows what was just done"
    assert at_work.card.ts != before.ts
    first, *_ = at_work.card.thread
    assert first.startswith(f"{before.thread[0]}\n"), "its history is told again below it, as one message (F68)"
    told = "\n".join(at_work.card.thread).splitlines()
    assert len(told) == len(set(told)), "and what follows once"
    edits = at_work.card.edits
    async with at_work.house.work() as unit:
        await refresh(unit, (await unit.tickets.load(REF)).id)
    await at_work.runner.drain()
    assert at_work.card.edits > edits, "from now on it is the one that is edited"


async def test_who_asks_in_the_desks_own_channel_sees_the_answer_too(at_work: Street, slack: SlackStandIn) -> None:
    """No card there shows whom somebody sought, or that a system goes on again; the form may not just close."""
    maria = at_work.person("U0MARIA")
    slack.views.clear()
    await maria.command("hitta")
    (view,) = slack.views.values()
    answer = await maria.submit(view, {"subject": ADDRESS})
    assert answer.body["response_action"] == "update"
    assert REF in words(answer.body["view"]["blocks"])
    assert ADDRESS not in slack.traffic
    slack.views.clear()
    await maria.command("stoppa hubspot")
    await maria.command("återuppta hubspot")
    (view,) = slack.views.values()
    answer = await maria.submit(view, {"checked": [TEXTS.say(Language.SV, "form.resume.may_go_on")]})
    assert answer.body["response_action"] == "update"
    assert "Inget är stoppat" in words(answer.body["view"]["blocks"])


async def test_a_card_whose_answer_was_lost_is_one_card(
    tmp_path: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> None:
    """D34: the desk reads in the channel whether it stands there; nothing but an id goes along for that."""
    slack.epoch = int(clock.now().timestamp())
    slack.lose_answer("chat.postMessage")
    async with street(tmp_path, clock, slack, session) as at:
        sara = at.person("U0SARA")
        await sara.command("ny")
        (view,) = slack.views.values()
        await sara.submit(view, REQUEST)
        await at.runner.drain()
        assert len(slack.in_channel(CHANNEL)) == 1
        clock.advance(timedelta(seconds=10))
        await at.runner.drain()
        assert len(at.card.thread) == 1
        await at.press(sara, "Bekräfta")
        assert f"{REF} · Söks" in words(at.card.blocks)
    assert slack.asked("chat.postMessage")[0]["metadata"]["event_payload"].keys() == {"post"}


async def test_where_slack_lets_nobody_look_the_card_that_came_twice_is_one_when_somebody_presses_it(
    tmp_path: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> None:
    slack.epoch = int(clock.now().timestamp())
    slack.scopes.remove("groups:history")
    slack.lose_answer("chat.postMessage")
    async with street(tmp_path, clock, slack, session) as at:
        sara = at.person("U0SARA")
        await sara.command("ny")
        (view,) = slack.views.values()
        await sara.submit(view, REQUEST)
        await at.runner.drain()
        clock.advance(timedelta(seconds=10))
        await at.runner.drain()
        lost, kept = slack.in_channel(CHANNEL)
        await sara.press(lost, "Bekräfta")
        await at.runner.drain()
        assert words(lost.blocks) == words(kept.blocks)
        assert f"{REF} · Söks" in words(lost.blocks)
        assert (lost.thread, len(kept.thread)) == ([], len(set(kept.thread)))
