"""An id in the people file is no proof: the chat's own verified address, or that it is a guest's, goes before it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.watching import PeopleWatch
from bot.domain.ledger import LedgerEvent
from bot.services.staff.identities import KNOWN_EVERYWHERE
from tests.journeys.furnished import Furnished, words
from tests.journeys.test_people import KARIN, night, rewritten, unknown

SARA = "sara.lind@gotowork.example"
ABOUT = "unproven:slack:sara:"


@pytest.fixture
def watch(desk: Furnished, tmp_path: Path) -> PeopleWatch:
    """What watches a people file of the test's own."""
    return PeopleWatch(rewritten(tmp_path), desk.opened.house, worker=True)


async def told(desk: Furnished) -> list[str]:
    """Return what the officer was told of Sara's id in the last day, after a minute more."""
    desk.clock.advance(KNOWN_EVERYWHERE)
    await desk.settle()
    async with desk.opened.house.work() as unit:
        return [post.about for post in await unit.posts.feed("console", "maria") if post.about.startswith(ABOUT)]


@pytest.mark.parametrize(
    ("email", "differs"),
    [
        (KARIN, {}),
        ("somebody@gotowork.example", {}),
        (SARA, {"is_restricted": True}),
        (SARA, {"team_id": "T0OTHER"}),
        (SARA, {"deleted": True}),
    ],
    ids=["another colleague's", "a stranger's", "a guest's", "of another company", "closed"],
)
async def test_an_id_that_is_not_theirs_gives_no_rights_until_it_is_mended(
    desk: Furnished, email: str, differs: dict[str, object]
) -> None:
    desk.slack.members.join("U0SARA", email, **differs)
    assert (await desk.opened.desk.recognise("slack", "U0SARA")).id == "sara", "until the chat was asked"
    await night(desk)
    await unknown(desk, "U0SARA")
    assert "slack" not in desk.who("sara").handles
    (about,) = await told(desk)
    card = words(await desk.card("maria", about))
    assert "Fel id i Slack: Sara" in card
    assert "@" not in card
    await night(desk)
    assert await told(desk) == [about], "said once"
    desk.slack.members.join("U0SARA", SARA)
    await night(desk)
    assert (await desk.opened.desk.recognise("slack", "U0SARA")).id == "sara"
    of_sara = [one for one in await desk.events("desk") if one.facts.get("who") == "sara"]
    assert [one.event for one in of_sara] == [LedgerEvent.PERSON_UNMAPPED, LedgerEvent.PERSON_MAPPED]


async def test_an_id_that_was_corrected_in_the_file_is_forgotten(
    desk: Furnished, watch: PeopleWatch, tmp_path: Path
) -> None:
    """The wrong one is nobody's; the right one counts at once, and what was owed is not told any more."""
    desk.slack.members.join("U0SARA", "somebody@gotowork.example")
    desk.slack.members.join("U9SARA", SARA)
    await night(desk)
    rewritten(tmp_path, ('slack = "U0SARA"', 'slack = "U9SARA"'))
    await watch.look()
    await desk.settle()
    assert (await desk.opened.desk.recognise("slack", "U9SARA")).id == "sara"
    await unknown(desk, "U0SARA")
    assert await told(desk) == []


async def test_two_colleagues_ids_that_changed_places_are_both_refused(desk: Furnished) -> None:
    desk.slack.members.join("U0SARA", KARIN)
    desk.slack.members.join("U0KARIN", SARA)
    await night(desk)
    await unknown(desk, "U0SARA")
    await unknown(desk, "U0KARIN")


async def test_what_slack_does_not_show_changes_nothing(desk: Furnished) -> None:
    """Without the scope to see addresses, or with one that was never confirmed, what is written counts."""
    desk.slack.members.join("U0SARA", "somebody@gotowork.example", is_email_confirmed=False)
    await night(desk)
    assert (await desk.opened.desk.recognise("slack", "U0SARA")).id == "sara"
    desk.slack.members.join("U0SARA", "somebody@gotowork.example")
    desk.slack.scopes.discard("users:read")
    await night(desk)
    assert (await desk.opened.desk.recognise("slack", "U0SARA")).id == "sara"
    desk.clock.advance(timedelta(hours=1))
