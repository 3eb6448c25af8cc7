"""Said to the desk in Slack: a direct message, a mention, a posted link. Each is answered to who said it alone."""

import asyncio

import pytest

from bot.ports import LyingMail
from handlers.parts import Unreadable
from handlers.slack.events import MOST, read_event, references
from tests.handlers.slack.small_desk import ANNA, CHANNEL, KARIN, MAIL_CHANNEL, REF, TEXTS, SmallDesk
from tests.handlers.slack.test_listeners import UNKNOWN, until
from tests.standins.slack import Message, SlackStandIn
from tests.standins.slack_people import Person, labels, words

LINK = f"https://desk.example.org/t/{REF}"


@pytest.fixture(params=["address", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def direct(who: Person, messages: int = 1) -> list[Message]:
    """Return the direct messages once there are so many."""
    await until(lambda: len(who.slack.in_channel(who.direct)) >= messages)
    return who.slack.in_channel(who.direct)


async def quiet(slack: SlackStandIn) -> None:
    """Wait a moment and see that nothing was sent."""
    await asyncio.sleep(0.05)
    assert sent(slack) == set()


def sent(slack: SlackStandIn) -> set[str]:
    """Return the methods by which something was sent."""
    return {call.method for call in slack.calls} - {"apps.connections.open"}


async def test_a_direct_message_is_a_command(anna: Person, desk: SmallDesk) -> None:
    await anna.write(f"visa {REF}")
    (answer,) = await direct(anna)
    assert REF in words(answer.blocks)
    assert answer.text
    assert desk.heard == [f"visa {REF}"]


async def test_find_takes_an_address_there_and_repeats_nothing(
    anna: Person, desk: SmallDesk, slack: SlackStandIn
) -> None:
    """D16: a direct message is a private chat."""
    await anna.write("hitta <mailto:anna.lind@example.org|anna.lind@example.org>")
    await direct(anna)
    assert desk.heard == ["hitta anna.lind@example.org"]
    assert "anna.lind" not in slack.traffic


async def test_a_mention_is_answered_to_the_asker_alone(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """What was said stood where others read, and the desk is told so (D16)."""
    await anna.mention("hitta anna.lind@example.org")
    (shown,) = await slack.told(1)
    assert (shown.user, shown.channel) == ("U0ANNA", CHANNEL)
    assert desk.heard == ["hitta anna.lind@example.org (others read)"]
    assert slack.messages == {}


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("jour set <@U0KARIN> 2026-03-16 2026-03-22", "jour set Karin 2026-03-16 2026-03-22"),
        ("oncall set <@U0KARIN|karin> 2026-03-16", "oncall set Karin 2026-03-16"),
        ("jour set <@U0NOBODY> 2026-03-16", "jour set 2026-03-16"),
        ("jour set Karin 2026-03-16 <@UBOT>", "jour set Karin 2026-03-16"),
        ("jour <@U0KARIN>", "jour"),
        ("mina <@U0KARIN>", "mina"),
    ],
)
async def test_who_is_put_on_call_may_be_mentioned(
    anna: Person, slack: SlackStandIn, desk: SmallDesk, said: str, heard: str
) -> None:
    """By the id Slack knows a colleague by; nobody else's mention means anything to a command."""
    await anna.write(said)
    await direct(anna)
    await anna.mention(said)
    await slack.told(1)
    assert [one.split() for one in desk.heard] == [heard.split(), [*heard.split(), "(others", "read)"]]
    if "@U0KARIN" in said and "set" in said:
        await anna.command(said)
        assert desk.heard[-1] == heard
    assert desk.strangers == [], "who is mentioned does nothing"


async def test_a_sentence_that_names_tickets_looks_them_up(anna: Person, desk: SmallDesk, slack: SlackStandIn) -> None:
    await anna.mention(f"hur går det med {REF.lower()} och PR-2026-0099?")
    first, second = await slack.told(2)
    assert desk.heard == [f"visa {REF} (others read)", "visa PR-2026-0099 (others read)"]
    assert {first.user, second.user} == {"U0ANNA"}
    assert "PR-2026-0099" in first.text + second.text, "what is not there is said too"


async def test_a_command_that_names_a_ticket_stays_that_command(anna: Person, desk: SmallDesk) -> None:
    await anna.write(f"förläng {REF} tack, det brådskar")
    await anna.write(f"{REF} igen")
    assert desk.heard == [f"förläng {REF} tack, det brådskar", f"{REF} igen"]


def test_so_many_and_no_more() -> None:
    assert references(" ".join(f"PR-2026-{n:04}" for n in range(9))) == tuple(f"PR-2026-{n:04}" for n in range(MOST))
    assert references(f"{REF} {REF.lower()} XPR-2026-0001 PR-1999-0001 PR-2026-1") == (REF,)


async def test_a_thread_is_answered_in_the_thread(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """A reminder's thread holds its history, and what is asked there is answered there."""
    await anna.write("hjälp")
    (first,) = await direct(anna)
    await anna.write("mina", thread_ts=first.ts)
    await until(lambda: len(first.thread) == 1)
    assert len(slack.in_channel(anna.direct)) == 1


async def test_a_form_waits_behind_a_button(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """Slack opens no form for typed words alone."""
    await anna.write("ny")
    (answer,) = await direct(anna)
    assert labels(answer.blocks) == [TEXTS.say(ANNA.language, "slack.open_form")]
    await anna.press(answer, labels(answer.blocks)[0])
    (view,) = slack.views.values()
    await anna.submit(view, {"received_why": "x"})
    assert len(desk.tickets) == 2


async def test_a_refusal_is_said_in_their_language(karin: Person) -> None:
    await karin.write("stopp")
    (answer,) = await direct(karin)
    assert answer.text == TEXTS.say(KARIN.language, "refusal.not_from_here")


async def test_a_stranger_is_refused_kindly(stranger: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    await stranger.write("hjälp")
    (answer,) = await direct(stranger)
    await stranger.mention("hjälp")
    (whispered,) = await slack.told(1)
    assert answer.text == whispered.text == "\n".join(UNKNOWN)
    assert desk.heard == []


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "BBOT", "user": "UBOT"},
        {"app_id": "A1"},
        {"user": "USLACKBOT"},
        {"user": ""},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"channel_type": "channel"},
    ],
    ids=str,
)
async def test_what_nobody_said_to_us_is_not_answered(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, more: dict[str, object]
) -> None:
    """Our own answers above all: the desk would talk to itself for ever."""
    assert (await anna.write("hjälp", **more)).status == 200
    await quiet(slack)
    assert desk.heard == []


