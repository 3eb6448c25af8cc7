"""Dialogs: opened and sent, kept open over a lack; and a message chosen from its menu."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.card import Press, Verb
from bot.desk import Forwarded
from tests.handlers.slack.small_desk import REF, SmallDesk
from tests.handlers.teams.door.conftest import ANNA_ID, Client, Json
from tests.handlers.teams.door.conftest import sent as until_sent
from tests.handlers.teams.door.test_presses import posted
from tests.standins.botframework import LEFT_OUT
from tests.standins.teams import CHANNEL, GROUP, TeamsStandIn
from tests.standins.teams_people import Answer, TeamsPerson, filled, labels, words

SECRET = "secret.person@example.org"


def chosen(**differs: Any) -> Json:
    """Return a message as Teams hands it over (learn.microsoft.com, "Define message extension action commands")."""
    return {
        "id": "1767600000007",
        "replyToId": None,
        "createdDateTime": "2026-03-09T08:00:24.833Z",
        "lastModifiedDateTime": None,
        "deleted": False,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "sv-se",
        "linkToMessage": f"https://teams.microsoft.com/l/message/{GROUP}/1767600000007",
        "body": {
            "contentType": "html",
            "content": f"<div><p>Radera mig &amp; mina &lt;barn&gt;</p>{SECRET}</div>",
        },
        "from": {
            "device": None,
            "conversation": None,
            "user": {"userIdentityType": "aadUser", "id": ANNA_ID, "displayName": "Anna"},
            "application": None,
        },
        "reactions": [],
        "mentions": [],
        "attachments": [],
        **differs,
    }


def input_of(form: Json, name: str) -> Json:
    """Return a field of a form."""
    fields: list[Json] = [part for part in form["body"] if part.get("id") == name]
    (field,) = fields
    return field


async def test_a_form_is_opened_and_sent(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    card = posted(teams, desk)
    opened = await anna.open(card, "Ändra…")
    assert opened.body["task"]["type"] == "continue"
    assert opened.body["task"]["value"]["title"] == "Ändra begäran och hur den ska läsas"
    assert desk == SmallDesk(), "opening writes nothing"
    given = {"rights": ["Radering", "Tillgång"], "received_why": "han sa det"}
    sent = await anna.send(card, opened.card, given)
    assert (sent.status, sent.text) == (200, ""), "closed: the card stands in the channel, and a job edits it"
    assert desk.tickets["t1"].rights == ("erasure", "access")


async def test_where_the_card_does_not_stand_the_dialog_shows_what_became_of_it(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    alone = anna.alone()
    card = posted(teams, desk, alone.room)
    opened = await alone.open(card, "Ändra…")
    answer = await alone.send(card, opened.card, {"received_why": "han sa det"})
    assert "Ny begäran" in words(answer.card)
    assert labels(answer.card) == [], "a press in a dialog has no card to replace"
    assert teams.calls == [], "the card the form was opened from is still there to press"


async def test_a_lack_keeps_the_dialog_with_what_was_typed(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    card = posted(teams, desk)
    opened = await anna.open(card, "Ändra…")
    given = {"rights": ["Rättelse"], "text": "Jag vill\nbli glömd", "language": "Språk 3", "received@time": "07:30"}
    again = await anna.send(card, opened.card, given)
    form = again.card
    complaint = form["body"][0]
    assert complaint["id"] == "complaint"
    assert words(complaint)
    assert input_of(form, "text")["value"] == "Jag vill\nbli glömd"
    assert input_of(form, "received")["value"] == "2026-03-05"
    assert input_of(form, "received@time")["value"] == "07:30"
    resent = filled(form, {"received_why": "han sa det"})
    assert resent["rights"] == filled(opened.card, given)["rights"]
    assert resent["language"] == filled(opened.card, given)["language"]
    assert desk == SmallDesk()
    done = await anna.send(card, form, {"received_why": "han sa det"})
    assert done.text == ""
    assert desk.tickets["t1"].rights == ("rectification",)


async def test_a_lack_at_no_field_is_said_all_the_same(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    card = posted(teams, desk)
    opened = await anna.open(card, "Ändra…")
    again = await anna.send(card, opened.card, {"received_why": "x", "reference": "PR-2026-9999"})
    assert again.card["body"][0]["id"] == "complaint"
    done = await anna.send(card, again.card, {"reference": REF})
    assert done.text == ""


@pytest.mark.parametrize("who", ["karin", "stranger"])
async def test_who_may_not_is_told_in_the_dialog(
    who: str, teams: TeamsStandIn, desk: SmallDesk, karin: TeamsPerson, stranger: TeamsPerson
) -> None:
    person = {"karin": karin, "stranger": stranger}[who]
    opened = await person.open(posted(teams, desk), "Ändra…")
    assert opened.body["task"]["type"] == "message"
    assert ("Anna" if who == "karin" else "Desken känner inte igen dig") in opened.sentence
    assert desk == SmallDesk()
    assert teams.calls == []


async def test_a_form_that_came_too_late_is_a_sentence(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    card = posted(teams, desk)
    opened = await anna.open(card, "Ändra…")
    await anna.press(card, "Bekräfta")
    late = await anna.send(card, opened.card, {"received_why": "han sa det"})
    assert "sedan kortet ritades" in late.sentence
    assert desk.tickets["t1"].rights == ("access",)


async def test_a_form_sent_twice_counts_once(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    card = posted(teams, desk)
    opened = await anna.open(card, "Ändra…")
    value = {"data": filled(opened.card, {"received_why": "x"})}
    activity = {**anna.activity("invoke"), "name": "task/submit", "value": value}
    answers = [await anna.post(activity) for _ in range(3)]
    assert [answer.text for answer in answers] == ["", "", ""]
    assert desk.tickets["t1"].version == 1


async def test_something_private_may_be_asked_for_as_a_dialog(anna: TeamsPerson, desk: SmallDesk) -> None:
    press = Press(Verb.REVIEW, "t1", 0).pack()
    value = {"data": {"msteams": {"type": "task/fetch"}, "press": press}}
    answer = await anna.post({**anna.activity("invoke"), "name": "task/fetch", "value": value})
    assert "/review/" in str(answer.card)
    assert desk.looks == ["anna"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"press": ""},
        {"press": "nonsense"},
        {"submit": "change|t1"},
        {"press": "confirm|t1|0", "msteams": {"type": "task/fetch"}},
        {"submit": "change|t1|0", "asked": {"rights": "several"}},
    ],
)
@pytest.mark.parametrize("name", ["task/fetch", "task/submit", "composeExtension/submitAction"])
async def test_odd_data_is_a_dialog_too(anna: TeamsPerson, data: Json, name: str) -> None:
    answer = await anna.post({**anna.activity("invoke"), "name": name, "value": {"data": data}})
    assert answer.status == 200
    assert answer.text == "" or answer.body["task"]["type"] in {"message", "continue"}


@pytest.mark.parametrize(
    "value",
    [
        "text",
        {"data": "text"},
        {"data": {"submit": 7}},
        {"data": {"submit": "change|t1|0", "asked": "x"}},
        {"data": {"submit": "change|t1|0", "asked": {"rights": "several"}, "rights": {"a": 1}}},
    ],
)
async def test_data_of_a_wrong_shape_is_refused(anna: TeamsPerson, desk: SmallDesk, value: object) -> None:
    answer = await anna.post({**anna.activity("invoke"), "name": "task/submit", "value": value})
    assert (answer.status, answer.text) == (400, "")
    assert desk == SmallDesk()


async def test_a_chosen_message_becomes_a_request(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    answer = await anna.choose(chosen(), "requestFromMessage")
    (taken,) = desk.taken
    assert (taken.chat, taken.place, taken.id) == ("teams", CHANNEL, "1767600000007")
    assert taken.at.isoformat() == "2026-03-09T08:00:24.833000+00:00"
    assert taken.text.split() == ["Radera", "mig", "&", "mina", "<barn>", SECRET]
    assert taken.link == f"https://teams.microsoft.com/l/message/{GROUP}/1767600000007"
    assert (taken.by_app, taken.files) == (False, 0)
    assert answer.body["task"]["value"]["title"] == "Ändra begäran och hur den ska läsas"
    assert REF in words(answer.card)
    done = await anna.send_chosen(answer.card, "requestFromMessage", {"received_why": "x", "rights": ["Radering"]})
    assert done.text == ""
    assert desk.tickets["t1"].rights == ("erasure",)
    assert SECRET not in teams.traffic
    assert teams.calls == [], "nothing is posted where others read"


@pytest.mark.parametrize(
    ("differs", "text"),
    [
        ({"subject": "Radera Priya"}, "Radera Priya\nSe ovan."),
        ({"subject": "Radera Priya", "body": {"contentType": "html", "content": ""}}, "Radera Priya"),
        ({"subject": "  "}, "Se ovan."),
        ({"subject": ""}, "Se ovan."),
    ],
)
async def test_the_subject_of_a_channels_post_is_its_first_line(
    anna: TeamsPerson, desk: SmallDesk, differs: Json, text: str
) -> None:
    body = {"contentType": "html", "content": "<p>Se ovan.</p>"}
    await anna.choose(chosen(**{"body": body, **differs}), "requestFromMessage")
    assert desk.taken[0].text == text


async def test_a_message_of_a_thread_is_of_the_channel(anna: TeamsPerson, desk: SmallDesk) -> None:
    activity = {**anna.activity("invoke", "1767600000001"), "name": "composeExtension/fetchTask"}
    value = {"commandId": "requestFromMessage", "messagePayload": chosen()}
    await anna.post({**activity, "value": value})
    assert desk.taken[0].place == CHANNEL


@pytest.mark.parametrize(
    ("differs", "by_app", "files"),
    [
        ({"from": {"application": {"applicationIdentityType": "bot", "id": "x"}, "user": None}}, True, 0),
        ({"from": {"application": {"applicationIdentityType": "BOT", "id": "x"}}}, True, 0),
        ({"from": None}, True, 0),
        ({"attachments": [{"contentType": "reference", "name": "cv.pdf"}]}, False, 1),
        ({"attachments": [{"contentType": "messageReference"}, {"contentType": "image/png"}]}, False, 1),
        ({"attachments": [{"contentType": "application/vnd.microsoft.card.adaptive"}]}, False, 0),
        ({"attachments": None}, False, 0),
    ],
)
async def test_who_wrote_it_and_what_hangs_on_it_is_told(
    anna: TeamsPerson, desk: SmallDesk, differs: Json, by_app: bool, files: int
) -> None:
    assert (await anna.choose(chosen(**differs), "requestFromMessage")).status == 200
    assert (desk.taken[0].by_app, desk.taken[0].files) == (by_app, files)


def reference(kind: str, content: object) -> Json:
    """Return an attachment as Teams writes it: its content is JSON in a text."""
    return {"id": "1", "contentType": kind, "content": content if isinstance(content, str) else json.dumps(content)}


async def test_what_was_forwarded_or_quoted_comes_with_it(anna: TeamsPerson, desk: SmallDesk) -> None:
    """learn.microsoft.com, Graph, chatMessageAttachment: the words stand beside the body, as JSON."""
    who = {"user": {"id": "x", "displayName": "Lars Wallin"}}
    forwarded = {
        "originalMessageId": "1",
        "originalMessageContent": "<p>Radera mina uppgifter</p>",
        "originalSentDateTime": "2026-03-04T08:00:00.1+00:00",
        "originalMessageSender": who,
    }
    quoted = {"messageId": "1", "messagePreview": "Radera mina upp", "messageSender": who}
    attachments = [
        reference("forwardedMessageReference", forwarded),
        reference("messageReference", quoted),
        reference(
            "forwardedMessageReference", forwarded | {"originalMessageContent": "<attachment id='2'></attachment>"}
        ),
    ]
    await anna.choose(chosen(attachments=attachments), "requestFromMessage")
    sent_at = datetime(2026, 3, 4, 8, 0, 0, 100_000, tzinfo=UTC)
    assert desk.taken[0].forwarded == (
        Forwarded("Radera mina uppgifter", "Lars Wallin", sent_at),
        Forwarded("Radera mina upp", "Lars Wallin", whole=False),
        Forwarded("", "Lars Wallin", sent_at, whole=False),
    )
    assert desk.taken[0].files == 0


@pytest.mark.parametrize("content", ["", "no JSON", "[7]", {"originalMessageContent": 7}, {"originalMessageSender": 7}])
async def test_what_was_forwarded_in_a_shape_nobody_knows_is_missing(
    anna: TeamsPerson, desk: SmallDesk, content: object
) -> None:
    """The message itself is taken all the same, and says that something did not come with it."""
    shape = [reference("forwardedMessageReference", content)]
    await anna.choose(chosen(attachments=shape), "requestFromMessage")
    assert desk.taken[0].forwarded == (Forwarded("", whole=False),)
    assert desk.taken[0].lacking


async def test_a_quotation_stands_among_the_words(anna: TeamsPerson, desk: SmallDesk) -> None:
    quote = (
        "<blockquote itemtype='http://schema.skype.com/Reply'><p>Radera mina uppgifter</p></blockquote><p>Tar du?</p>"
    )
    await anna.choose(chosen(body={"contentType": "html", "content": quote}), "requestFromMessage")
    assert "> Radera mina uppgifter" in desk.taken[0].text
    assert "Tar du?" in desk.taken[0].text


async def test_a_link_of_the_newer_address_is_kept(anna: TeamsPerson, desk: SmallDesk) -> None:
    link = f"https://teams.cloud.microsoft/l/message/{GROUP}/1767600000007?tenantId=x"
    await anna.choose(chosen(linkToMessage=link), "requestFromMessage")
    assert desk.taken[0].link == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://evil.example/l/message/1",
        "https://teams.cloud.microsoft.evil.example/l/message/1",
        "",
        None,
    ],
)
async def test_a_link_that_is_not_teams_own_is_dropped(anna: TeamsPerson, desk: SmallDesk, link: str | None) -> None:
    await anna.choose(chosen(linkToMessage=link), "requestFromMessage")
    assert desk.taken[0].link == ""


@pytest.mark.parametrize(
    "differs",
    [
        {"createdDateTime": "yesterday"},
        {"createdDateTime": None},
        {"id": "../../1"},
        {"body": "text"},
        {"body": {"content": 7}},
        {"attachments": "one"},
        {"subject": 7},
    ],
)
async def test_a_message_of_a_wrong_shape_is_refused(anna: TeamsPerson, desk: SmallDesk, differs: Json) -> None:
    assert (await anna.choose(chosen(**differs), "requestFromMessage")).status == 400
    assert desk.taken == []


async def test_who_may_not_take_a_message_is_told(karin: TeamsPerson, desk: SmallDesk) -> None:
    answer = await karin.choose(chosen(), "requestFromMessage")
    assert "Anna" in answer.sentence
    assert desk.taken == []


@pytest.mark.parametrize("elsewhere", ["", "a:1of-anna-and-a-friend"], ids=["with the bot", "with a friend"])
async def test_a_new_request_begins_beside_the_text_box(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk, elsewhere: str
) -> None:
    """In a chat with somebody else it is "personal" too, and what is theirs comes where they speak with the bot."""
    await anna.alone().post(anna.alone().activity("conversationUpdate"))
    place = replace(anna, room=elsewhere) if elsewhere else anna.alone()
    answer = await new(place)
    assert answer.body["task"]["type"] == "continue"
    done = await place.send_chosen(answer.card, "requestNew", {"received_why": "x"})
    assert "PR-2026-0043" in words(done.card)
    assert len(desk.tickets) == 2
    assert labels(done.card) == []
    assert "i ett meddelande bara till dig" in words(done.card)
    await until_sent(teams, 1)
    (theirs,) = teams.of_person(ANNA_ID)
    assert "PR-2026-0043" in words(theirs.card)
    await anna.alone().press(theirs, "Bekräfta")
    assert desk.tickets["t2"].version == 1, "its buttons work"


async def test_where_the_message_is_lost_the_dialog_still_says_what_became_of_it(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await new(anna)
    teams.block(teams.people[ANNA_ID])
    done = await anna.send_chosen(answer.card, "requestNew", {"received_why": "x"})
    assert done.text == "", "in the channel the ticket's card is posted by a job"
    done = await anna.alone().send_chosen(answer.card, "requestNew", {"received_why": "y"})
    assert "PR-2026-0044" in words(done.card)
    for _ in range(100):
        if "private answer lost" in caplog.text:
            break
        await asyncio.sleep(0.01)
    assert "private answer lost" in caplog.text
    assert teams.of_person(ANNA_ID) == []


async def new(person: TeamsPerson, context: str = "compose") -> Answer:
    """Choose the command beside the text box."""
    value = {"commandId": "requestNew", "commandContext": context, "context": {"theme": "default"}}
    return await person.post({**person.activity("invoke"), "name": "composeExtension/fetchTask", "value": value})


@pytest.mark.parametrize("context", ["commandBox", "commandbox"])
async def test_however_teams_spells_where_it_was_chosen(anna: TeamsPerson, context: str) -> None:
    assert (await new(anna, context)).status == 200


@pytest.mark.parametrize("nowhere", [LEFT_OUT, None, {}], ids=["not said", "null", "empty"])
async def test_a_command_need_not_say_where_it_was_chosen(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk, nowhere: object
) -> None:
    """In a chat of two, as Microsoft shows it (learn.microsoft.com, "Create and send dialogs", the invoke request)."""
    await anna.alone().post(anna.alone().activity("conversationUpdate"))

    async def asked(name: str, value: Json) -> Answer:
        activity = {**anna.activity("invoke"), "name": name, "value": value, "conversation": nowhere}
        return await anna.post({part: said for part, said in activity.items() if said is not LEFT_OUT})

    command = {"commandId": "requestNew", "commandContext": "compose", "context": {"theme": "default"}}
    opened = await asked("composeExtension/fetchTask", command)
    assert opened.body["task"]["type"] == "continue"
    given = filled(opened.card, {"received_why": "x"})
    done = await asked("composeExtension/submitAction", {**command, "data": given})
    assert "PR-2026-0043" in words(done.card)
    await until_sent(teams, 1)
    assert len(teams.of_person(ANNA_ID)) == 1
    chose = {**command, "commandId": "requestFromMessage", "messagePayload": chosen()}
    assert (await asked("composeExtension/fetchTask", chose)).status == 200
    assert len(desk.taken) == 1
    assert (await asked("task/fetch", {"data": {}})).status == 400, "a card stands somewhere"


async def test_a_command_of_another_manifest_is_not_ours(anna: TeamsPerson, playground: Client) -> None:
    assert (await anna.choose(chosen(), "somethingElse")).status == 501
