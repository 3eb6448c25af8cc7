"""The outgoing side: posted once, edited in place, troubles sorted by what somebody must do."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.card import Card, Text
from bot.domain.errors import CardGone, CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.request import Language
from bot.ports import Messenger
from handlers.pace import APART, PATIENCE, Pace, Rests
from handlers.slack import SlackMessenger, slack_client
from handlers.slack.lost import KIND
from handlers.slack.notes import Notes
from handlers.slack.render import note
from handlers.slack.trouble import A_WHILE, asked
from tests.handlers.slack.small_desk import CHANNEL, PEOPLE, TEXTS, an_easy_pace
from tests.standins.slack import TOKEN, Message, SlackStandIn
from tests.standins.slack_people import words
from tests.standins.slack_rooms import Room

CARD = Card("PR-2026-0042 · Ny begäran", (Text("Mottagen"),), "PR-2026-0042, ny begäran.")
LONG = Card("T", tuple(Text(f"rad {n}") for n in range(80)), "T.")


def test_it_is_the_port(messenger: SlackMessenger) -> None:
    port: Messenger = messenger
    assert port.chat == "slack"


async def test_a_link_leads_to_slack_or_nowhere(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    stands = f"{CHANNEL}/p1772698320000340"
    assert await messenger.link(CHANNEL, "1772698320.000340") == f"https://gotowork.slack.com/archives/{stands}"
    for elsewhere in ("https://slack.com.evil.example/archives", "http://gotowork.slack.com/archives", "javascript:x"):
        slack.links_to = elsewhere
        assert await messenger.link(CHANNEL, "1772698320.000340") == ""


async def test_a_card_is_posted_and_edited_in_place(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    ts = await messenger.post(CHANNEL, CARD)
    await messenger.edit(CHANNEL, ts, Card("PR-2026-0042 · Söks", (Text("Söker"),), "Söker."))
    (message,) = slack.in_channel(CHANNEL)
    assert (message.text, message.edits) == ("Söker.", 1)
    assert "PR-2026-0042 · Söks" in words(message.blocks)


async def test_links_are_not_fetched_by_slack(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    """D7c: whatever looks at a link changes nothing, but Slack need not look at all."""
    ts = await messenger.post(CHANNEL, CARD)
    await messenger.tell(CHANNEL, ts, "en rad")
    for posted in slack.asked("chat.postMessage"):
        assert (posted["unfurl_links"], posted["unfurl_media"]) == (False, False)


async def test_a_colleague_is_written_to_in_their_conversation(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    ts = await messenger.post("U0ANNA", LONG)
    await messenger.edit("U0ANNA", ts, LONG)
    await messenger.post("U0KARIN", LONG)
    assert [call["users"] for call in slack.asked("conversations.open")] == ["U0ANNA", "U0KARIN"]
    (to_anna,), (to_karin,) = slack.in_channel("D0ANNA"), slack.in_channel("D0KARIN")
    assert TEXTS.say(Language.SV, "slack.rest_left_out") in words(to_anna.blocks)
    assert TEXTS.say(Language.EN, "slack.rest_left_out") in words(to_karin.blocks)


async def test_the_workspace_can_be_asked_for(messenger: SlackMessenger) -> None:
    assert await messenger.check() == "GoToWork"


async def test_too_many_is_tried_later_as_slack_says(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    slack.too_many("chat.update", None)
    ts = await messenger.post(CHANNEL, CARD)
    with pytest.raises(TryLater) as untold:
        await messenger.edit(CHANNEL, ts, CARD)
    assert untold.value.after == A_WHILE
    slack.too_many("chat.postMessage", 17)
    with pytest.raises(TryLater) as told:
        await messenger.post(CHANNEL, CARD)
    assert told.value.after == timedelta(seconds=17)
    assert len(slack.messages) == 1


async def test_what_slack_wants_left_alone_nobody_asks_for_until_then(
    slack: SlackStandIn, session: ClientSession
) -> None:
    """A pause is a method's in the whole workspace, and everybody's: other cards, lines below them, private answers."""
    dial = Sundial()
    rests = Rests("Slack", dial.now)
    client, another = (slack_client(TOKEN, slack.api_url, session, rests) for _ in range(2))
    messenger = SlackMessenger(client, TEXTS, PEOPLE, Language.SV, an_easy_pace())
    notes = Notes(another, session)
    ts = await messenger.post(CHANNEL, CARD)
    slack.too_many("chat.postMessage", 17)
    for waited in (0, 5, 11.5):
        dial.at = 100.0 + waited
        for asks in (messenger.post(CHANNEL, CARD), messenger.post("U0ANNA", CARD), messenger.tell(CHANNEL, ts, "x")):
            with pytest.raises(TryLater, match=r"trouble\.too_many") as told:
                await asks
            assert told.value.after == timedelta(seconds=17 - waited)
            assert TEXTS.say(Language.SV, told.value.key, told.value.facts)
        notes.reply("D0ANNA", "", note("Hej"))
        await notes.close()
    assert len(slack.asked("chat.postMessage")) == 2, "the one before, and the one that was refused"
    await messenger.edit(CHANNEL, ts, CARD)
    dial.at = 117.0
    await messenger.tell(CHANNEL, ts, "en rad")
    assert slack.messages[CHANNEL, ts].thread == ["en rad"]


async def test_no_turn_is_taken_while_slack_wants_to_be_left_alone(slack: SlackStandIn, session: ClientSession) -> None:
    """Who comes when the pause is over finds every turn free."""
    dial = Sundial()
    client = slack_client(TOKEN, slack.api_url, session, Rests("Slack", dial.now))
    messenger = SlackMessenger(client, TEXTS, PEOPLE, Language.SV, Pace(dial.now, dial.sleep))
    slack.too_many("chat.postMessage", 4)
    for _ in range(20):
        with pytest.raises(TryLater):
            await messenger.post(CHANNEL, CARD)
    dial.at += 4
    await messenger.post(CHANNEL, CARD)
    assert dial.slept == []


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    dial = Sundial()
    rests = Rests("Slack", dial.now)
    for seconds in (30, 2, 0):
        rests.begin("chat.postMessage", timedelta(seconds=seconds))
    dial.at += 29
    with pytest.raises(TryLater) as told:
        rests.heed("chat.postMessage")
    assert told.value.after == timedelta(seconds=1)
    rests.heed("chat.update")
    dial.at += 1
    rests.heed("chat.postMessage")


@pytest.mark.parametrize(
    ("error", "status", "trouble", "key"),
    [
        ("invalid_auth", 200, CredentialsRefused, "credentials"),
        ("not_authed", 200, CredentialsRefused, "credentials"),
        ("", 403, CredentialsRefused, "credentials"),
        ("token_revoked", 200, CredentialsRefused, "chat_key_revoked"),
        ("account_inactive", 200, CredentialsRefused, "chat_key_revoked"),
        ("missing_scope", 200, CredentialsRefused, "chat_scope"),
        ("channel_not_found", 200, NeedsHuman, "chat_no_channel"),
        ("is_archived", 200, NeedsHuman, "chat_archived"),
        ("not_in_channel", 200, NeedsHuman, "chat_not_member"),
        ("restricted_action", 200, NeedsHuman, "chat_may_not_post"),
        ("user_disabled", 200, NeedsHuman, "chat_person_gone"),
        ("is_inactive", 200, NeedsHuman, "chat_person_gone"),
        ("messages_tab_disabled", 200, NeedsHuman, "chat_no_messages_tab"),
        ("not_enabled", 200, NeedsHuman, "chat_no_home_tab"),
        ("invalid_blocks", 200, NeedsHuman, "refused"),
        ("some_new_error", 200, NeedsHuman, "refused"),
        ("service_unavailable", 503, TryLater, "busy"),
        ("", 503, TryLater, "busy"),
        ("ratelimited", 200, TryLater, "too_many"),
        ("internal_error", 200, OutcomeUnknown, "lost"),
        ("fatal_error", 500, OutcomeUnknown, "lost"),
        ("", 502, OutcomeUnknown, "lost"),
        ("", 200, OutcomeUnknown, "lost"),
    ],
)
async def test_a_refusal_says_what_somebody_must_do(
    messenger: SlackMessenger, slack: SlackStandIn, error: str, status: int, trouble: type[SystemTrouble], key: str
) -> None:
    slack.refuse("chat.postMessage", error, status)
    with pytest.raises(trouble) as raised:
        await messenger.post(CHANNEL, CARD)
    assert type(raised.value) is trouble
    assert raised.value.key == f"trouble.{key}"
    assert raised.value.facts["system"] == "Slack"
    assert raised.value.__cause__ is None
    sentences = {TEXTS.say(language, raised.value.key, raised.value.facts) for language in Language}
    assert len(sentences) == len(Language)
    assert all("Slack" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("room", "key"),
    [
        (Room(archived=True), "chat_archived"),
        (Room(member=False), "chat_not_member"),
        (Room(there=False), "chat_no_channel"),
        (Room(locked=True), "chat_may_not_post"),
    ],
    ids=["archived", "not in it", "not there", "locked"],
)
async def test_a_channel_that_takes_nothing(
    messenger: SlackMessenger, slack: SlackStandIn, room: Room, key: str
) -> None:
    """Posted before, edited and told of after: each says the same, and another channel is written to as before."""
    ts = await messenger.post(CHANNEL, CARD)
    slack.rooms[CHANNEL] = room
    for sent in (
        messenger.post(CHANNEL, CARD),
        messenger.edit(CHANNEL, ts, CARD),
        messenger.tell(CHANNEL, ts, "en rad"),
    ):
        with pytest.raises(NeedsHuman) as refused:
            await sent
        assert refused.value.key == f"trouble.{key}"
    await messenger.post("C0OTHER", CARD)
    slack.rooms.clear()
    await messenger.edit(CHANNEL, ts, CARD)


@pytest.mark.parametrize("known", [False, True], ids=["never written to", "written to before"])
async def test_a_colleague_who_left(messenger: SlackMessenger, slack: SlackStandIn, known: bool) -> None:
    if known:
        await messenger.post("U0ANNA", CARD)
    slack.gone.add("U0ANNA")
    with pytest.raises(NeedsHuman, match=r"trouble\.chat_person_gone"):
        await messenger.post("U0ANNA", CARD)
    await messenger.post("U0KARIN", CARD)


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message"])
async def test_a_card_that_was_removed_is_told_from_any_other_refusal(
    messenger: SlackMessenger, slack: SlackStandIn, error: str
) -> None:
    """Slack's retention removes cards too; one that another app once posted can no more be edited than one removed."""
    ts = await messenger.post(CHANNEL, CARD)
    slack.refuse("chat.update", error)
    with pytest.raises(CardGone, match=r"trouble\.chat_card_gone") as gone:
        await messenger.edit(CHANNEL, ts, CARD)
    assert all("Slack" in TEXTS.say(language, gone.value.key, gone.value.facts) for language in Language)
    slack.refuse("chat.postMessage", error)
    with pytest.raises(NeedsHuman) as refused:
        await messenger.tell(CHANNEL, ts, "en rad")
    assert type(refused.value) is NeedsHuman, "only what is to be edited can be missing"