async def test_a_posted_link_is_looked_up_for_who_posted_it(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """D14: what Slack unfurls everybody in the channel sees, so nothing is."""
    await anna.post_link(LINK)
    (shown,) = await slack.told(1)
    assert (shown.user, shown.channel) == ("U0ANNA", CHANNEL)
    assert REF in words(shown.blocks)
    assert desk.heard == [f"visa {REF} (others read)"], "and it is written down as any look-up"
    assert sent(slack) == {"chat.postEphemeral"}


@pytest.mark.parametrize(
    ("url", "more"),
    [
        (LINK, {"source": "composer"}),
        (LINK, {"is_bot_user_member": False}),
        (LINK, {"is_bot_user_member": None}),
        ("https://desk.example.org/review/Zm9vYmFy", {}),
        ("https://desk.example.org/", {}),
    ],
)
async def test_other_links_are_left_alone(
    anna: Person, slack: SlackStandIn, desk: SmallDesk, url: str, more: dict[str, object]
) -> None:
    """One still being written, one where we are not and could whisper to nobody, one that names no ticket."""
    assert (await anna.post_link(url, **more)).status == 200
    await quiet(slack)
    assert desk.heard == []


async def test_a_link_written_to_us_is_answered_once(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    """Slack tells of it twice: as words in our direct message, and as a link posted there."""
    await anna.write(f"<{LINK}>")
    await anna.post_link(LINK, channel=anna.direct)
    await direct(anna)
    await asyncio.sleep(0.05)
    assert desk.heard == [f"visa {REF}"]
    assert slack.private == []


async def test_told_twice_it_is_answered_once(anna: Person, desk: SmallDesk, slack: SlackStandIn) -> None:
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    body = anna.happens(anna.written("hjälp"))
    for headers in ({}, retry, retry):
        assert (await anna.tell(body, headers)).status == 200
    await direct(anna)
    await asyncio.sleep(0.05)
    assert desk.heard == ["hjälp"]
    assert len(slack.in_channel(anna.direct)) == 1


@pytest.mark.parametrize("fails", [False, True], ids=["it is written", "it fails"])
async def test_a_retry_is_acknowledged_when_its_first_try_is_written_and_not_before(
    anna: Person, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """D33: Slack asks again after three seconds and then no more; a mail whose first try fails must not be lost."""
    stalls, tries = asyncio.Event(), list[str]()

    async def mail_came(self: SmallDesk, chat: str, place: str, mail: LyingMail) -> None:
        tries.append(mail.file)
        if len(tries) == 1:
            await stalls.wait()
            if fails:
                raise RuntimeError("the disk is full")
        self.mails.append((chat, place, mail.file, mail.shared))

    monkeypatch.setattr(SmallDesk, "mail_came", mail_came)
    mail = {"subtype": "file_share", "channel": MAIL_CHANNEL, "files": [{"id": "F1", "mode": "email"}]}
    body = anna.happens({"type": "message", **mail})
    first = asyncio.create_task(anna.tell(body))
    await until(lambda: tries == ["F1"])
    retries = [asyncio.create_task(anna.tell(body, {"X-Slack-Retry-Num": str(n)})) for n in (1, 2)]
    await asyncio.sleep(0.05)
    assert not any(retry.done() for retry in retries), "nothing is written yet"
    stalls.set()
    assert [(await one).status for one in (first, *retries)] == [500 if fails else 200, 200, 200]
    assert desk.mails == [("slack", MAIL_CHANNEL, "F1", False)], "a retry does what the first try failed to do, once"


async def test_an_answer_that_cannot_be_given_costs_nothing_else(
    anna: Person, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    slack.refuse("chat.postMessage", "is_archived")
    slack.refuse("chat.postEphemeral", "not_in_channel")
    await anna.write("hjälp")
    await anna.mention("hjälp")
    await until(lambda: caplog.text.count("private answer lost") == 2)
    assert "trouble.chat_archived is_archived" in caplog.text
    assert "trouble.chat_not_member not_in_channel" in caplog.text
    await anna.write("hjälp")
    await direct(anna)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"], "oauth": []}}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": [], "oauth": ["U1"]}}, False),
        ({"type": "tokens_revoked"}, False),
        ({"type": "app_uninstalled"}, True),
        ({"type": "channel_rename"}, False),
    ],
)
async def test_being_shut_out_is_one_clear_line(
    anna: Person, event: dict[str, object], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await anna.tell(anna.happens(event))).status == 200
    assert ("slack shut us out" in caplog.text) is told


async def test_not_being_told_everything_is_one_clear_line(anna: Person, caplog: pytest.LogCaptureFixture) -> None:
    assert (await anna.tell({"type": "app_rate_limited", "minute_rate_limited": 1767600000})).status == 200
    assert "slack no longer tells us everything" in caplog.text


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "text": 7},
        {"type": "message", "channel_type": "im", "user": "U1", "text": "x"},
        {"type": "app_mention", "user": 7, "channel": "C1", "text": "x"},
        {"type": "link_shared", "user": "U1", "channel": "C1", "links": "x"},
        {"type": "link_shared", "user": "U1", "channel": "C1", "links": [7]},
        {"type": "link_shared", "user": "U1", "channel": "C1", "links": [{"url": 7}]},
        {"type": "tokens_revoked", "tokens": 7},
    ],
    ids=str,
)
def test_what_is_not_as_slack_writes_it_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        read_event({"type": "event_callback", "event": event})


async def test_words_said_reach_no_log(anna: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await anna.write("hitta secret.person@example.org")
    await anna.mention("hitta secret.person@example.org")
    await direct(anna)
    assert "secret.person" not in caplog.text
