"""The street through Slack: commands, presses and forms reach the desk once, answers reach only who asked."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.card import Press, Verb
from handlers.slack import SlackMessenger
from tests.handlers.slack.small_desk import ANNA, CHANNEL, KARIN, REF, TEXTS, SmallDesk
from tests.standins.slack import Message, SlackStandIn
from tests.standins.slack_people import Person, labels, words

UNKNOWN = [TEXTS.say(language, "refusal.unknown_colleague", {"who": "Anna"}) for language in TEXTS.catalogue]
STALE = TEXTS.say(ANNA.language, "refusal.stale")


@pytest.fixture(params=["address", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    """Everything here holds whichever way Slack reaches the desk."""
    return str(request.param)


@pytest.fixture
async def posted(messenger: SlackMessenger, desk: SmallDesk, slack: SlackStandIn) -> Message:
    """The ticket's card in the channel, as the desk's job posted it."""
    ts = await messenger.post(CHANNEL, desk.card())
    return slack.messages[CHANNEL, ts]


async def until(true: Callable[[], bool]) -> None:
    """Wait for an answer that comes after the ack, at most three seconds."""
    for _ in range(300):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_a_command_is_answered_to_the_asker_only(anna: Person, slack: SlackStandIn) -> None:
    await anna.command(f"visa {REF}")
    (shown,) = slack.private
    assert shown.user == "U0ANNA"
    assert REF in words(shown.blocks)
    assert slack.messages == {}


async def test_find_takes_an_address_and_repeats_nothing(anna: Person, desk: SmallDesk, slack: SlackStandIn) -> None:
    """D16; Slack makes a link of an address when a command is set to escape."""
    await anna.command("hitta anna.lind@example.org")
    await anna.command("hitta <mailto:anna.lind@example.org|anna.lind@example.org>")
    await anna.command("hitta A &amp; B")
    assert desk.heard == ["hitta anna.lind@example.org"] * 2 + ["hitta A & B"]
    assert "anna.lind" not in slack.traffic


async def test_a_refused_command_says_why(anna: Person, slack: SlackStandIn) -> None:
    await anna.command("visa PR-1999-0001")
    assert "PR-1999-0001" in slack.private[0].text


async def test_each_is_answered_in_their_own_language(anna: Person, karin: Person, slack: SlackStandIn) -> None:
    await anna.command("stopp")
    await karin.command("stopp")
    sentences = [message.text for message in slack.private]
    assert sentences == [TEXTS.say(language, "refusal.not_from_here") for language in TEXTS.catalogue]


async def test_a_press_counts_and_the_job_edits_the_card(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, messenger: SlackMessenger, posted: Message
) -> None:
    assert (await anna.press(posted, "Bekräfta")).status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert posted.edits == 0, "a handler never edits the channel's card itself (D33)"
    await messenger.edit(CHANNEL, posted.ts, desk.card())
    await messenger.tell(CHANNEL, posted.ts, "Anna bekräftade <begäran>")
    assert "Bekräftad av Anna" in words(posted.blocks)
    assert posted.thread == ["Anna bekräftade &lt;begäran&gt;"]
    assert slack.private == []


async def test_a_double_click_counts_once(anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message) -> None:
    """Two clicks are two triggers; the version of the target tells that they mean the same."""
    await asyncio.gather(anna.press(posted, "Bekräfta"), anna.press(posted, "Bekräfta"))
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    (told,) = await slack.told(1)
    assert (told.user, told.text) == ("U0ANNA", STALE)


async def test_a_redelivery_is_harmless_and_silent(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    payload = anna.pressed(posted, "Visa bara för mig")
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    answers = [await anna.interact(payload), await anna.interact(payload, retry), await anna.interact(payload, retry)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert desk.looks == ["anna"]
    payload = anna.pressed(posted, "Bekräfta")
    await anna.interact(payload)
    await anna.interact(payload, retry)
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    await slack.told(1)
    await asyncio.sleep(0.05)
    assert [message.text for message in slack.private] == ["En länk, bara för dig."]


async def test_what_failed_may_be_brought_again(
    anna: Person, desk: SmallDesk, posted: Message, caplog: pytest.LogCaptureFixture
) -> None:
    payload = anna.pressed(posted, "Bekräfta")
    desk.breaks = True
    assert (await anna.interact(payload)).status == 500
    desk.breaks = False
    assert (await anna.interact(payload)).status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert "slack request failed: RuntimeError" in caplog.text


async def test_a_stale_press_changes_nothing(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    desk.tickets["t1"] = replace(desk.tickets["t1"], version=7)
    await anna.press(posted, "Bekräfta")
    assert desk.tickets["t1"].confirmed_by == ()
    assert (await slack.told(1))[0].text == STALE


async def test_a_refusal_is_private_and_says_who_can(
    karin: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    await karin.press(posted, "Bekräfta")
    (told,) = await slack.told(1)
    assert told.user == "U0KARIN"
    assert told.text == TEXTS.say(KARIN.language, "refusal.not_yours_handler", {"who": "Anna"})
    assert desk.tickets["t1"].confirmed_by == ()


async def test_a_look_is_private_and_leaves_the_card(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    await anna.press(posted, "Visa bara för mig")
    (shown,) = await slack.told(1)
    assert labels(shown.blocks) == ["Öppna"]
    assert posted.edits == 0
    await anna.press(shown, "Öppna")  # following a link is told to us too
    assert desk.looks == ["anna"]


async def test_a_private_card_is_replaced_by_what_it_has_become(anna: Person, slack: SlackStandIn) -> None:
    await anna.command(f"visa {REF}")
    (shown,) = slack.private
    await anna.press(shown, "Bekräfta")
    await until(lambda: shown.edits == 1)
    assert "Bekräftad av Anna" in words(shown.blocks)
    assert slack.private == [shown]


async def test_a_card_in_ones_own_chat_becomes_what_it_has_become(
    messenger: SlackMessenger, desk: SmallDesk, anna: Person, slack: SlackStandIn
) -> None:
    """No job edits what lies before one colleague alone, and a pressed card never looks pressable."""
    ts = await messenger.post("U0ANNA", desk.card())
    card = slack.messages["D0ANNA", ts]
    await anna.press(card, "Bekräfta")
    await until(lambda: card.edits == 1)
    assert "Bekräftad av Anna" in words(card.blocks)
    await anna.press(card, "Visa bara för mig")
    (beside,) = await slack.told(1)
    assert card.edits == 1, "a look stands beside it"
    assert beside.user == "U0ANNA"


async def test_an_unknown_colleague_is_refused_kindly(
    stranger: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    await stranger.command("hitta anna@example.org")
    await stranger.press(posted, "Bekräfta")
    told = await slack.told(2)
    assert [message.text for message in told] == ["\n".join(UNKNOWN)] * 2
    answer = await stranger.submit(slack.put_view(a_view()))
    assert answer.body["response_action"] == "update"
    assert UNKNOWN[0] in words(answer.body["view"]["blocks"])
    assert desk.heard == []
    assert desk.tickets["t1"].confirmed_by == ()


def a_view() -> dict[str, object]:
    text = {"type": "plain_text", "text": "x"}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": text,
        "submit": text,
        "blocks": [{"type": "section", "text": text}],
        "private_metadata": f"{Press(Verb.CHANGE, 't1').pack()} {CHANNEL}",
    }


async def test_a_form_opens_and_carries_ids_only(anna: Person, slack: SlackStandIn, posted: Message) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    assert view["private_metadata"] == f"change|t1|0 {CHANNEL}"
    assert slack.private == []


async def test_a_form_is_written_and_closes(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    answer = await anna.submit(view, {"rights": ["Radering", "Tillgång"], "received_why": "fel dag"})
    assert (answer.status, answer.body) == (200, {"response_action": "clear"})
    assert desk.tickets["t1"].rights == ("erasure", "access"), "in the order chosen"
    assert slack.views == {}


async def test_a_complaint_stands_at_its_field_and_the_form_stays(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    answer = await anna.submit(view)
    assert answer.body["response_action"] == "errors"
    assert list(answer.body["errors"]) == ["received_why"]
    assert list(slack.views) == [view["id"]]
    assert desk.tickets["t1"].version == 0
    assert (await anna.submit(view, {"received_why": "fel dag"})).body == {"response_action": "clear"}
    assert desk.tickets["t1"].version == 1


async def test_a_complaint_about_no_field_lies_over_the_form(
    anna: Person, slack: SlackStandIn, posted: Message
) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    answer = await anna.submit(view, {"received_why": "x", "reference": "PR-2026-0001"})
    assert answer.body["response_action"] == "push"
    assert view["id"] in slack.views, "what was typed is not lost"


async def test_a_refused_form_says_why(anna: Person, desk: SmallDesk, slack: SlackStandIn, posted: Message) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    desk.tickets["t1"] = replace(desk.tickets["t1"], version=7)
    answer = await anna.submit(view, {"received_why": "x"})
    assert answer.body["response_action"] == "update"
    assert STALE in words(slack.views[view["id"]]["blocks"])
    assert desk.tickets["t1"].rights == ("access",)


async def test_a_form_brought_twice_counts_once(anna: Person, desk: SmallDesk, slack: SlackStandIn) -> None:
    """A new ticket has no version yet, so here the trigger alone tells a redelivery."""
    await anna.command("ny")
    payload = {
        "type": "view_submission",
        "user": {"id": "U0ANNA"},
        "trigger_id": slack.new_trigger(),
        "view": {**a_view(), "private_metadata": f"{Press(Verb.NEW, 'new').pack()} {CHANNEL}", "state": {"values": {}}},
    }
    first = await anna.interact(payload)
    again = await anna.interact(payload, {"X-Slack-Retry-Num": "1"})
    assert (first.status, again.status) == (200, 200)
    assert len(desk.tickets) == 2


async def test_a_form_opened_elsewhere_ends_with_the_card(anna: Person, desk: SmallDesk, slack: SlackStandIn) -> None:
    """Nobody sees the desk's channel from there, so the modal shows what has become of it; its buttons work."""
    elsewhere = replace(anna, channel="C0ELSEWHERE")
    await elsewhere.command("ny")
    (view,) = slack.views.values()
    answer = await elsewhere.submit(view, {"received_why": "x"})
    assert answer.body["response_action"] == "update"
    page = slack.views[view["id"]]
    assert "PR-2026-0043" in words(page["blocks"])
    await elsewhere.press_in_view(page, "Bekräfta")
    assert desk.tickets["t2"].confirmed_by == ("Anna",)
    await until(lambda: "Bekräftad av Anna" in words(slack.views[view["id"]]["blocks"]))
    await elsewhere.press_in_view(slack.views[view["id"]], "Ändra…")
    assert slack.views[view["id"]]["private_metadata"] == "change|t2|1 "
    await elsewhere.press_in_view(page, "Bekräfta")
    await until(lambda: STALE in words(slack.views[view["id"]]["blocks"]))


