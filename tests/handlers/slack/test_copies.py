"""What lies before one colleague alone is kept true: no job edits it, so a stale press and a sent form do."""

from dataclasses import replace

import pytest

from bot.card import Press, Verb
from bot.domain.errors import StaleCard
from handlers.slack import SlackMessenger
from handlers.slack.copies import FOR, MOST, Copies
from handlers.slack.values import Place
from tests.handlers.slack.small_desk import ANNA, CHANNEL, REF, TEXTS, SmallDesk
from tests.handlers.slack.test_listeners import until
from tests.standins.slack import Message, SlackStandIn
from tests.standins.slack_people import Person, labels, words

STALE = TEXTS.say(ANNA.language, "refusal.stale")


@pytest.fixture(params=["ephemeral", "direct"])
async def copy(
    request: pytest.FixtureRequest, anna: Person, slack: SlackStandIn, desk: SmallDesk, messenger: SlackMessenger
) -> Message:
    """A card that Anna alone sees."""
    if request.param == "direct":
        return slack.messages["D0ANNA", await messenger.post("U0ANNA", desk.card())]
    await anna.command(f"visa {REF}")
    return slack.private[0]


def confirmed_meanwhile(desk: SmallDesk) -> None:
    desk.tickets["t1"] = replace(desk.tickets["t1"], confirmed_by=("Maria",), version=7)


@pytest.mark.parametrize("label", ["Bekräfta", "Ändra…"])
async def test_a_stale_press_shows_the_card_as_it_is_now_in_its_place(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, copy: Message, label: str
) -> None:
    """F39: refused and refreshed."""
    before = len(slack.private)
    confirmed_meanwhile(desk)
    await anna.press(copy, label)
    await until(lambda: copy.edits == 1)
    assert STALE in words(copy.blocks)
    assert "Bekräftad av Maria" in words(copy.blocks)
    assert len(slack.private) == before, "it is said once"
    await anna.press(copy, "Bekräfta")
    assert desk.tickets["t1"].confirmed_by == ("Maria", "Anna"), "what stands there now can be pressed, and only that"


async def test_a_stale_press_in_a_page_shows_the_card_as_it_is_now(
    anna: Person, desk: SmallDesk, slack: SlackStandIn
) -> None:
    await replace(anna, channel="C0ELSEWHERE").command("ny")
    (view,) = slack.views.values()
    await anna.submit(view, {"received_why": "x"})
    page = slack.views[view["id"]]
    desk.tickets["t2"] = replace(desk.tickets["t2"], confirmed_by=("Maria",), version=7)
    await anna.press_in_view(page, "Bekräfta")
    await until(lambda: STALE in words(slack.views[view["id"]]["blocks"]))
    assert "Bekräftad av Maria" in words(slack.views[view["id"]]["blocks"])
    assert "Bekräfta" in labels(slack.views[view["id"]]["blocks"])


async def test_what_has_no_card_of_its_own_is_refused_with_the_sentence(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, copy: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise StaleCard("refusal.stale")

    monkeypatch.setattr(SmallDesk, "press", gone)
    before = len(slack.private)
    confirmed_meanwhile(desk)
    del desk.tickets["t1"]
    await anna.press(copy, "Bekräfta")
    assert (await slack.told(before + 1))[-1].text == STALE
    assert copy.edits == 0


async def test_a_sent_form_leaves_no_old_copy_behind(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, copy: Message
) -> None:
    """Rule 2 of the cards: a pressed card never looks pressable."""
    before = len(slack.private)
    await anna.press(copy, "Ändra…")
    (view,) = slack.views.values()
    assert "responses" not in str(view), "where to answer is no matter for what Slack's clients hold"
    await anna.submit(view, {"rights": ["Radering"], "received_why": "x"})
    await until(lambda: copy.edits == 1)
    assert "erasure" in words(copy.blocks)
    assert len(slack.private) == before
    await anna.press(copy, "Bekräfta")
    assert desk.tickets["t1"].confirmed_by == ("Anna",)


async def test_a_stale_form_shows_the_card_as_it_is_now_and_so_does_the_copy(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, copy: Message
) -> None:
    await anna.press(copy, "Ändra…")
    (view,) = slack.views.values()
    confirmed_meanwhile(desk)
    answer = await anna.submit(view, {"received_why": "x"})
    shown = words(answer.body["view"]["blocks"])
    assert STALE in shown
    assert "Bekräftad av Maria" in shown
    await until(lambda: copy.edits == 1)
    assert "Bekräftad av Maria" in words(copy.blocks)


async def test_a_copy_that_takes_no_more_is_let_go(
    anna: Person, slack: SlackStandIn, copy: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """The form's own answer shows the card: nothing is whispered beside it."""
    before = len(slack.private)
    await anna.press(copy, "Ändra…")
    (view,) = slack.views.values()
    slack.response_seconds = -1
    await anna.submit(view, {"received_why": "x"})
    await until(lambda: "private answer lost: status 404" in caplog.text)
    assert len(slack.private) == before
    assert slack.asked("chat.postEphemeral") == []


async def test_a_form_of_the_channel_touches_no_copy(
    anna: Person, slack: SlackStandIn, desk: SmallDesk, messenger: SlackMessenger
) -> None:
    posted = slack.messages[CHANNEL, await messenger.post(CHANNEL, desk.card())]
    await anna.press(posted, "Ändra…")
    (view,) = slack.views.values()
    await anna.submit(view, {"received_why": "x"})
    assert posted.edits == 0, "a job edits it"


def test_copies_are_kept_for_half_an_hour_each_once() -> None:
    now = 0.0
    copies = Copies(lambda: now)
    press = Press(Verb.CHANGE, "t1")
    copies.keep("U0ANNA", press, Place("https://one", own=True, message="1.1"))
    copies.keep("U0ANNA", press, Place("https://two", own=True, message="1.1"))
    copies.keep("U0ANNA", press, Place("https://three", channel="D0ANNA", message="2.1"))
    copies.keep("U0ANNA", Press(Verb.CHANGE, "t2"), Place("https://four", own=True, message="3.1"))
    copies.keep("U0ANNA", press, Place("", own=True, view_id="V1"))
    assert copies.taken("U0KARIN", press) == ()
    found = copies.taken("U0ANNA", press)
    assert [(place.response_url, place.own, place.channel) for place in found] == [
        ("https://two", True, ""),
        ("https://three", True, ""),
    ]
    assert copies.taken("U0ANNA", press) == (), "a copy that was replaced brings an address of its own"
    now = FOR + 1
    assert copies.taken("U0ANNA", Press(Verb.CHANGE, "t2")) == ()


def test_no_more_copies_are_kept_than_are_worth_it() -> None:
    copies = Copies(lambda: 0.0)
    for n in range(MOST + 1):
        copies.keep("U0ANNA", Press(Verb.CHANGE, f"t{n}"), Place(f"https://{n}", own=True, message=f"{n}.1"))
    assert copies.taken("U0ANNA", Press(Verb.CHANGE, "t0")) == ()
    assert copies.taken("U0ANNA", Press(Verb.CHANGE, "t1")) != ()
