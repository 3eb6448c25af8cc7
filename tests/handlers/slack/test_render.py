"""Cards and forms as Slack shows them: golden pictures, every limit, nothing read as markup."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import (
    Actions,
    Button,
    Card,
    CardElement,
    Choice,
    Facts,
    Form,
    FormElement,
    Input,
    InputKind,
    Link,
    Press,
    Steps,
    StepState,
    Style,
    Table,
    Text,
    Verb,
)
from bot.domain.request import Language
from handlers.slack import limits
from handlers.slack.elements import Words
from handlers.slack.render import card_view, escaped, form_view, home_note, home_view, message, note, note_view
from handlers.slack.values import button_value
from tests.handlers.gallery import everywhere
from tests.handlers.golden import EVERY, GALLERY, Golden, json_album, names
from tests.handlers.slack.small_desk import TEXTS
from tests.standins.blockkit import LIMITS, NO_LIMITS, message_complaints, view_complaints
from tests.standins.slack_people import labels, words

WORDS = {language: Words.of(TEXTS, language) for language in Language}
SV = WORDS[Language.SV]
PRESS = Press(Verb.CONFIRM, "t1", 1)


def drawn(shown: Card | Form, language: Language) -> dict[str, Any]:
    spoken = WORDS[language]
    if isinstance(shown, Form):
        return form_view(shown, "C0PRIVACY", spoken)
    picture = message(shown, spoken)
    return {"text": picture.text, "blocks": list(picture.blocks)}


ALBUM = json_album(__file__, drawn, "blocks")


@pytest.fixture(scope="module")
def golden() -> Golden:
    """The pictures as they are kept."""
    return ALBUM.kept()


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_golden(language: Language, name: str, golden: Golden) -> None:
    assert ALBUM.drawn(language, name) == golden[language][name]


def test_no_picture_is_left_behind(golden: Golden) -> None:
    assert names(golden) == names(GALLERY)


@pytest.mark.skipif(not LIMITS.exists(), reason=NO_LIMITS)
@pytest.mark.parametrize(("language", "name"), EVERY)
def test_slack_takes_it_whole(language: Language, name: str) -> None:
    shown, spoken = GALLERY[language][name], WORDS[language]
    picture = drawn(shown, language)
    assert spoken.rest_left_out not in words(picture["blocks"])
    if isinstance(shown, Form):
        assert view_complaints(picture) == []
    else:
        assert message_complaints(picture["text"], picture["blocks"]) == []
        for page in (card_view(shown, spoken), home_view(shown, spoken)):
            assert view_complaints(page) == []
            assert spoken.rest_left_out not in words(page["blocks"])


def test_the_notification_reads_well_aloud() -> None:
    card = GALLERY[Language.SV]["by_hand_request"]
    assert isinstance(card, Card)
    assert message(card, SV).text == "PR-2026-0042, ny begäran. Sista dag tis 7 april. Steg 2 av 6: Sök."
    silent = Card("Titel <b>", (Steps((("Sök", StepState.NOW),), "Steg 2."),), "Steg 2.")
    assert message(silent, SV).text == "Steg 2."
    assert message(Card("Titel <b>", (), ""), SV).text == "Titel &lt;b&gt;"


def test_nothing_is_read_as_markup() -> None:
    """Only the notification line is parsed by Slack, and there it is escaped."""
    trick = "<!channel> *fet* <@U1> & <https://evil.example|klicka> :warning:"
    picture = message(everywhere(trick), SV)
    assert "<" not in picture.text
    assert picture.text.startswith("&lt;!channel&gt; *fet* &lt;@U1&gt; &amp; &lt;https")
    texts = list(text_objects(list(picture.blocks)))
    assert texts
    assert all(text["type"] == "plain_text" and text["emoji"] is False for text in texts)
    assert words(list(picture.blocks)).count("<!channel>") == 10
    assert escaped(escaped("&")) == "&amp;amp;", "once is right, twice is not"
    assert note(trick).text == escaped(trick)
    assert words(note_view(trick, SV)["blocks"]) == trick
    assert words(home_note(trick)["blocks"]) == trick


def text_objects(part: object) -> Iterator[dict[str, object]]:
    """Yield every object of Slack's that carries a text to be shown (rich text parts are literal by nature)."""
    if isinstance(part, dict):
        if part.get("type") in {"plain_text", "mrkdwn"}:
            yield part
        for inner in part.values():
            yield from text_objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from text_objects(inner)


def test_a_long_card_keeps_its_buttons_and_says_what_is_missing() -> None:
    rows = tuple((f"System {n}", "x" * 80, "y" * 80) for n in range(200))
    card = Card(
        "T", (Table(("a", "b"), rows), Actions((Button("Besluta…", PRESS),)), Link("Läs", "https://d.example")), "T."
    )
    picture = message(card, SV)
    assert message_complaints(picture.text, picture.blocks) == []
    assert labels(picture.blocks) == ["Besluta…", "Läs"]
    assert words(list(picture.blocks)).count(SV.rest_left_out) == 1
    assert "System 14" in words(list(picture.blocks))


def test_a_card_of_many_parts_stays_below_fifty_blocks() -> None:
    card = Card("T", (*(Text(f"rad {n}") for n in range(80)), Actions((Button("Nästa", PRESS),))), "T.")
    blocks = list(message(card, SV).blocks)
    assert len(blocks) == limits.MESSAGE_BLOCKS
    assert blocks[-2]["elements"][0]["text"] == SV.rest_left_out
    assert labels(blocks) == ["Nästa"]
    exactly = Card("T", tuple(Text(f"rad {n}") for n in range(49)), "T.")
    assert SV.rest_left_out not in words(list(message(exactly, SV).blocks))


