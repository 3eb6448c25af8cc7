"""App Home: the colleague's own page, drawn when opened, after a press on it and after a form opened from it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.handlers.slack.small_desk import ANNA, KARIN, TEXTS, SmallDesk
from tests.handlers.slack.test_listeners import UNKNOWN, until
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import Person, labels, words

TOO_LATE = TEXTS.say(ANNA.language, "refusal.form_too_late")


@pytest.fixture(params=["address", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def at_home(who: Person) -> str:
    """Open the page and return its words."""
    before = who.slack.homes.get(who.user)
    assert (await who.open_home()).status == 200
    await until(lambda: who.slack.homes.get(who.user) is not before)
    return words(who.home["blocks"])


async def test_it_is_drawn_for_whoever_opens_it(anna: Person, karin: Person, desk: SmallDesk) -> None:
    assert "Start för Anna" in await at_home(anna)
    assert "Start för Karin" in await at_home(karin)
    assert anna.home["type"] == "home"
    assert desk.heard == ["home", "home"]


async def test_it_is_drawn_afresh_each_time(anna: Person, desk: SmallDesk) -> None:
    await at_home(anna)
    await anna.press_in_view(anna.home, "Bekräfta")
    await until(lambda: "PR-2026-0042 Anna" in words(anna.home["blocks"]))
    desk.tickets.clear()
    desk.tickets["t1"] = SmallDesk().tickets["t1"]
    assert "PR-2026-0042 Anna" not in await at_home(anna)


async def test_a_stranger_is_told_whom_to_ask(stranger: Person, desk: SmallDesk) -> None:
    shown = await at_home(stranger)
    assert all(sentence in shown for sentence in UNKNOWN)
    assert desk.heard == []


async def test_what_cannot_be_drawn_says_why(karin: Person, desk: SmallDesk) -> None:
    desk.home_lost = True
    assert await at_home(karin) == TEXTS.say(KARIN.language, "refusal.not_found")


async def test_the_other_tab_draws_nothing(anna: Person, desk: SmallDesk) -> None:
    assert (await anna.open_home("messages")).status == 200
    assert desk.heard == []


async def test_a_press_opens_its_answer_over_the_page(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """There is neither channel nor response_url on that page, and what stands on it must stay."""
    await at_home(anna)
    await anna.press_in_view(anna.home, "Visa bara för mig")
    await until(lambda: len(slack.views) == 1)
    (view,) = slack.views.values()
    assert labels(view["blocks"]) == ["Öppna"]
    assert anna.home["type"] == "home"
    assert slack.private == []
    assert desk.looks == ["anna"]


async def test_a_refusal_opens_over_the_page(karin: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    await at_home(karin)
    await karin.press_in_view(karin.home, "Bekräfta")
    await until(lambda: len(slack.views) == 1)
    (view,) = slack.views.values()
    assert TEXTS.say(KARIN.language, "refusal.not_yours_handler", {"who": "Anna"}) in words(view["blocks"])
    assert desk.tickets["t1"].confirmed_by == ()


async def test_a_stranger_who_presses_is_told_over_the_page(
    anna: Person, stranger: Person, slack: SlackStandIn
) -> None:
    await at_home(anna)
    slack.homes["U0STRANGER"] = anna.home
    await stranger.press_in_view(stranger.home, "Bekräfta")
    await until(lambda: len(slack.views) == 1)
    (view,) = slack.views.values()
    assert UNKNOWN[0] in words(view["blocks"])


async def test_what_is_done_in_a_page_opened_over_it_is_seen_on_it(
    anna: Person, slack: SlackStandIn, desk: SmallDesk
) -> None:
    """Slack tells nobody that such a page was closed, and what was done must not look as if it waited."""
    await at_home(anna)
    await anna.press_in_view(anna.home, "Öppna PR-2026-0042")
    await until(lambda: len(slack.views) == 1)
    (view_id,) = slack.views
    await anna.press_in_view(slack.views[view_id], "Bekräfta")
    await until(lambda: "PR-2026-0042 Anna" in words(anna.home["blocks"]))
    await until(lambda: "Bekräftad av Anna" in words(slack.views[view_id]["blocks"]))
    await anna.press_in_view(slack.views[view_id], "Ändra…")
    form = slack.views[view_id]
    assert form["private_metadata"] == "change|t1|1 home"
    drawn = len(slack.asked("views.publish"))
    await anna.submit(form, {"received_why": "x"})
    await until(lambda: len(slack.asked("views.publish")) == drawn + 1)
    await anna.press_in_view(slack.views[view_id], "Bekräfta")
    await until(lambda: "PR-2026-0042 Anna, Anna" in words(anna.home["blocks"]))


async def test_a_form_of_the_page_that_came_too_late_draws_it_afresh(
    anna: Person, slack: SlackStandIn, desk: SmallDesk
) -> None:
    await at_home(anna)
    await anna.press_in_view(anna.home, "Öppna PR-2026-0042")
    await until(lambda: len(slack.views) == 1)
    (view_id,) = slack.views
    await anna.press_in_view(slack.views[view_id], "Ändra…")
    desk.tickets["t1"] = replace(desk.tickets["t1"], confirmed_by=("Maria",), version=7)
    await anna.submit(slack.views[view_id], {"received_why": "x"})
    await until(lambda: "PR-2026-0042 Maria" in words(anna.home["blocks"]))
    await anna.press_in_view(slack.views[view_id], "Bekräfta")
    await until(lambda: "PR-2026-0042 Maria, Anna" in words(anna.home["blocks"]))


async def test_a_page_opened_elsewhere_draws_nothing(anna: Person, slack: SlackStandIn) -> None:
    await replace(anna, channel="C0ELSEWHERE").command("ny")
    (view_id,) = slack.views
    await anna.submit(slack.views[view_id], {"received_why": "x"})
    await anna.press_in_view(slack.views[view_id], "Bekräfta")
    await until(lambda: "Bekräftad av Anna" in words(slack.views[view_id]["blocks"]))
    assert slack.asked("views.publish") == []


async def test_a_new_request_is_typed_from_the_page(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    await at_home(anna)
    await anna.press_in_view(anna.home, "Ny begäran…")
    (view,) = slack.views.values()
    assert view["private_metadata"].endswith(" home")
    answer = await anna.submit(view, {"received_why": "x"})
    assert "PR-2026-0043" in words(answer.body["view"]["blocks"])
    await until(lambda: "PR-2026-0043" in words(anna.home["blocks"]))
    assert len(desk.tickets) == 2


async def test_a_page_that_is_switched_off_costs_nothing_else(
    anna: Person, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.home_tab = False
    assert (await anna.open_home()).status == 200
    await until(lambda: "private answer lost: trouble.chat_no_home_tab not_enabled" in caplog.text)
    assert (await anna.command("hjälp")).status == 200


async def test_a_small_pause_slack_asks_for_is_kept(anna: Person, slack: SlackStandIn) -> None:
    slack.too_many("views.publish", 0)
    assert (await anna.open_home()).status == 200
    await until(lambda: anna.user in slack.homes)
    assert "Start för Anna" in words(anna.home["blocks"])
    assert len(slack.asked("views.publish")) == 2


async def test_told_twice_it_is_drawn_once(anna: Person, desk: SmallDesk) -> None:
    body = anna.happens({"type": "app_home_opened", "tab": "home", "channel": anna.direct})
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert [(await anna.tell(body)).status, (await anna.tell(body, retry)).status] == [200, 200]
    assert desk.heard == ["home"]


@pytest.mark.parametrize("user", [None, 7, "", "a b"])
async def test_an_opening_by_nobody_is_refused(anna: Person, desk: SmallDesk, user: object, way: str) -> None:
    body = anna.happens({"type": "app_home_opened", "tab": "home"})
    body["event"]["user"] = user
    assert (await anna.tell(body)).status == (400 if way == "address" else 200)
    assert desk.heard == []


async def test_the_shortcut_opens_the_form_anywhere(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    assert (await anna.shortcut()).status == 200
    (view,) = slack.views.values()
    answer = await anna.submit(view, {"received_why": "x"})
    assert "PR-2026-0043" in words(answer.body["view"]["blocks"])
    assert len(desk.tickets) == 2


async def test_the_shortcut_twice_opens_one_form(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    trigger = slack.new_trigger()
    await anna.shortcut(trigger=trigger)
    await anna.shortcut(trigger=trigger)
    assert desk.heard == ["new"]
    assert len(slack.views) == 1


async def test_who_may_not_type_one_in_is_told_so(
    karin: Person, stranger: Person, slack: SlackStandIn, desk: SmallDesk
) -> None:
    await karin.shortcut()
    await stranger.shortcut()
    await until(lambda: len(slack.views) == 2)
    shown = [words(view["blocks"]) for view in slack.views.values()]
    assert "Bara handläggare." in shown[0]
    assert UNKNOWN[0] in shown[1]


async def test_a_shortcut_too_late_is_answered_in_the_direct_message(
    anna: Person, stranger: Person, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Rule 7 of the cards: a refusal is private, and it arrives."""
    slack.trigger_seconds = -1
    assert (await anna.shortcut()).status == 200
    await until(lambda: len(slack.in_channel(anna.direct)) == 1)
    assert slack.in_channel(anna.direct)[0].text == TOO_LATE
    assert caplog.text.count("form not opened: trouble.refused expired_trigger_id") == 2
    await stranger.shortcut()
    await until(lambda: len(slack.in_channel(stranger.direct)) == 1)
    assert UNKNOWN[0] in slack.in_channel(stranger.direct)[0].text
    assert slack.views == {}


@pytest.mark.parametrize(
    ("label", "answer"), [("Ny begäran…", TOO_LATE), ("Visa bara för mig", "En länk, bara för dig.")]
)
async def test_a_press_on_the_page_too_late_is_answered_in_the_direct_message(
    anna: Person, slack: SlackStandIn, label: str, answer: str
) -> None:
    await at_home(anna)
    slack.trigger_seconds = -1
    await anna.press_in_view(anna.home, label)
    await until(lambda: len(slack.in_channel(anna.direct)) == 1)
    assert slack.in_channel(anna.direct)[0].text == answer
    assert slack.views == {}


async def test_another_apps_shortcut_is_thanked_for(anna: Person, desk: SmallDesk) -> None:
    assert (await anna.shortcut("something_else")).status == 200
    assert desk.heard == []


async def test_the_page_waits_for_no_network(
    anna: Person, slack: SlackStandIn, person: Callable[[str], Person]
) -> None:
    slack.slow("views.publish", 0.3)
    before = asyncio.get_running_loop().time()
    await anna.open_home()
    assert asyncio.get_running_loop().time() - before < 0.2