async def test_a_form_too_late_is_refused_kindly(
    anna: Person, slack: SlackStandIn, posted: Message, caplog: pytest.LogCaptureFixture
) -> None:
    slack.trigger_seconds = -1
    await anna.press(posted, "Ändra…")
    (told,) = await slack.told(1)
    assert told.text == TEXTS.say(ANNA.language, "refusal.form_too_late")
    await anna.command("ny")
    assert slack.private[1].text == told.text
    assert "form not opened: trouble.refused expired_trigger_id" in caplog.text


@pytest.mark.parametrize("value", ["", "press:", "press:confirm|t1", "press:fly|t1|0", "open|t1|0", "form:|||"])
async def test_a_button_of_an_older_desk(anna: Person, slack: SlackStandIn, value: str) -> None:
    pressed = slack.show_privately("U0ANNA", CHANNEL, "x", [])
    answer = await anna.interact(
        {
            "type": "block_actions",
            "user": {"id": "U0ANNA"},
            "trigger_id": slack.new_trigger(),
            "actions": [{"action_id": "press:0", "value": value}],
            "response_url": slack.new_response_url(pressed),
        }
    )
    assert answer.status == 200
    assert (await slack.told(2))[1].text == TEXTS.say(ANNA.language, "refusal.unknown_button")