def test_a_form_of_many_fields_keeps_the_fields() -> None:
    fields = tuple(Input(f"f{n}", f"Fält {n}") for n in range(99))
    view = form_view(Form("F", PRESS, (Text("Läs först"), Text("Läs sedan"), *fields), "OK", "Nej"), "", SV)
    assert view_complaints(view) == []
    kinds = [block["type"] for block in view["blocks"]]
    assert kinds.count("input") == 98
    assert SV.rest_left_out in words(view["blocks"])


def test_a_long_text_is_parted_not_lost() -> None:
    text = " ".join(f"ord{n}" for n in range(1500))
    picture = message(Card("T", (Text(text),), "T."), SV)
    assert " ".join(words(list(picture.blocks)).split("\n")[1:]) == text
    assert limits.pieces("x" * 7, 3) == ["xxx", "xxx", "x"]
    assert limits.pieces(" ", 3) == []


def test_more_entries_than_a_menu_takes_become_two_menus() -> None:
    more = tuple(Button(f"Val {n}", PRESS) for n in range(7))
    picture = message(Card("T", (Actions((Button("Gör", PRESS),), more),), "T."), SV)
    assert message_complaints(picture.text, picture.blocks) == []
    assert labels(picture.blocks) == ["Gör", *(f"Val {n}" for n in range(7))]


def test_more_options_than_a_menu_takes_are_admitted() -> None:
    options = tuple((f"{n}", f"Val {n}") for n in range(101))
    view = form_view(Form("F", PRESS, (Choice("c", "Välj", options),), "OK", "Nej"), "", SV)
    (block,) = view["blocks"]
    assert len(block["element"]["options"]) == limits.SELECT_OPTIONS
    assert block["hint"]["text"] == SV.rest_left_out


def test_a_form_without_fields_is_still_a_form() -> None:
    view = form_view(Form("Godkänn", PRESS, (), "OK", "Nej"), "", SV)
    assert view_complaints(view) == []
    assert words(view["blocks"]) == "Godkänn"


@pytest.mark.parametrize("verb", Verb)
def test_every_press_fits_a_menu_entry(verb: Verb) -> None:
    """A menu entry's value takes 75 characters; ids are 32, with a word before them at most."""
    button = Button("x", Press(verb, f"reminder:{'f' * 32}", 9999), opens_form=True)
    assert len(button_value(button)) <= 75


LINES = st.text(max_size=200)
LABELS = st.text(min_size=1, max_size=300)
PRESSES = st.builds(
    Press, st.sampled_from(Verb), st.text("0123456789abcdef", min_size=1, max_size=32), st.integers(0, 99)
)
BUTTONS = st.builds(Button, LABELS, PRESSES, st.sampled_from(Style), st.booleans())
TEXT = st.builds(Text, st.text(max_size=4000), st.booleans(), st.booleans())
FACTS = st.builds(Facts, st.lists(st.tuples(LINES, LINES), max_size=20).map(tuple))
TABLES = st.builds(
    Table,
    st.lists(LINES, max_size=4).map(tuple),
    st.lists(st.lists(LINES, max_size=4).map(tuple), max_size=60).map(tuple),
)
STEPS = st.builds(Steps, st.lists(st.tuples(LINES, st.sampled_from(StepState)), max_size=8).map(tuple), LINES)
ACTIONS = st.builds(
    Actions, st.lists(BUTTONS, min_size=1, max_size=3).map(tuple), st.lists(BUTTONS, max_size=8).map(tuple)
)
LINKS = st.builds(Link, LABELS, st.just("https://desk.example.org/review/abc"))
OPTIONS = st.lists(st.tuples(st.text(max_size=40), LINES), max_size=120, unique_by=lambda option: option[0]).map(tuple)
CHOICES = st.builds(Choice, LABELS, LINES, OPTIONS, st.just(()), st.booleans(), st.booleans(), LINES)
INPUTS = st.builds(
    Input,
    LABELS,
    LINES,
    st.sampled_from(InputKind),
    st.sampled_from(["", "2026-03-05T09:12", "2026-03-05T09:12+01:00"]),
    st.booleans(),
    LINES,
    st.integers(1, 5000),
)
CARD_ELEMENTS: st.SearchStrategy[CardElement] = st.one_of(TEXT, FACTS, TABLES, STEPS, ACTIONS, LINKS)
FORM_ELEMENTS: st.SearchStrategy[FormElement] = st.one_of(TEXT, FACTS, TABLES, LINKS, CHOICES, INPUTS)


@settings(max_examples=60, deadline=None)
@given(st.builds(Card, LINES, st.lists(CARD_ELEMENTS, max_size=25).map(tuple), LINES))
def test_slack_takes_any_card(card: Card) -> None:
    picture = message(card, SV)
    assert message_complaints(picture.text, picture.blocks) == []
    assert view_complaints(card_view(card, SV)) == []


@settings(max_examples=60, deadline=None)
@given(
    LINES,
    PRESSES,
    st.lists(FORM_ELEMENTS, max_size=25, unique_by=lambda e: getattr(e, "name", id(e))).map(tuple),
    LINES,
    LINES,
)
def test_slack_takes_any_form(
    title: str, press: Press, elements: tuple[FormElement, ...], submit: str, cancel: str
) -> None:
    view = form_view(Form(title, press, elements, submit, cancel), "C0PRIVACY", SV)
    assert view_complaints(view) == []
    assert Press.unpack(view["private_metadata"].partition(" ")[0]) == press
