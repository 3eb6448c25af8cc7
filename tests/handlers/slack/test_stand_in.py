"""The stand-in has teeth: it refuses what Slack refuses, so that a green journey means something."""

from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from tests.standins.blockkit import LIMITS, NO_LIMITS, message_complaints, view_complaints
from tests.standins.slack import TOKEN, File, SlackStandIn, serve_slack
from tests.standins.slack_people import labels
from tests.standins.slack_rooms import Room

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("x"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: str = "x", **more: object) -> Json:
    return {"type": "section", "text": plain(text), **more}


def field(name: str) -> Json:
    element = {"type": "plain_text_input", "action_id": "answer"}
    return {"type": "input", "block_id": name, "label": plain("x"), "element": element}


VIEW: Json = {"type": "modal", "title": plain("t"), "submit": plain("s"), "blocks": [field("a")]}


@pytest.mark.parametrize(
    "blocks",
    [
        [actions(button("a"), button("a"))],
        [section(block_id="b"), section(block_id="b")],
        [section("")],
        [section("x" * 3001)],
        [actions({"type": "overflow", "action_id": "a", "options": []})],
        [{"type": "context", "elements": [plain("x")] * 11}],
        [section("x" * 2900)] * 5,
    ],
    ids=["action_id twice", "block_id twice", "empty", "text too long", "no options", "context", "all too long"],
)
def test_rules_that_no_schema_states(blocks: list[Json]) -> None:
    assert message_complaints("x", blocks) != []


@pytest.mark.skipif(not LIMITS.exists(), reason=NO_LIMITS)
@pytest.mark.parametrize(
    "blocks",
    [
        [section()] * 51,
        [actions(*(button(f"a{n}") for n in range(26)))],
        [actions(button("a", text=plain("x" * 76)))],
        [actions(button("a", style="loud"))],
        [actions(button("a", value="x" * 2001))],
        [actions({"type": "overflow", "action_id": "a", "options": [{"text": plain("x"), "value": "x" * 151}]})],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "header", "text": plain("x" * 151)}],
        [{"type": "marquee", "text": plain("x")}],
        [section(colour="red")],
    ],
    ids=["51", "26 buttons", "label", "style", "value", "option", "mrkdwn", "header", "unknown", "extra key"],
)
def test_limits_of_block_kit(blocks: list[Json]) -> None:
    assert message_complaints("x", blocks) != []


def test_what_is_right_is_taken() -> None:
    menu = {"type": "overflow", "action_id": "c", "options": [{"text": plain("y"), "value": "v"}]}
    blocks = [section(), actions(button("a"), button("b"), menu)]
    assert message_complaints("x", blocks) == []
    assert message_complaints("x", []) == []
    assert message_complaints(" ", blocks) == ["no text to read aloud"]
    assert view_complaints(VIEW) == []
    assert labels(blocks) == ["x", "x", "y"]


@pytest.mark.parametrize(
    "change",
    [
        {"submit": None},
        {"title": plain("x" * 25)},
        {"title": plain("")},
        {"blocks": []},
        {"blocks": [section()] * 101},
        {"blocks": [field("a"), field("a")]},
        {"private_metadata": "x" * 3001},
    ],
    ids=["no submit", "long title", "no title", "no blocks", "101 blocks", "block_id twice", "metadata"],
)
def test_views_that_slack_refuses(change: Json) -> None:
    view = {key: value for key, value in {**VIEW, **change}.items() if value is not None}
    assert view_complaints(view) != []


async def test_a_journey_ends_red_when_slack_would_have_refused(session: ClientSession) -> None:
    async def journey() -> None:
        async with serve_slack() as slack:
            answer = await ask(slack, session, "chat.postMessage", channel="C1", text="x", blocks=[section("")])
            assert answer == {"ok": False, "error": "invalid_blocks"}

    with pytest.raises(AssertionError, match="an empty text"):
        await journey()


async def ask(slack: SlackStandIn, session: ClientSession, method: str, **asked: object) -> Json:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with session.post(slack.api_url + method, json=asked, headers=headers) as reply:
        answer: Json = await reply.json()
        return answer


async def test_a_trigger_is_good_once_and_for_a_moment(slack: SlackStandIn, session: ClientSession) -> None:
    trigger = slack.new_trigger()
    opened = [await ask(slack, session, "views.open", trigger_id=trigger, view=VIEW) for _ in range(2)]
    assert opened[0]["ok"] is True
    assert opened[1]["error"] == "exchanged_trigger_id"
    unknown = await ask(slack, session, "views.open", trigger_id="never", view=VIEW)
    assert unknown["error"] == "invalid_trigger_id"
    slack.trigger_seconds = -1
    late = await ask(slack, session, "views.open", trigger_id=slack.new_trigger(), view=VIEW)
    assert late["error"] == "expired_trigger_id"


async def test_the_rest_of_the_workspace(slack: SlackStandIn, session: ClientSession) -> None:
    slack.members.join("U0ANNA", "anna@goto.work")
    found = await ask(slack, session, "users.lookupByEmail", email="anna@goto.work")
    missing = await ask(slack, session, "users.lookupByEmail", email="x@goto.work")
    assert (found["user"]["id"], missing["error"]) == ("U0ANNA", "users_not_found")
    home = {"type": "home", "blocks": [section()]}
    assert (await ask(slack, session, "views.publish", user_id="U0ANNA", view=home))["ok"] is True
    assert slack.homes["U0ANNA"]["blocks"] == home["blocks"]
    await ask(slack, session, "chat.postEphemeral", channel="C1", user="U0ANNA", text="hej", blocks=[])
    assert [(message.user, message.text) for message in slack.private] == [("U0ANNA", "hej")]
    errors = [
        (await ask(slack, session, "chat.postMessage", channel="U0ANNA", text="x"))["error"],
        (await ask(slack, session, "chat.postMessage", channel="C1", text="x", thread_ts="1"))["error"],
        (await ask(slack, session, "chat.update", channel="C1", ts="1", text="x"))["error"],
        (await ask(slack, session, "views.update", view_id="V9", view=VIEW))["error"],
        (await ask(slack, session, "admin.everything"))["error"],
    ]
    assert errors == ["channel_not_found", "thread_not_found", "message_not_found", "not_found", "unknown_method"]
    assert "hej" in slack.traffic