async def test_a_token_taken_back(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    slack.revoked = True
    with pytest.raises(CredentialsRefused, match=r"trouble\.chat_key_revoked"):
        await messenger.post(CHANNEL, CARD)


async def test_a_lost_answer_is_not_asked_again(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    """slack_sdk by itself would post a second card."""
    slack.lose_answer("chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await messenger.post(CHANNEL, CARD)
    assert len(slack.in_channel(CHANNEL)) == 1


async def test_a_lost_card_is_found_again(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    """By the key it was posted under, whoever wrote since and however much; never another card."""
    since = datetime.fromtimestamp(slack.epoch, UTC)
    slack.lose_answer("chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await messenger.post(CHANNEL, CARD, "k1")
    (lost,) = slack.in_channel(CHANNEL)
    for n in range(2, 260):
        slack.messages[CHANNEL, f"{slack.epoch}.9{n:05}"] = Message(CHANNEL, f"{slack.epoch}.9{n:05}", "hej", [])
    strange: dict[str, Any] = {"event_type": "another_app", "event_payload": {"post": "k2"}}
    for n, metadata in enumerate((strange, {"event_type": KIND})):
        ts = f"{slack.epoch}.8{n:05}"
        slack.messages[CHANNEL, ts] = Message(CHANNEL, ts, "hej", [], metadata=metadata)
    assert await messenger.posted(CHANNEL, "k1", since) == lost.ts
    assert await messenger.posted(CHANNEL, "k2", since) == ""
    assert await messenger.posted("C0OTHER", "k1", since) == ""
    assert await messenger.posted(CHANNEL, "k1", since + timedelta(days=1)) == ""


async def test_in_a_direct_message_a_lost_card_is_found_too(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    ts = await messenger.post("U0ANNA", CARD, "k1")
    assert await messenger.posted("U0ANNA", "k1", datetime.fromtimestamp(slack.epoch, UTC)) == ts


async def test_where_the_token_may_not_look_nothing_is_found(messenger: SlackMessenger, slack: SlackStandIn) -> None:
    """Then the card is posted again, as before; any other trouble is one."""
    since = datetime.fromtimestamp(slack.epoch, UTC)
    await messenger.post(CHANNEL, CARD, "k1")
    slack.rooms[CHANNEL] = Room(private=False)
    assert await messenger.posted(CHANNEL, "k1", since) == ""
    slack.refuse("conversations.history", "invalid_auth")
    with pytest.raises(CredentialsRefused):
        await messenger.posted(CHANNEL, "k1", since)
    slack.too_many("conversations.history", 3)
    with pytest.raises(TryLater):
        await messenger.posted(CHANNEL, "k1", since)


async def test_nobody_there_is_tried_later(session: ClientSession) -> None:
    messenger = SlackMessenger(slack_client(TOKEN, "http://127.0.0.1:9/api", session), TEXTS, PEOPLE, Language.SV)
    with pytest.raises(TryLater):
        await messenger.post(CHANNEL, CARD)


async def test_silence_is_an_unknown_outcome(slack: SlackStandIn, session: ClientSession) -> None:
    slack.slow("auth.test", 0.5)
    with pytest.raises(OutcomeUnknown):
        await asked("auth.test", slack_client(TOKEN, slack.api_url, session).auth_test(), patience=0.05)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"ok": tr', "application/json"),
        (b"[1]", "application/json"),
        (b'"ok"', "application/json"),
        (b"null", "application/json"),
        (b'{"ok": true, "team": "\xff"}', "application/json"),
        (b"Please sign in to the network", "text/plain"),
        (b"<html>Please sign in</html>", "text/html"),
        (b"", "application/json"),
    ],
)
async def test_what_is_no_answer_of_slacks_is_an_unknown_outcome(
    session: ClientSession, body: bytes, kind: str
) -> None:
    """A torn answer, or one of something on the way. Anything but a trouble would end who keeps the connection."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": kind})

    application = web.Application()
    application.router.add_post("/api/auth.test", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = slack_client(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session)
    with pytest.raises(OutcomeUnknown):
        await asked("auth.test", client.auth_test())
    await runner.cleanup()


async def test_a_wrong_token_is_for_the_owner(slack: SlackStandIn, session: ClientSession) -> None:
    messenger = SlackMessenger(slack_client("xoxb-old", slack.api_url, session), TEXTS, PEOPLE, Language.SV)
    with pytest.raises(CredentialsRefused):
        await messenger.check()


class Sundial:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_one_message_a_second_to_each_channel() -> None:
    dial = Sundial()
    pace = Pace(dial.now, dial.sleep)
    for _ in range(3):
        await pace.turn("C1")
    await pace.turn("C2")
    assert dial.slept == [APART, 2 * APART]
    dial.at += 10
    await pace.turn("C1")
    assert dial.slept == [APART, 2 * APART], "after a pause nobody waits"


async def test_a_burst_goes_back_to_the_job_table() -> None:
    """D36: who would wait long is sent back, and says for how long."""
    dial = Sundial()
    pace = Pace(dial.now, dial.sleep)
    for _ in range(int(PATIENCE / APART) + 1):
        await pace.turn("C1")
    for n in range(50):
        with pytest.raises(TryLater) as later:
            await pace.turn("C1")
        told = timedelta(seconds=PATIENCE + (n + 1) * APART)
        assert later.value.after == told, "told the same, they would all come back at once"
    dial.at += APART
    await pace.turn("C1")  # nobody keeps a place by asking: who comes when one is free has it
    dial.at += 60
    await pace.turn("C1")
    assert dial.slept[-1] == PATIENCE, "after a pause nobody waits"


async def test_the_messenger_keeps_the_pace(slack: SlackStandIn, session: ClientSession) -> None:
    dial = Sundial()
    client = slack_client(TOKEN, slack.api_url, session)
    messenger = SlackMessenger(client, TEXTS, PEOPLE, Language.SV, Pace(dial.now, dial.sleep))
    ts = await messenger.post(CHANNEL, CARD)
    await asyncio.gather(messenger.tell(CHANNEL, ts, "en"), messenger.tell(CHANNEL, ts, "två"))
    await messenger.edit(CHANNEL, ts, CARD)
    assert dial.slept == [APART, 2 * APART], "an edit is no message"


async def test_at_our_pace_slack_refuses_nothing_and_at_another_it_does(
    messenger: SlackMessenger, slack: SlackStandIn, session: ClientSession
) -> None:
    """The stand-in keeps Slack's own count: one message a second to a channel, and a short burst."""
    slack.paced = True
    paced = SlackMessenger(slack_client(TOKEN, slack.api_url, session), TEXTS, PEOPLE, Language.SV)
    for _ in range(4):
        await paced.post("C0PACED", CARD)
    for _ in range(3):
        await messenger.post(CHANNEL, CARD)
    with pytest.raises(TryLater) as later:
        await messenger.post(CHANNEL, CARD)
    assert later.value.after == timedelta(seconds=1)
    assert len(slack.in_channel(CHANNEL)) == 3
    await paced.post("C0OTHER", CARD)
