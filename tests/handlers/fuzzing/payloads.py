"""What the chats do send, to begin from: each kind of request once, and the words they are made of."""

import asyncio
import json
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from aiohttp import ClientSession

from bot.card import Press, Verb
from bot.domain.request import Language
from handlers.slack.elements import Words as SlackWords
from handlers.slack.render import form_view, message
from handlers.teams.elements import Words as TeamsWords
from handlers.teams.render import card_content
from tests.handlers.slack.small_desk import ANNA_IN_TEAMS, CHANNEL, TEXTS, SmallDesk, change_form
from tests.standins.botframework import signed
from tests.standins.slack import Message as SlackMessage
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import Person
from tests.standins.teams import Message as TeamsMessage
from tests.standins.teams import TeamsStandIn
from tests.standins.teams_people import TeamsPerson

Json = dict[str, Any]

#: What of a text may matter: Slack's and Teams' marks, JSON's edges, letters that are none, our own words.
PIECES: Final = (
    *('"', "{", "}", "[", "]", ":", ",", "null", "true", "0", "-1", "1e400", "9" * 30, "\\ud800", "\\u0000", "\\ud83d"),
    *('{"id":', '"type":', '"value":', '"selected_option":', '"selected_options":[', '"selected_date_time":'),
    *('"files":[{"mode":"email","id":"F1"}]', '"links":[{"url":"PR-2026-0042"}]', '"view":{"type":"home"}'),
    *('"private_metadata":"', '"state":{"values":{', '"block_actions"', '"view_submission"', '"message_action"'),
    *('"event_callback"', '"app_mention"', '"link_shared"', '"url_verification"', '"function_executed"', "payload="),
    *("press:confirm|t1|0", "form:change|t1|0", "press:review|t1|0", "confirm|t1|-1", "home", "|", "%", "&", "=", "+"),
    *('"adaptiveCard/action"', '"task/fetch"', '"task/submit"', '"composeExtension/fetchTask"', '"invoke"'),
    *('"asked":{', '"several"', '"moment"', "@time", "%2C", '"entities":[{"type":"mention"', "<at>", "</at>"),
    *("<@U1>", "<mailto:a@b.se|a@b.se>", "<!here>", "&lt;", "&amp;", "PR-2026-0042", "visa 42", "förläng", "due 14"),
    *("Bearer ", "eyJhbGciOiJub25lIn0", ".", "e30", "\u202e", "\u0661", "\x00", "\ufeff", "é", "\U0001f512"),
)


def seeds() -> dict[str, list[bytes]]:
    """Return requests as they come, by the way they come."""
    return asyncio.run(_seeds())


async def _seeds() -> dict[str, list[bytes]]:
    async with ClientSession() as session:
        slack = _from_slack(Person(SlackStandIn(), session, "", "U0ANNA", CHANNEL))
        teams = _from_teams(TeamsPerson(TeamsStandIn(), session, "", ANNA_IN_TEAMS))
    words = ["visa 42", "hitta anna@example.org", "PR-2026-0042 förläng", "jour maria 1-8", "stoppa HubSpot", "hjälp"]
    return {
        "slack": slack,
        "teams": [json.dumps(one).encode() for one in teams],
        # a token of somebody else's making, and two that only look like one
        "token": [f"Bearer {signed(by='webchat')}".encode(), b"Bearer e30.e30.e30", b"Bearer eyJhbGciOiJub25lIn0.e30."],
        "typed": [word.encode() for word in words],
    }


def _from_slack(anna: Person) -> list[bytes]:
    drawn = message(SmallDesk().card(), SlackWords.of(TEXTS, Language.SV))
    card = SlackMessage(CHANNEL, "1767600000.000001", drawn.text, list(drawn.blocks), "U0ANNA")
    said = {"ts": "1767600000.000001", "text": "Radera <mailto:a@b.se|a@b.se>", "user": "U1", "files": [{"id": "F1"}]}
    view = {**form_view(change_form(Press(Verb.CHANGE, "t1")), CHANNEL, SlackWords.of(TEXTS, Language.SV)), "id": "V1"}
    answers = {
        "rights": {"answer": {"type": "multi_static_select", "selected_options": [{"value": "=access"}]}},
        "scope": {"answer": {"type": "static_select", "selected_option": {"value": "=everything"}}},
        "received": {"answer": {"type": "datetimepicker", "selected_date_time": 1_772_000_000}},
        "text": {"answer": {"type": "plain_text_input", "value": "delete"}},
    }
    submission = {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U0ANNA"},
        "trigger_id": "1.t",
        "view": {**view, "state": {"values": answers}},
    }
    acts = [anna.pressed(card, "Bekräfta"), anna.pressed(card, "Lämna över…"), anna.chosen(said), submission]
    events = [
        anna.happens(anna.written("visa PR-2026-0042")),
        anna.happens({"type": "app_home_opened", "tab": "home"}),
        anna.happens({"type": "message", "subtype": "file_share", "channel": "C1", "files": [{"id": "F1"}]}),
        anna.happens({"type": "link_shared", "channel": "C1", "links": [{"url": "PR-2026-0042"}], "message_ts": "1"}),
        {"type": "url_verification", "challenge": "x"},
    ]
    typed = {"command": "/privacy", "text": "visa 42", "user_id": "U0ANNA", "team_id": "T1", "trigger_id": "1.t"}
    return [
        *(f"payload={quote_plus(json.dumps(one))}".encode() for one in acts),
        *(json.dumps(one).encode() for one in (*acts, *events)),
        urlencode(typed).encode(),
    ]


def _from_teams(anna: TeamsPerson) -> list[Json]:
    card = card_content(SmallDesk().card(), TeamsWords.of(TEXTS, Language.SV))
    stands = TeamsMessage(anna.room, "1", "", card)
    press = anna.pressed(stands, "Bekräfta")
    asked = {"rights": "several", "scope": "one", "received": "moment"}
    sent = {"submit": "change|t1|0", "asked": asked, "rights": "=access,=erasure", "scope": "=everything"}
    moment = {"received": "2026-03-05", "received@time": "09:12"}
    invoke = anna.activity("invoke", "1")
    mention = {"type": "mention", "mentioned": {"id": f"28:{anna.person}"}, "text": "<at>Privacy</at>"}
    chosen = {"id": "1", "from": {"user": {"id": "x"}}, "body": {"content": "<p>delete</p>", "contentType": "html"}}
    return [
        press,
        {**press, "value": {**press["value"], "trigger": "automatic"}},
        {
            **invoke,
            "name": "task/fetch",
            "value": {"data": {"press": "change|t1|0", "msteams": {"type": "task/fetch"}}},
        },
        {**invoke, "name": "task/submit", "value": {"data": {**sent, **moment}}},
        {
            **invoke,
            "name": "composeExtension/fetchTask",
            "value": {"commandId": "new_request", "messagePayload": chosen},
        },
        {**invoke, "name": "composeExtension/submitAction", "value": {"commandId": "new_request", "data": sent}},
        {**anna.activity("message"), "text": "<at>Privacy</at> visa 42", "entities": [mention]},
        {**anna.activity("message"), "value": {"press": "confirm|t1|0"}, "replyToId": "1"},
        {**anna.activity("installationUpdate"), "action": "add"},
        {**anna.activity("conversationUpdate"), "membersAdded": [{"id": "28:x"}]},
    ]
