"""Buttons that act: the new card in the old one's place for who pressed, refusals and private things for them alone."""

import asyncio
import copy

import pytest

from bot.card import Press, Verb
from bot.domain.request import Language
from handlers.teams.render import Words, card_content
from tests.handlers.slack.small_desk import TEXTS, SmallDesk
from tests.handlers.teams.door.conftest import ANNA_ID, STRANGER_ID, Client, sent
from tests.standins.teams import CARD, CHANNEL, Message, TeamsStandIn
from tests.standins.teams_people import TeamsPerson, words


def posted(teams: TeamsStandIn, desk: SmallDesk, room: str = CHANNEL) -> Message:
    """Return the ticket's card as a job posted it."""
    content = card_content(desk.card(), Words.of(TEXTS, Language.SV), ["29:somebody"])
    return teams.messages.setdefault((room, "1"), Message(room, "1", "", content))


async def test_a_press_is_carried_out_and_answered_with_the_card(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    answer = await anna.press(posted(teams, desk), "Bekräfta")
    assert (answer.status, answer.body["statusCode"], answer.body["type"]) == (200, 200, CARD)
    assert "Bekräftad av Anna" in words(answer.card)
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert teams.calls == [], "what stands in the channel is edited by a job"


async def test_the_same_delivery_again_hears_the_same_answer_and_counts_once(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    """Teams asks an unanswered invoke twice more."""
    pressed = anna.pressed(posted(teams, desk), "Bekräfta")
    first, second, third = [await anna.post(copy.deepcopy(pressed)) for _ in range(3)]
    assert first.text == second.text == third.text
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    one, another = await asyncio.gather(anna.post({**pressed, "id": "f:x"}), anna.post({**pressed, "id": "f:x"}))
    assert one.text == another.text
    assert "sedan kortet ritades" in words(one.card), "a press of an old card is another matter"


async def test_an_answer_is_for_who_pressed_alone(
    anna: TeamsPerson, karin: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    """Another person's press with the same id hears an answer of their own."""
    pressed = anna.pressed(posted(teams, desk), "Bekräfta")
    await anna.post(pressed)
    other = await karin.post({**karin.pressed(posted(teams, desk), "Bekräfta"), "id": pressed["id"]})
    assert "Anna" in other.sentence
    assert not other.card


async def test_what_failed_may_come_again(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    pressed = anna.pressed(posted(teams, desk), "Bekräfta")
    desk.breaks = True
    failed = await anna.post(pressed)
    assert (failed.status, failed.text) == (500, "")
    desk.breaks = False
    assert "Bekräftad av Anna" in words((await anna.post(pressed)).card)


async def test_what_an_exception_says_is_nobodys_to_read(
    anna: TeamsPerson,
    teams: TeamsStandIn,
    desk: SmallDesk,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk.breaks = True
    await anna.press(posted(teams, desk), "Bekräfta")
    assert "somebody@example" not in caplog.text + str(capsys.readouterr()) + teams.traffic
    assert "teams request failed: RuntimeError in press" in caplog.text
    assert teams.calls == []


async def test_a_refusal_is_a_sentence_for_who_pressed(
    karin: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    answer = await karin.press(posted(teams, desk), "Bekräfta")
    assert answer.status == 200
    assert answer.sentence.startswith("Anna") or "Anna" in answer.sentence
    assert desk == SmallDesk()
    assert teams.calls == []


async def test_a_stale_press_shows_the_card_as_it_is(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    card = posted(teams, desk)
    await anna.press(card, "Bekräfta")
    answer = await anna.press(card, "Bekräfta")
    assert "sedan kortet ritades" in words(answer.card)
    assert "Bekräftad av Anna" in words(answer.card)
    assert desk.tickets["t1"].confirmed_by == ("Anna",)


async def test_a_stranger_is_told_whom_to_ask(stranger: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    answer = await stranger.press(posted(teams, desk), "Bekräfta")
    assert "Desken känner inte igen dig" in answer.sentence
    assert "The desk does not know you" in answer.sentence
    assert desk == SmallDesk()


@pytest.mark.parametrize("press", ["", "of an older desk", "confirm|t1", "confirm|t1|x", "no_such_verb|t1|0"])
async def test_a_button_of_an_older_desk_is_a_sentence(playground: Client, desk: SmallDesk, press: str) -> None:
    answer = await playground.post(playground.execute(press))
    assert answer.status == 200
    assert answer.body["type"].endswith("activity.message")
    assert desk == SmallDesk()


async def test_something_private_never_stands_in_the_cards_place(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    """The card in the channel stays; the link comes where only the presser sees it."""
    answer = await anna.press(posted(teams, desk), "Visa bara för mig")
    assert answer.sentence == "Svaret kommer bara till dig."
    (told,) = await teams.told(1)
    assert told.reader == anna.known_as
    assert "/review/" in str(told.card)
    assert "/review/" not in answer.text
    assert desk.looks == ["anna"]


async def test_something_private_in_ones_own_chat_is_a_message_of_its_own(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    alone = anna.alone()
    answer = await alone.press(posted(teams, desk, alone.room), "Visa bara för mig")
    _, said = await sent(teams, 2)
    assert said.conversation == alone.room
    assert "/review/" in str(said.card)
    assert "/review/" not in answer.text


async def test_each_reader_sees_a_view_of_their_own(
    anna: TeamsPerson, karin: TeamsPerson, stranger: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    card = posted(teams, desk)
    before = desk.card()
    for person in (anna, karin):
        answer = await person.refresh(card)
        assert answer.body["type"] == CARD
        assert before.title in words(answer.card)
        again = answer.card["refresh"]
        assert (again["action"]["data"], again["userIds"]) == ({"about": "t1"}, [person.known_as])
    alone = await anna.alone().refresh(card)
    assert "refresh" not in alone.card, "where nobody else reads there is but the one card"
    nobody = await stranger.refresh(card)
    assert (nobody.status, nobody.body["statusCode"]) == (200, 403), "what stands there stays"
    assert desk == SmallDesk(), "looking changes nothing"
    assert desk.strangers == [], "nor did the stranger do anything: their client did"
    await stranger.press(card, "Bekräfta")
    assert desk.strangers == [STRANGER_ID]


async def test_a_view_of_something_gone_leaves_what_stands_there(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    card = posted(teams, desk)
    desk.tickets.clear()
    answer = await anna.refresh(card)
    assert answer.body["statusCode"] == 409
    assert answer.body["type"] == "application/vnd.microsoft.error"


async def test_a_client_that_knows_no_action_execute_sends_the_same(
    anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    answer = await anna.press_fallback(posted(teams, desk), "Bekräfta")
    assert (answer.status, answer.text) == (202, "")
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert teams.calls == [], "the card stands in the channel, and a job edits it"
    alone = anna.alone()
    await alone.press_fallback(posted(teams, desk, alone.room), "Bekräfta")
    _, _, said = await sent(teams, 3)
    assert "Bekräftad av Anna, Anna" in words(said.card)
    await anna.press_fallback(posted(teams, desk), "Visa bara för mig")
    (told,) = await teams.told(1)
    assert "/review/" in str(told.card)
    assert desk.heard == []


async def test_a_press_waits_for_no_network(anna: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk) -> None:
    teams.slow("send", 0.4)
    before = asyncio.get_running_loop().time()
    await anna.press(posted(teams, desk), "Visa bara för mig")
    assert asyncio.get_running_loop().time() - before < 0.2
    await teams.told(1)


async def test_answers_under_way_are_waited_for_at_the_end(
    playground: Client, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    teams.slow("send", 0.2)
    press = Press(Verb.REVIEW, "t1", 0).pack()
    await playground.post(playground.execute(press, ANNA_ID))
    await playground.stop()
    assert len(teams.private) == 1


async def test_a_card_in_the_channel_is_met_once_when_its_readers_ask_for_their_own_view(
    anna: TeamsPerson, karin: TeamsPerson, teams: TeamsStandIn, desk: SmallDesk
) -> None:
    """The desk may know nothing of it: the answer to its posting was lost. Teams asks before anybody presses."""
    for reader in (anna, karin, anna):
        assert (await reader.refresh(posted(teams, desk))).card
    await anna.press(posted(teams, desk), "Bekräfta")
    await anna.alone().refresh(posted(teams, desk, teams.install_for(ANNA_ID)))
    assert desk.met_cards == [("teams", CHANNEL, "1", "t1")]
