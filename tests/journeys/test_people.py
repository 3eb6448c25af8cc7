"""One person over all chats, and a people file that changes while the desk runs (D9, D28, D33)."""

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.watching import PeopleWatch
from bot.card import Values, Verb
from bot.cards.buttons import aimed
from bot.domain.errors import Incomplete, NeedsHuman, NotAllowedNow, NotFound, NotYours, StaleCard
from bot.domain.ledger import LedgerEvent
from bot.domain.roster import Account
from bot.ports import ChatIdentity, Job, JobKind, Place, PlaceKind
from bot.services.staff import roster
from bot.services.staff.identities import FRESH, ask_everybody
from config.people_file import HERE
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.walks import at_decision

KARIN = "karin.holm@gotowork.example"


class TeamsDirectory:
    """A directory in memory, as a chat without a stand-in would give it."""

    chat = "teams"

    def __init__(self, members: Mapping[str, str]) -> None:
        self.members = dict(members)

    async def handle_of(self, email: str) -> str:
        return next((handle for handle, address in self.members.items() if address == email), "")

    async def account(self, handle: str) -> Account:
        return Account(True, (self.members[handle],) if handle in self.members else ())

    async def address_of(self, handle: str) -> str:
        return self.members.get(handle, "")


class Refusing(TeamsDirectory):
    """A directory that answers, or lets nobody ask."""

    refuses = False

    async def handle_of(self, email: str) -> str:
        if self.refuses:
            raise NeedsHuman("trouble.wrong_key")
        return await super().handle_of(email)


