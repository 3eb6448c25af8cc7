"""One desk: what a card says and offers is word for word the same in Slack, in Teams and in the console."""

import json
import re
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.card import Actions, Card, Choice, Facts, Form, Link, Steps, Table, Text
from bot.domain.request import Language
from handlers.console.render import Renderer
from handlers.page import Pages
from handlers.slack.elements import Words as SlackWords
from handlers.slack.render import form_view, message
from handlers.teams.literal import JOINER
from handlers.teams.render import Words as TeamsWords
from handlers.teams.render import card_content, form_content
from tests.cards.shown import all_forms, cards
from tests.handlers.stand_ins import TEXTS

CARDS = [(language, name, card) for language in Language for name, card in cards(language)]
PAGES = Pages(TEXTS)
SLACK = {language: SlackWords.of(TEXTS, language) for language in Language}
TEAMS = {language: TeamsWords.of(TEXTS, language) for language in Language}
every_card = pytest.mark.parametrize(
    ("language", "card"), [pytest.param(language, card, id=f"{name}-{language}") for language, name, card in CARDS]
)


def plain(text: str) -> str:
    """Return *text* as it is seen: no signs without width, every space alike."""
    return " ".join(text.replace(JOINER, "").split())


def told(value: object) -> Iterator[str]:
    """Yield every string of a chat's JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from told(one)
    elif isinstance(value, list):
        for one in value:
            yield from told(one)


def words_of(card: Card) -> Iterator[str]:
    """Yield everything a card says, and every label that can be pressed."""
    yield card.title
    for element in card.elements:
        match element:
            case Text():
                yield element.text
            case Facts():
                yield from (one for pair in element.pairs for one in pair)
            case Steps():
                yield from (step for step, _ in element.steps)
            case Actions():
                yield from (one.label for one in (*element.buttons, *element.more))
            case Table():
                yield from (cell for row in element.rows for cell in row)
            case Link():
                yield element.label


def seen(card: Card, language: Language) -> dict[str, str]:
    """Return everything that can be seen of a card, by chat."""
    slack = json.loads(json.dumps(message(card, SLACK[language]).blocks))
    teams = json.loads(json.dumps(card_content(card, TEAMS[language])["body"]))
    console = LexborHTMLParser(f"{card.title} {Renderer(PAGES, language, 'x').card(card, 'x')}").text(separator=" ")
    return {"slack": " ".join(told(slack)), "teams": " ".join(told(teams)), "console": console}


@every_card
def test_every_chat_says_every_word(card: Card, language: Language) -> None:
    for chat, said in seen(card, language).items():
        shown = plain(said)
        assert [one for one in words_of(card) if plain(one) not in shown] == [], chat


@every_card
def test_every_chat_names_a_date_in_a_row(card: Card, language: Language) -> None:
    """Of two dates in a line nobody could tell which is the last day."""
    for table in (element for element in card.elements if isinstance(element, Table)):
        for row in table.rows:
            for at in (at for at in table.named if row[at]):
                named = plain(f"{table.head[at]} {row[at]}").casefold()
                for chat in ("slack", "teams"):
                    assert named in plain(seen(card, language)[chat]).casefold()


@every_card
def test_every_chat_offers_the_same_in_the_same_order(card: Card, language: Language) -> None:
    offered = [one.label for e in card.elements if isinstance(e, Actions) for one in (*e.buttons, *e.more)]
    slack = [
        text["text"]
        for block in message(card, SLACK[language]).blocks
        if block["type"] == "actions"
        for one in block["elements"]
        if "url" not in one  # a link is no press, though Slack and Teams draw it as a button
        for text in ([one["text"]] if one["type"] == "button" else [option["text"] for option in one["options"]])
    ]
    teams = [
        one["title"]
        for part in card_content(card, TEAMS[language])["body"]
        if part["type"] == "ActionSet"
        for one in part["actions"]
        if "url" not in one
    ]
    page = LexborHTMLParser(str(Renderer(PAGES, language, "x").card(card, "x")))
    console = [button.text() for button in page.css("button")]
    assert slack == teams == console == offered


CORRECTIONS = ("decide_correction", "decide_emptying")


@pytest.mark.parametrize(("name", "form"), [one for one in all_forms(Language.SV) if one[0] in CORRECTIONS])
def test_in_every_chat_a_yes_to_a_correction_says_to_which_values(name: str, form: Form) -> None:
    """A yes without them is refused: no real form may send one (D32)."""
    rows = [one for one in form.elements if isinstance(one, Choice)]
    wanted = [value for one in rows for value, _ in one.options if value.startswith("approve")]
    assert wanted, name
    assert all(value.startswith("approve:") for value in wanted)
    sent = (
        json.dumps(form_view(form, "", SLACK[Language.SV])),
        json.dumps(form_content(form, TEAMS[Language.SV])),
        str(Renderer(PAGES, Language.SV, "x").form(form)),
    )
    assert [re.findall(r'"=?(approve[^"]*)"', one) for one in sent] == [wanted] * len(sent)
