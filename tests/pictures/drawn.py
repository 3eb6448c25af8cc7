"""The same cards and forms as each chat is sent them: JSON for Slack and Teams, our own page for the console."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bot.card import Card, Form
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Post
from config.texts import load_catalogue
from handlers.console.outside import Outside
from handlers.console.screen import Asked, Screen
from handlers.page import Pages
from handlers.slack.elements import Words as SlackWords
from handlers.slack.render import form_view, message
from handlers.teams.elements import Words as TeamsWords
from handlers.teams.render import card_content, form_content
from tests.cards.scenes import MARIA, PEOPLE
from tests.fakes import FixedClock
from tests.handlers.gallery import gallery

CHATS: Final = ("slack", "teams", "console")
TEXTS: Final = Texts(load_catalogue())
SYSTEMS: Final = {"hubspot": "HubSpot", "eventbrite": "Eventbrite", "office365": "Office 365"}

Gallery = Mapping[str, Card | Form]


@cache
def shown(language: Language) -> Gallery:
    """Return every card and form by name."""
    return gallery(language)


def chat_json(chat: str, name: str, one: Card | Form, language: Language) -> dict[str, Any]:
    """Return what the stage's script draws one of."""
    return {
        "name": name,
        "chat": chat,
        "shown": _for_slack(one, language) if chat == "slack" else _for_teams(one, language),
        "title": one.title if isinstance(one, Form) else "",
    }


def _for_slack(one: Card | Form, language: Language) -> Mapping[str, Any]:
    words = SlackWords.of(TEXTS, language)
    return form_view(one, "", words) if isinstance(one, Form) else {"blocks": list(message(one, words).blocks)}


def _for_teams(one: Card | Form, language: Language) -> Mapping[str, Any]:
    words = TeamsWords.of(TEXTS, language)
    return form_content(one, words) if isinstance(one, Form) else card_content(one, words)


@dataclass(frozen=True, slots=True)
class Posted:
    """A card in the console's channel, under its name."""

    post: Post
    card: Card
    history: tuple[str, ...] = ()


def console_page(cards: Mapping[str, Card], language: Language, form: Form | None = None) -> str:
    """Return the console's page with these cards in its channel and a form open above them, when one is given."""
    clock = FixedClock()
    channel = [
        Posted(Post(name, "console", "privacy", name, created_at=clock.now()), card) for name, card in cards.items()
    ]
    screen = Screen(
        actor=MARIA,
        systems=SYSTEMS,
        colleagues=PEOPLE.colleagues,
        channel=channel,
        direct=(),
        home=Card("", (), ""),
        notes=(),
        letters=(),
        asked=Asked(form, "home") if form is not None else None,
    )
    outside = Outside((), lambda _raw: None, lambda: (), clock)
    pages = Pages(TEXTS)
    return pages.html("console.html", language, screen.values(pages, outside, "token"))