def rewritten(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the demo's desk.toml into a folder, with changes."""
    text = (HERE / "desk.toml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    (folder / "desk.toml").write_text(text, encoding="utf-8")
    return folder


def without(colleague: str) -> tuple[str, str]:
    """Return the change that takes a colleague out of the file."""
    text = (HERE / "desk.toml").read_text(encoding="utf-8")
    start = text.index(f'[[colleague]]\nid = "{colleague}"')
    return text[start : text.index("\n\n", start) + 2], ""


NO_SLACK_ID = ('slack = "U0KARIN"\n', "")


@pytest.fixture
def watch(desk: Furnished, tmp_path: Path) -> PeopleWatch:
    """What watches a people file of the test's own."""
    return PeopleWatch(rewritten(tmp_path), desk.opened.house, worker=True)


async def unknown(desk: Furnished, handle: str, chat: str = "slack") -> None:
    """Assert that nobody is recognised by a handle."""
    with pytest.raises(NotFound) as refused:
        await desk.opened.desk.recognise(chat, handle)
    assert refused.value.key == "refusal.unknown_colleague"


async def night(desk: Furnished) -> None:
    """Let the night's look at everybody happen, as late as it needs to be."""
    desk.clock.advance(FRESH)
    await desk.tick("people")


# --- one person over both chats ---------------------------------------------------------------------


async def test_a_colleague_is_known_by_verified_work_address(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """No id in the people file: the directory tells it, and messages find them there."""
    desk.slack.members.join("U9KARIN", KARIN)
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await unknown(desk, "U0KARIN")
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin"
    async with desk.opened.house.work() as unit:
        assert await unit.identities.of("slack", "U9KARIN") == ChatIdentity(
            "slack", "U9KARIN", "karin", desk.clock.now()
        )
    await at_decision(desk)
    asked = {message["channel"] for message in desk.slack.asked("chat.postMessage")}
    assert "D9KARIN" in asked, "it is their turn, and they are told where they are"
    assert "D0KARIN" not in asked


async def test_who_is_unknown_is_refused_kindly_noted_once_and_looked_for(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await desk.settle()
    desk.slack.members.join("U9KARIN", KARIN)
    for _ in range(3):
        await unknown(desk, "U9KARIN")
    assert [r.getMessage() for r in caplog.records if "unknown" in r.getMessage()] == [
        "refused an unknown colleague in slack: U9KARIN"
    ]
    refused = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.REFUSED]
    assert [entry.facts["why"] for entry in refused] == ["refusal.unknown_colleague"]
    sentence = desk.opened.desk.explain(desk.who("maria").language, NotFound("refusal.unknown_colleague"))
    assert "Maria Ek" in sentence, "whom to ask"
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin", "in a moment"
    assert KARIN not in caplog.text


@pytest.mark.parametrize(
    "differs",
    [
        {"is_bot": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"deleted": True},
        {"is_email_confirmed": False},
        {"is_invited_user": True},
        {"team_id": "T0ELSEWHERE"},
        {"team_id": "T0ELSEWHERE", "enterprise_user": {"enterprise_id": "E0ELSEWHERE"}},
        {"team_id": None},
        {"profile": {}},
        {"profile": {"email": "karin.holm@elsewhere.example"}},
    ],
    ids=str,
)
async def test_no_guest_no_bot_and_nobody_unverified_is_a_colleague(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path, differs: dict[str, object]
) -> None:
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    if "profile" in differs:
        desk.slack.members.join("U9GUEST", "nobody@elsewhere.example", **differs)
        desk.slack.members._by_id["U9GUEST"].setdefault("profile", {}).setdefault("email", "")
    else:
        desk.slack.members.join("U9GUEST", KARIN, **differs)
    await unknown(desk, "U9GUEST")
    await desk.settle()
    await night(desk)
    await unknown(desk, "U9GUEST")


async def test_a_second_account_with_the_same_address_is_nobody(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """A directory may show one address twice: who acts second does not become the colleague, nor the first nobody."""
    rewritten(tmp_path, ('teams = "7c1e0a5b-3d2f-4b8a-9e61-0f6d3a100002"\n', ""))
    await watch.look()
    directory = TeamsDirectory({"aad-karin": KARIN, "aad-other": KARIN})
    directories = desk.opened.house.directories
    assert isinstance(directories, dict)
    directories["teams"] = directory
    await unknown(desk, "aad-karin", "teams")
    await desk.settle()
    await unknown(desk, "aad-other", "teams")
    await desk.settle()
    await unknown(desk, "aad-other", "teams")
    assert (await desk.opened.desk.recognise("teams", "aad-karin")).id == "karin"


@pytest.mark.parametrize(
    "alike", ["\N{KELVIN SIGN}arin.holm@gotowork.example", "karin.holm@gotowor\N{KELVIN SIGN}.example"]
)
async def test_letters_that_look_alike_are_not_the_same(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path, alike: str
) -> None:
    assert alike.casefold() == KARIN, "folding the case alone would take them for the same"
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    desk.slack.members.join("U9ALIKE", alike)
    await unknown(desk, "U9ALIKE")
    await desk.settle()
    await unknown(desk, "U9ALIKE")


async def test_a_handle_that_went_to_somebody_else_inherits_nothing(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    desk.slack.members.join("U9KARIN", KARIN)
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin"
    desk.slack.members.join("U9KARIN", "somebody.new@gotowork.example")
    await night(desk)
    await unknown(desk, "U9KARIN")
    unmapped = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.PERSON_UNMAPPED]
    assert [entry.facts["who"] for entry in unmapped] == ["karin"]


async def test_a_handle_that_went_from_one_colleague_to_another_is_the_others(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """Whatever the order they are asked in."""
    rewritten(tmp_path, NO_SLACK_ID, ('slack = "U0SARA"\n', ""))
    await watch.look()
    desk.slack.members.join("U9SHARED", KARIN)
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9SHARED")).id == "karin"
    desk.slack.members.join("U9SHARED", "sara.lind@gotowork.example")
    await night(desk)
    assert (await desk.opened.desk.recognise("slack", "U9SHARED")).id == "sara"
    assert "slack" not in desk.who("karin").handles


async def test_an_id_in_the_people_file_wins(desk: Furnished) -> None:
    """An id that is written there is that colleague's and nobody else's, who need no other."""
    desk.slack.members.join("U0SARA", "Sara.Lind@gotowork.example")
    desk.slack.members.join("U9KARIN", KARIN)
    async with desk.opened.house.work() as unit:
        await unit.jobs.put(ask_everybody())
        await unit.jobs.put(Job(JobKind.KNOW_PEOPLE, "know:slack:U9KARIN", ("slack", "U9KARIN")))
        await unit.jobs.put(Job(JobKind.KNOW_PEOPLE, "know:slack:U0SARA", ("slack", "U0SARA")))
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U0SARA")).id == "sara"
    assert (await desk.opened.desk.recognise("slack", "U0KARIN")).id == "karin", "no address is shown: it counts"
    await unknown(desk, "U9KARIN")
    assert not desk.slack.asked("users.lookupByEmail"), "who is written there is not asked for"


async def test_the_same_person_under_another_id_is_not_taken_up(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two people (D10): Karin's second yes, as karin-holm, would have been another's."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    rewritten(tmp_path, ('id = "karin"', 'id = "karin-holm"'))
    await watch.look()
    assert "keep the id karin" in caplog.text
    assert KARIN not in caplog.text
    assert watch.trouble
    assert (await desk.opened.desk.recognise("slack", "U0KARIN")).id == "karin"
    with pytest.raises(NotYours):
        await desk.decide("karin")
    rewritten(tmp_path)
    await watch.look()
    assert not watch.trouble


async def test_a_directory_that_does_not_let_us_leaves_what_is_known(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk.slack.members.join("U9KARIN", KARIN)
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await desk.settle()
    desk.slack.scopes.discard("users:read.email")
    await night(desk)
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin"
    assert "the directory of slack: trouble.chat_scope missing_scope" in caplog.text
    async with desk.opened.house.work() as unit:
        assert await unit.jobs.set_aside() == 0


async def test_a_directory_that_is_busy_is_asked_again_where_it_was(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    desk.slack.members.join("U9KARIN", KARIN)
    desk.slack.members.join("U9SARA", "sara.lind@gotowork.example")
    rewritten(tmp_path, NO_SLACK_ID, ('slack = "U0SARA"\n', ""))
    desk.slack.too_many("users.lookupByEmail", 30)
    await watch.look()
    await desk.settle()
    await unknown(desk, "U9SARA")
    desk.clock.advance(FRESH)
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9SARA")).id == "sara"
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin"


async def test_conversations_of_nobody_of_ours_are_forgotten_by_night(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """A colleague's stays, a room's stays, a stranger's goes after a day; nothing goes when the chat gave no answer."""
    ours, stranger = "7c1e0a5b-3d2f-4b8a-9e61-aaaaaaaaaaaa", "0f3f5a52-1111-4222-8333-444455556666"
    directory = Refusing({ours: KARIN})
    directories = desk.opened.house.directories
    assert isinstance(directories, dict)
    directories["teams"] = directory
    rewritten(tmp_path, ('teams = "7c1e0a5b-3d2f-4b8a-9e61-0f6d3a100002"\n', ""))
    await watch.look()
    await desk.settle()
    for address, kind in ((ours, PlaceKind.PERSONAL), (stranger, PlaceKind.PERSONAL), ("19:r", PlaceKind.CHANNEL)):
        async with desk.opened.house.work() as unit:
            await unit.places.put(Place("teams", "t", address, "a:1", "https://x.example", kind, desk.clock.now()))
    await night(desk)
    assert await met(desk) == sorted([ours, stranger, "19:r"]), "they spoke to us today"
    desk.clock.advance(timedelta(days=1))
    directory.refuses = True
    await night(desk)
    assert await met(desk) == sorted([ours, stranger, "19:r"])
    desk.clock.advance(timedelta(days=1))
    directory.refuses = False
    await night(desk)
    assert await met(desk) == sorted([ours, "19:r"])


async def met(desk: Furnished) -> list[str]:
    """Return the addresses at which Teams is reached."""
    async with desk.opened.house.work() as unit:
        return [place.address for place in await unit.places.of("teams", "t")]


async def test_approving_in_two_chats_is_still_one_person(desk: Furnished, watch: PeopleWatch, tmp_path: Path) -> None:
    """Four eyes are two people: Karin in Slack and Karin in Teams count once (D10)."""
    directory = TeamsDirectory({"0f3f5a52-1111-4222-8333-444455556666": KARIN})
    directories = desk.opened.house.directories
    assert isinstance(directories, dict)
    directories["teams"] = directory
    desk.slack.members.join("U9KARIN", KARIN)
    rewritten(tmp_path, NO_SLACK_ID, ('teams = "7c1e0a5b-3d2f-4b8a-9e61-0f6d3a100002"\n', ""))
    await watch.look()
    await desk.settle()
    in_slack = await desk.opened.desk.recognise("slack", "U9KARIN")
    in_teams = await desk.opened.desk.recognise("teams", "0f3f5a52-1111-4222-8333-444455556666")
    assert in_slack == in_teams
    await at_decision(desk, "erase")
    form = await desk.form("karin", Verb.DECIDE)
    await desk.decide("karin")
    erase = next(task for task in (await desk.ticket()).tasks if task.operation == "erase" and task.irreversible)
    assert [one.by for one in erase.approvals] == ["karin"]
    again: Values = {f"task:{erase.id}": ("approve",), "reference": ("PR-2026-0001",)}
    with pytest.raises((NotYours, NotAllowedNow, StaleCard)):
        await desk.opened.desk.submit(in_teams, form.press, again)
    erase = (await desk.ticket()).task(erase.id)
    assert [one.by for one in erase.approvals] == ["karin"]


async def test_two_processes_know_the_same(desk: Furnished, watch: PeopleWatch, tmp_path: Path) -> None:
    """What one process was told the other finds in the store at the first press, without waiting for its own look."""
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await desk.settle()
    async with desk.opened.house.work() as unit:  # as the worker of another process writes it
        await unit.identities.put(ChatIdentity("slack", "U9KARIN", "karin", desk.clock.now()))
    assert (await desk.opened.desk.recognise("slack", "U9KARIN")).id == "karin"


# --- the people file --------------------------------------------------------------------------------


async def test_a_colleague_who_was_taken_out_loses_their_rights_at_the_next_press(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    ref = await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM, ref)
    sara = await desk.opened.desk.recognise("slack", "U0SARA")
    rewritten(tmp_path, without("sara"))
    await watch.look()
    await unknown(desk, "U0SARA")
    await desk.settle()
    (card,) = [m for m in desk.slack.in_channel("D0MARIA") if "sara" in m.text]
    assert ref in words_of(card.blocks), "their open tickets are named to the officer"
    assert sara.id not in {one.id for one in desk.opened.house.people.colleagues}
    gone = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.PEOPLE_CHANGED]
    assert (gone[-1].facts["gone"], gone[-1].facts["come"]) == ("sara", "")


def words_of(blocks: object) -> str:
    """Return everything some blocks say."""
    return str(blocks)


async def test_what_a_leaver_walked_goes_to_another_at_once(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    ref = await desk.sample("access")
    await desk.press("sara", Verb.CONFIRM, ref)
    rewritten(tmp_path, without("sara"))
    await watch.look()
    left = f"left:sara:{desk.opened.house.today()}"
    shown = await desk.fill("maria", Verb.HAND_OVER_ALL, {"colleague": "maria"}, left)
    assert "1 ärende gick från sara till Maria" in words(shown)
    assert (await desk.ticket(ref)).handler == "maria"
    after = await desk.card("maria", left)
    assert "Alla ärenden har en handläggare igen" in words(after)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('[[colleague]]\nid = "sara"', '[[colleague]\nid = "sara"'), "desk.toml"),
        (('duties = ["officer", "handler"]', 'duties = ["handler"]'), "no privacy officer"),
        (('id = "karin"', 'id = "sara"'), "the same id"),
        (("karin.holm@", "sara.lind@"), "the same email"),
        (('slack = "U0KARIN"', 'slack = "U0SARA"'), "the same slack"),
        (('duties = ["viewer"]', 'duties = ["king"]'), "PRIVACY_COLLEAGUE"),
        (("first = 2026-01-01", "first = 2026-13-01"), "desk.toml"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_a_broken_file_keeps_the_people_before_it(
    desk: Furnished,
    watch: PeopleWatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: tuple[str, str],
    says: str,
) -> None:
    before = desk.opened.house.people.now
    rewritten(tmp_path, change)
    await watch.look()
    assert desk.opened.house.people.now == before, "never half"
    (line,) = watch.trouble
    assert says in line
    assert len([r for r in caplog.records if "the people stay as they were" in r.getMessage()]) == 1
    assert "gotowork.example" not in caplog.text, "no address in the log"
    await watch.look()
    assert len([r for r in caplog.records if "the people stay as they were" in r.getMessage()]) == 1, "said once"
    rewritten(tmp_path, without("david"))
    await watch.look()
    assert watch.trouble == ()
    assert "david" not in {one.id for one in desk.opened.house.people.colleagues}


async def test_a_file_that_went_away_takes_nobody_with_it(desk: Furnished, watch: PeopleWatch, tmp_path: Path) -> None:
    before = desk.opened.house.people.now
    (tmp_path / "desk.toml").unlink()
    await watch.look()
    assert desk.opened.house.people.now == before
    assert "put it back" in watch.trouble[0]


async def test_the_file_is_looked_at_when_the_process_is_told_to(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """SIGHUP: at once, not within the half minute."""
    end = watch.listen()
    watching = asyncio.create_task(watch.watch())
    try:
        await asyncio.sleep(0)
        rewritten(tmp_path, without("david"))
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(5):
            while "david" in {one.id for one in desk.opened.house.people.colleagues}:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.01)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        end()


async def test_who_comes_is_known_to_the_reading_too(desk: Furnished, watch: PeopleWatch, tmp_path: Path) -> None:
    """A colleague's forward is a colleague's from the moment they are in the file (D7b)."""
    assert not desk.opened.house.reading.is_ours("new.one@elsewhere.example")
    rewritten(tmp_path, ("david.reed@gotowork.example", "new.one@elsewhere.example"))
    await watch.look()
    assert desk.opened.house.reading.is_ours("new.one@elsewhere.example")
    assert not desk.opened.house.reading.is_ours("david.reed@gotowork.example")


async def test_a_new_address_must_be_verified_anew(desk: Furnished, watch: PeopleWatch, tmp_path: Path) -> None:
    desk.slack.members.join("U9KARIN", KARIN)
    rewritten(tmp_path, NO_SLACK_ID)
    await watch.look()
    await desk.settle()
    rewritten(tmp_path, NO_SLACK_ID, (KARIN, "karin.berg@gotowork.example"))
    await watch.look()
    await unknown(desk, "U9KARIN")


# --- all of somebody's tickets ----------------------------------------------------------------------


async def test_a_handler_hands_all_their_tickets_over_and_both_are_told(desk: Furnished) -> None:
    first, second = await desk.sample("access"), await desk.sample("erase")
    for ref in (first, second):
        await desk.press("sara", Verb.CONFIRM, ref)
    shown = await desk.fill("sara", Verb.HAND_OVER_ALL, {"colleague": "maria"}, "home")
    assert "2 ärenden gick från Sara till Maria" in words(shown)
    for ref in (first, second):
        assert (await desk.ticket(ref)).handler == "maria"
        (entry,) = [one for one in await desk.events(ref) if one.event is LedgerEvent.HANDED_OVER]
        assert (entry.actor, dict(entry.facts)) == ("sara", {"to": "maria", "from": "sara", "of": 2})
    for who in ("U0SARA", "U0MARIA"):
        told = [m for m in desk.slack.in_channel(f"D{who[1:]}") if "gick från Sara till Maria" in words_of(m.blocks)]
        assert len(told) == 1, "one message, not one for each ticket"


async def test_only_an_officer_moves_other_peoples_tickets(desk: Furnished) -> None:
    ref = await desk.sample("access")
    await desk.press("maria", Verb.CONFIRM, ref)
    form = await desk.form("maria", Verb.HAND_OVER_ALL, "home")
    for who in ("sara", "karin", "david"):
        with pytest.raises(NotYours):
            await desk.opened.desk.submit(desk.who(who), form.press, {"from": ("maria",), "colleague": ("sara",)})
    assert (await desk.ticket(ref)).handler == "maria"
    await desk.send("maria", form, {"from": "maria", "colleague": "sara"})
    assert (await desk.ticket(ref)).handler == "sara"


async def test_an_officers_own_ticket_does_not_go_to_somebody_who_may_not_see_it(desk: Furnished) -> None:
    """D12: nobody comes by it through a hand-over; it stays and that is said."""
    await desk.sample("protected")
    ref = await desk.sample("access")
    await desk.press("maria", Verb.CONFIRM, ref)
    hidden = next(one for one in await desk.tickets() if one.ref != ref)
    async with desk.opened.house.work() as unit:
        loaded = await unit.tickets.load(hidden.id)
        await unit.tickets.save(loaded, replace(loaded, handler="maria"))
    form = await desk.form("maria", Verb.HAND_OVER_ALL, "home")
    shown = await desk.send("maria", form, {"from": "maria", "colleague": "sara"})
    assert "1 ärende gick inte att lämna över" in words(shown)
    assert (await desk.ticket(hidden.id)).handler == "maria"


async def test_no_single_ticket_goes_to_somebody_who_may_do_nothing_with_it(desk: Furnished) -> None:
    """An officer's own to who is none, a colleague's own request to them: its days would run out unseen."""
    await desk.sample("protected")
    hidden = (await desk.tickets())[0]
    press = aimed(Verb.HAND_OVER, hidden)
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("maria"), press, {"colleague": ("sara",)})
    ref = await desk.sample("access")
    own = await desk.ticket(ref)
    async with desk.opened.house.work() as unit:
        await unit.index.remember(own.id, unit.index.digest("email", desk.who("sara").email))
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("maria"), aimed(Verb.HAND_OVER, own), {"colleague": ("sara",)})


async def test_the_desk_tells_at_its_start_what_nobody_walks(desk: Furnished) -> None:
    ref = await desk.sample("access")
    async with desk.opened.house.work() as unit:
        loaded = await unit.tickets.load(ref)
        await unit.tickets.save(loaded, replace(loaded, handler="bo"))
        await roster.name_left(unit, desk.opened.house)
    await desk.settle()
    assert [m for m in desk.slack.in_channel("D0MARIA") if "bo" in m.text]
    assert Verb.HAND_OVER_ALL in verbs(await desk.card("maria", f"left:bo:{desk.opened.house.today()}"))
    with pytest.raises(NotFound):
        await desk.card("sara", f"left:bo:{desk.opened.house.today()}")
