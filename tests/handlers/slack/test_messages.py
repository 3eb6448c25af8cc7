"""A chosen message and a mail that came, read from what Slack sends; whatever is not as Slack sends it is refused."""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import LyingMail
from handlers.parts import Unreadable
from handlers.slack.door import parsed
from handlers.slack.events import MailsCame, read_event
from handlers.slack.messages import moment_of, read_shortcut, written
from tests.handlers.slack.small_desk import MAIL_CHANNEL, SmallDesk
from tests.handlers.slack.test_door import now
from tests.standins.slack import SIGNING_SECRET, SlackStandIn
from tests.standins.slack_people import Person, signature

MESSAGE = {"type": "message", "user": "U0KARIN", "ts": "1772698320.000340", "text": "Radera &lt;allt&gt;"}
CHOSEN = {
    "type": "message_action",
    "callback_id": "new_request",
    "user": {"id": "U0ANNA"},
    "team": {"id": "T0", "domain": "gotowork"},
    "channel": {"id": "C0TALK"},
    "trigger_id": "1.2",
    "response_url": "https://hooks.slack.com/x",
    "message": MESSAGE,
}
EVENT = {
    "type": "event_callback",
    "event_id": "Ev1",
    "event": {
        "type": "message",
        "subtype": "file_share",
        "user": "USLACKBOT",
        "channel": MAIL_CHANNEL,
        "files": [{"id": "F0MAIL1", "mode": "email", "filetype": "email"}],
    },
}


def differs(body: dict[str, Any], *path: str, value: object) -> dict[str, Any]:
    """Return *body* with one thing changed."""
    changed: dict[str, Any] = json.loads(json.dumps(body))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def test_a_chosen_message_is_read_whole() -> None:
    chosen = read_shortcut(CHOSEN)
    assert chosen is not None
    message = chosen.message
    assert (chosen.user, chosen.trigger, chosen.place.response_url) == ("U0ANNA", "1.2", "https://hooks.slack.com/x")
    assert chosen.place.user == "U0ANNA", "whom to answer where that address takes nothing more"
    assert (message.chat, message.place, message.id) == ("slack", "C0TALK", "1772698320.000340")
    assert message.at == datetime(2026, 3, 5, 8, 12, 0, 340, tzinfo=UTC)
    assert (message.text, message.by_app, message.files) == ("Radera <allt>", False, 0)
    assert message.link == "https://gotowork.slack.com/archives/C0TALK/p1772698320000340"
    assert "Radera" not in repr(chosen)


def test_a_link_needs_a_workspace_with_an_ordinary_name() -> None:
    for domain in ("", "evil.example/#", "Å"):
        chosen = read_shortcut(differs(CHOSEN, "team", "domain", value=domain))
        assert chosen is not None
        assert chosen.message.link == ""