async def test_a_form_of_an_older_desk(anna: Person, slack: SlackStandIn) -> None:
    view = slack.put_view({**a_view(), "private_metadata": ""})
    answer = await anna.submit(view)
    assert TEXTS.say(ANNA.language, "refusal.unknown_button") in words(answer.body["view"]["blocks"])


async def test_nothing_typed_in_a_form_comes_back(anna: Person, slack: SlackStandIn, posted: Message) -> None:
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    await anna.submit(view, {"text": "Jag heter Greta Ek", "reference": "PR-1"})
    assert "Greta" not in slack.traffic
    assert "Greta" not in json.dumps(slack.views)


async def test_a_card_in_the_channel_is_met_once_and_no_other_message_is(
    anna: Person, messenger: SlackMessenger, desk: SmallDesk, slack: SlackStandIn, posted: Message
) -> None:
    """The desk may know nothing of it: the answer to its posting was lost. What one person sees stands nowhere."""
    for _ in range(2):
        await anna.press(posted, "Ändra…")
    assert desk.met_cards == [("slack", CHANNEL, posted.ts, "t1")]
    for address in ("C0OTHER", "U0ANNA"):
        ts = await messenger.post(address, desk.card())
        (elsewhere,) = (message for (_, name), message in slack.messages.items() if name == ts)
        await anna.press(elsewhere, "Bekräfta")
    await anna.command(f"visa {REF}")
    await anna.press(slack.private[0], "Ändra…")
    pressed = anna.pressed(replace(posted, ts="1767600000.999999"), "Ändra…")
    pressed["container"]["thread_ts"] = posted.ts
    await anna.interact(pressed)
    assert len(desk.met_cards) == 1