async def test_a_file_is_described_and_given_to_whom_it_may_be(slack: SlackStandIn, session: ClientSession) -> None:
    slack.files["F1"] = File({"id": "F1", "mode": "email"}, b"<p>hej</p>")
    assert (await ask(slack, session, "files.info", file="F1"))["file"] == {"id": "F1", "mode": "email"}
    assert (await ask(slack, session, "files.info", file="F2"))["error"] == "file_not_found"
    slack.scopes.remove("files:read")
    assert (await ask(slack, session, "files.info", file="F1"))["error"] == "missing_scope"
    ours = {"Authorization": f"Bearer {TOKEN}"}
    given = []
    for name, headers in (("F1", ours), ("F1", {}), ("F2", ours)):
        async with session.get(f"{slack.url}/files/{name}", headers=headers, allow_redirects=False) as reply:
            given.append((reply.status, await reply.text()))
    assert given == [(200, "<p>hej</p>"), (302, ""), (404, "")]
    assert slack.downloads == ["F1", "F1", "F2"]


async def test_a_response_url_is_good_five_times(slack: SlackStandIn, session: ClientSession) -> None:
    url = slack.new_response_url(slack.show_privately("U0ANNA", "C1", "x", []))
    statuses = []
    for _ in range(6):
        async with session.post(url, json={"text": "hej", "replace_original": True}) as reply:
            statuses.append(reply.status)
    assert statuses == [200] * 5 + [404]


async def test_a_response_url_is_good_for_half_an_hour(slack: SlackStandIn, session: ClientSession) -> None:
    url = slack.new_response_url(slack.show_privately("U0ANNA", "C1", "x", []))
    slack.response_seconds = -1
    async with session.post(url, json={"text": "hej"}) as reply:
        assert reply.status == 404


async def test_channels_and_members_are_as_they_are(slack: SlackStandIn, session: ClientSession) -> None:
    slack.rooms |= {
        "C0OLD": Room(archived=True),
        "C0OUT": Room(member=False, private=False),
        "C0NONE": Room(there=False),
        "C0LOCK": Room(locked=True),
    }
    slack.gone.add("U0LEFT")
    slack.never.add("U0NEVER")
    posted = [
        (await ask(slack, session, "chat.postMessage", channel=channel, text="x"))["error"]
        for channel in (*slack.rooms, "D0LEFT")
    ]
    assert posted == [
        "is_archived",
        "not_in_channel",
        "channel_not_found",
        "restricted_action_read_only_channel",
        "is_inactive",
    ]
    described = [
        (await ask(slack, session, "conversations.info", channel=channel)).get("channel", {}).get("is_archived")
        for channel in slack.rooms
    ]
    assert described == [True, False, None, False]
    asked: list[tuple[str, Json, str]] = [
        ("conversations.open", {"users": "U0LEFT"}, "user_disabled"),
        ("conversations.open", {"users": "U0NEVER"}, "user_not_found"),
        ("users.info", {"user": "U0NEVER"}, "user_not_found"),
        ("chat.postEphemeral", {"channel": "C1", "user": "U0LEFT", "text": "x"}, "user_not_in_channel"),
        ("views.publish", {"user_id": "U0LEFT", "view": {"type": "home", "blocks": [section()]}}, "user_not_found"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
    ]
    for method, about, error in asked:
        assert (await ask(slack, session, method, **about))["error"] == error
    assert (await ask(slack, session, "users.info", user="U0LEFT"))["user"]["deleted"] is True


async def test_a_scope_that_lacks_is_named_and_a_token_taken_back_takes_all(
    slack: SlackStandIn, session: ClientSession
) -> None:
    slack.scopes -= {"chat:write", "channels:read"}
    slack.rooms["C0OPEN"] = Room(private=False)
    lacking: list[tuple[str, Json, str]] = [
        ("chat.postMessage", {"channel": "C1", "text": "x"}, "chat:write"),
        ("conversations.info", {"channel": "C0OPEN"}, "channels:read"),
    ]
    for method, about, needed in lacking:
        answer = await ask(slack, session, method, **about)
        assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
    slack.revoked = True
    assert (await ask(slack, session, "auth.test"))["error"] == "token_revoked"


async def test_a_home_page_is_held_to_its_limits(session: ClientSession) -> None:
    slack = SlackStandIn()
    async with serve_slack(slack):
        for view in ({"type": "home", "blocks": []}, {**VIEW, "type": "modal"}):
            answer = await ask(slack, session, "views.publish", user_id="U0ANNA", view=view)
            assert answer["error"] == "invalid_arguments"
        assert slack.complaints
        slack.complaints.clear()
        slack.home_tab = False
        page = {"type": "home", "blocks": [section()]}
        assert (await ask(slack, session, "views.publish", user_id="U0ANNA", view=page))["error"] == "not_enabled"


async def test_a_connections_address_is_good_once(slack: SlackStandIn, session: ClientSession) -> None:
    url = slack.sockets.new_address(slack.url)
    async with session.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(WSServerHandshakeError):
            await session.ws_connect(url)