def test_another_apps_shortcut_is_none_of_ours() -> None:
    assert read_shortcut(differs(CHOSEN, "callback_id", value="another")) is None
    assert read_shortcut({"type": "message_action"}) is None


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (differs(CHOSEN, "message", "ts", value="yesterday"), read_shortcut),
        (differs(CHOSEN, "message", "ts", value=None), read_shortcut),
        (differs(CHOSEN, "message", "text", value=7), read_shortcut),
        (differs(CHOSEN, "message", "files", value="x"), read_shortcut),
        (differs(CHOSEN, "message", value="x"), read_shortcut),
        (differs(CHOSEN, "channel", "id", value="../x"), read_shortcut),
        (differs(CHOSEN, "channel", value=None), read_shortcut),
        (differs(CHOSEN, "user", value={}), read_shortcut),
        (differs(CHOSEN, "callback_id", value=["new_request"]), read_shortcut),
        (differs(EVENT, "event", "files", value="x"), read_event),
        (differs(EVENT, "event", "files", value=[7]), read_event),
        (differs(EVENT, "event", "files", value=[{"mode": "email"}]), read_event),
        (differs(EVENT, "event", "files", value=[{"mode": "email", "id": "a b"}]), read_event),
        (differs(EVENT, "event", "channel", value=None), read_event),
        (differs(EVENT, "event", value="x"), read_event),
    ],
)
async def test_what_slack_does_not_send_is_refused(
    anna: Person, body: dict[str, Any], read: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(Unreadable):
        read(body)
    raw = json.dumps(body).encode()
    answer = await anna.send(raw, signature(SIGNING_SECRET, now(), raw), "application/json")
    assert answer.status == 400


def test_a_mail_that_came_is_its_ids_and_whether_others_read_there() -> None:
    assert read_event(EVENT) == MailsCame(MAIL_CHANNEL, (LyingMail("F0MAIL1", "", shared=False),))
    shared = read_event(differs(EVENT, "is_ext_shared_channel", value=True))
    assert shared == MailsCame(MAIL_CHANNEL, (LyingMail("F0MAIL1", "", shared=True),))
    placed = read_event(differs(EVENT, "event", "ts", value="1772698320.000340"))
    assert placed == MailsCame(MAIL_CHANNEL, (LyingMail("F0MAIL1", "1772698320.000340", shared=False),))


async def test_each_mail_of_an_event_is_noted_and_another_channels_is_not(anna: Person, desk: SmallDesk) -> None:
    files = [{"id": "F1", "mode": "email"}, {"id": "F2", "filetype": "email"}, {"id": "F3", "mode": "hosted"}]
    for channel in (MAIL_CHANNEL, "C0OTHER"):
        event = differs(differs(EVENT, "event", "files", value=files), "event", "channel", value=channel)
        raw = json.dumps(event).encode()
        assert (await anna.send(raw, signature(SIGNING_SECRET, now(), raw), "application/json")).status == 200
    assert desk.mails == [("slack", MAIL_CHANNEL, "F1", False), ("slack", MAIL_CHANNEL, "F2", False)]


async def test_a_mail_chosen_where_mail_comes_in_is_noted_as_if_it_had_been_told_of(
    anna: Person, desk: SmallDesk, slack: SlackStandIn
) -> None:
    """No person wrote it, but whoever chooses it has seen that it became no ticket (F04)."""
    mail = {**MESSAGE, "user": "USLACKBOT", "bot_id": "B0", "text": "", "files": [{"id": "F1", "mode": "email"}]}
    await replace(anna, channel=MAIL_CHANNEL).choose(mail)
    (said,) = await slack.told(1)
    assert "Mejlet hämtas" in said.text
    assert desk.mails == [("slack", MAIL_CHANNEL, "F1", False)]
    await anna.choose(mail)
    await replace(anna, channel=MAIL_CHANNEL).choose({**mail, "files": [{"id": "F2", "mode": "hosted"}]})
    assert len(desk.mails) == 1
    assert len(desk.taken) == 2, "the desk says of anything else what it is"


@pytest.mark.parametrize(
    ("marked", "seen"),
    [
        ("a &amp;lt; b", "a &lt; b"),
        ("<https://a.example>", "https://a.example"),
        ("<https://a.example|här>", "här https://a.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<tel:+4681234567|08-123 45 67>", "08-123 45 67 +4681234567"),
        ("hej <@U0SARA> och <@U0KARIN|karin>", "hej @U0SARA och @karin"),
        ("se <#C1|allmänt>", "se #allmänt"),
        ("<!here> <!subteam^S1|@juridik>", "@here @juridik"),
        ("<!date^1772698320^{date}|5 mars>", "@5 mars"),
        ("  rader\nblir kvar ", "rader\nblir kvar"),
    ],
)
def test_a_text_is_read_as_its_writer_sees_it(marked: str, seen: str) -> None:
    assert written(marked) == seen


@given(st.text(max_size=300))
def test_a_text_slack_escaped_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert written(escaped) == text.strip()


@given(st.text(max_size=30))
def test_no_moment_breaks_the_reading(ts: str) -> None:
    try:
        moment_of(ts)
    except Unreadable:
        return


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*MESSAGE, *CHOSEN, "id", "files"]), inner)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from([*CHOSEN, "event"]), JSONS), st.sampled_from(["message_action", "event_callback"])
)
def test_no_body_breaks_the_reading(body: dict[str, Any], kind: str) -> None:
    whole = parsed(json.dumps({**body, "type": kind, "callback_id": "new_request"}).encode(), "application/json")
    for read in (read_shortcut, read_event):
        with suppress(Unreadable):
            read(whole)


async def test_a_desk_that_breaks_says_nothing_of_the_message(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    payload = anna.chosen({**MESSAGE, "text": "secret.person@example.org"})
    desk.breaks = True
    assert (await anna.interact(payload)).status == 500
    desk.breaks = False
    assert (await anna.interact(payload)).status == 200, "what failed may be brought again"
    assert [message.text for message in desk.taken] == ["secret.person@example.org"]
    assert "secret.person" not in caplog.text
    assert "secret.person" not in slack.traffic
