"""Every card and form as the console's page holds it: golden HTML, and what each page owes whoever reads it.

The pictures are what a parser makes of the real page, so a tag left open shows. They open in a browser.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bot.card import Card, Form
from bot.domain.request import Language
from bot.ports import Post
from handlers.console.notes import Note
from handlers.console.outside import Outside
from handlers.console.screen import Asked, Screen
from handlers.page import Pages
from tests.fakes import FixedClock
from tests.handlers.conftest import only, sound, words
from tests.handlers.golden import EVERY, GALLERY, Album, names
from tests.handlers.stand_ins import CHANNEL, PEOPLE, SYSTEMS, TEXTS, SmallPost, home

PAGES = Pages(TEXTS)
OUTSIDE = Outside((), lambda _: None, tuple, FixedClock())
PLACE = "t1"
#: A form lies over the page, a card stands in the channel.
FORM, CARD = ".curtain > section", f"#at-{PLACE}"

Golden = Mapping[Language, Mapping[str, str]]


def page(shown: Card | Form, language: Language, *, privately: bool = False) -> str:
    """Return the console's page around a card or form; *privately*, the card is an answer to one colleague as well."""
    actor = replace(PEOPLE.colleagues[0], language=language)
    card = shown if isinstance(shown, Card) else home(language)
    screen = Screen(
        actor=actor,
        systems=SYSTEMS,
        colleagues=(actor,),
        channel=[SmallPost(Post("p1", "console", CHANNEL, PLACE), card, ())],
        direct=[],
        home=home(language),
        notes=(Note(PLACE, card),) if privately else (),
        letters=[],
        asked=Asked(shown, PLACE) if isinstance(shown, Form) else None,
    )
    return PAGES.html("console.html", language, screen.values(PAGES, OUTSIDE, "the-token"))


@cache
def drawn(shown: Card | Form, language: Language) -> str:
    """Return the card or form as a parser finds it on a page that is as it should be, without empty lines."""
    found = only(sound(page(shown, language)), FORM if isinstance(shown, Form) else CARD)
    return re.sub(r"\n\s*\n", "\n", found.html or "").strip()


def written(pictures: Mapping[str, str], language: Language) -> str:
    """Return pictures as one page, each below its name."""
    head = f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{language}</title>\n'
    return head + "".join(f"<!-- {name} -->\n{picture}\n" for name, picture in pictures.items())


def read(text: str) -> dict[str, str]:
    _, *parts = re.split(r"^<!-- (\w+) -->\n", text, flags=re.MULTILINE)
    return {name: picture.removesuffix("\n") for name, picture in zip(parts[::2], parts[1::2], strict=True)}


ALBUM = Album(Path(__file__).with_name("golden"), "html", drawn, written, read)


@pytest.fixture(scope="module")
def golden() -> Golden:
    """The pictures as they are kept."""
    return ALBUM.kept()


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_golden(language: Language, name: str, golden: Golden) -> None:
    assert ALBUM.drawn(language, name) == golden[language][name]


def test_no_picture_is_left_behind(golden: Golden) -> None:
    assert names(golden) == names(GALLERY)


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_the_page_around_it_is_sound(language: Language, name: str) -> None:
    """Below its place, and as an answer to one colleague alone, where a card has a heading of its own."""
    shown = GALLERY[language][name]
    if isinstance(shown, Form):
        assert words(sound(page(shown, language)), f"{FORM} h2") == title(shown)
        return
    whole = sound(page(shown, language, privately=True))
    assert [words(whole, f"{CARD} {place}") for place in ("> header h3", ".answer h4")] == [title(shown)] * 2


def title(shown: Card | Form) -> str:
    return " ".join(shown.title.split())


@pytest.mark.parametrize(
    "wrong",
    [
        "<h5>two levels below</h5>",
        "<input name='x'>",
        "<select></select>",
        "<button></button>",
        "<a href='/x'><img alt=''></a>",
        "<script>run()</script>",
        "<p onclick='run()'>x</p>",
        "<a href='javascript:run()'>x</a>",
        "<p style='color: red'>x</p>",
        "<p id='main'>twice</p>",
    ],
)
def test_a_page_that_is_not_sound_is_told(wrong: str) -> None:
    whole = page(GALLERY[Language.SV]["by_hand_request"], Language.SV)
    sound(whole)
    with pytest.raises(AssertionError):
        sound(whole.replace('<main class="channel" id="main"', f'{wrong}<main class="channel" id="main"'))
    with pytest.raises(AssertionError):
        sound(whole.replace('<html lang="sv">', "<html lang=''>"))
