"""Cards and forms as Teams shows them: golden pictures, every limit, nothing read as markup."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
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
from handlers.slack.elements import Words as SlackWords
from handlers.slack.render import escaped, message
from handlers.teams import limits
from handlers.teams.literal import JOINER, literal, lookalike, unmarked
from handlers.teams.render import Words, card_content, form_content, note_content, summary
from tests.handlers.gallery import everywhere
from tests.handlers.golden import EVERY, GALLERY, Golden, json_album, names
from tests.handlers.slack.small_desk import TEXTS
from tests.standins.adaptive_card import complaints, objects

WORDS = {language: Words.of(TEXTS, language) for language in Language}
SV = WORDS[Language.SV]
PRESS = Press(Verb.CONFIRM, "t1", 1)
TRICK = "**fet** _sned_ [klicka](https://evil.example) {{DATE(2026-03-05T09:12:00Z, SHORT)}} <at>Alla</at> & `kod`"


def drawn(shown: Card | Form, language: Language) -> dict[str, Any]:
    words = WORDS[language]
    return form_content(shown, words) if isinstance(shown, Form) else card_content(shown, words)


ALBUM = json_album(__file__, drawn, "body")


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
def test_teams_takes_it_whole(language: Language, name: str) -> None:
    picture = ALBUM.drawn(language, name)
    assert complaints(picture) == []
    assert WORDS[language].rest_left_out not in texts(picture)
    assert picture["lang"] == language.value


@pytest.mark.parametrize("language", Language)
def test_both_chats_say_the_same_aloud(language: Language) -> None:
    """And in a notification: one desk."""
    slack = SlackWords.of(TEXTS, language)
    cards = [shown for shown in GALLERY[language].values() if isinstance(shown, Card)]
    assert [escaped(summary(card)) for card in cards] == [message(card, slack).text for card in cards]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("word", ["choose", "nothing_to_choose", "rest_left_out"])
def test_both_chats_use_the_same_words_beside_a_card(language: Language, word: str) -> None:
    assert TEXTS.say(language, f"teams.{word}") == TEXTS.say(language, f"slack.{word}")


def texts(part: object) -> list[str]:
    """Return what is shown, text by text."""
    found = []
    for thing in objects(part):
        match thing["type"]:
            case "TextRun" | "TextBlock":
                found.append(thing["text"])
            case kind if kind.startswith("Action."):
                found.append(thing["title"])
            case kind if kind.startswith("Input."):
                found += [thing["label"], *(one["title"] for one in thing.get("choices", []))]
            case _:
                pass
    return found


def labels(part: object) -> list[str]:
    """Return the buttons' labels; a button's fallback is the same button."""
    return [one["title"] for thing in objects(part) if thing["type"] == "ActionSet" for one in thing["actions"]]


def test_nothing_is_read_as_markup() -> None:
    """What could be, stands in a run, which knows no markup; the one function known there is parted."""
    picture = card_content(everywhere(TRICK), SV)
    assert complaints(picture) == []
    kinds = {thing["type"] for thing in objects(picture)}
    assert kinds == {"AdaptiveCard", "RichTextBlock", "TextRun"}
    shown = texts(picture)
    assert len([text for text in shown if TRICK in text.replace(JOINER, "")]) == 11
    assert not any("{{" in text for text in shown)
    assert unmarked(picture["speak"])
    assert unmarked(picture["fallbackText"])
    (note,) = texts(note_content(TRICK))
    assert note.replace(JOINER, "") == TRICK
    assert "{{" not in note


@pytest.mark.parametrize(
    "text",
    ["{{DATE(2026-03-05T09:12:00Z)}}", "{{TIME(2026-03-05T09:12:00Z)}}", "{{{date(x)}}", "{{DATE(1)}} {{TIME(2)}}"],
)
def test_a_function_is_parted_and_looks_the_same(text: str) -> None:
    assert literal(text).replace(JOINER, "") == text
    assert not any("{{" + name in literal(text).upper() for name in ("DATE", "TIME"))


def test_other_braces_stay_as_they_are() -> None:
    assert literal("{{namn}} och {{ DATE(x)}}") == "{{namn}} och {{ DATE(x)}}"


@pytest.mark.parametrize(
    "text",
    [
        "PR-2026-0042 · Ny begäran",
        "Grund (art. 17.3 b)",
        "14 dagar",
        "a - b",
        "Föreslå avslag: Orimlig",
        "1.5",
    ],
)
def test_plain_words_are_the_same_read_either_way(text: str) -> None:
    assert unmarked(text)


@pytest.mark.parametrize(
    "text",
    [
        "*a*",
        "_a_",
        "`a`",
        "~~a~~",
        "[a](b)",
        "<b>",
        "a & b",
        "\\*",
        "a | b",
        "# a",
        "- a",
        "+ a",
        "1. a",
        "1) a",
        "> a",
        "a\nb",
        "https://a.example",
        "www.a.example",
        "{{a",
        "===",
        "![a]",
        "  2. a",
    ],
)
def test_what_markdown_would_read_is_known(text: str) -> None:
    """Such a heading is a run, and such alternatives stand in a menu."""
    assert not unmarked(text)
    head = card_content(Card(text, (), ""), SV)["body"][0]
    assert head["type"] == "RichTextBlock"
    choice = Choice("c", "Välj", (("a", text), ("b", "B")))
    assert form_content(Form("F", PRESS, (choice,), "OK", "Nej"), SV)["body"][0]["style"] == "compact"


def test_boxes_have_no_menu_that_all_clients_draw() -> None:
    """Some draw a menu of which several may be chosen as boxes: their words only look like what they are."""
    choice = Choice("c", "Välj", (("*a*", "*a* & [b](c)"), ("b", "B")), several=True)
    (drawn_choice,) = form_content(Form("F", PRESS, (choice,), "OK", "Nej"), SV)["body"]
    assert drawn_choice["choices"] == [{"title": "∗a∗ ＆ ［b］(c)", "value": "=*a*"}, {"title": "B", "value": "=b"}]


@settings(deadline=None)
@given(st.text(max_size=40))
@example("- a").via("a list")
@example("    1. a").via("code, or a numbered list")
@example("see https://a.example and www.a.example").via("links")
def test_a_lookalike_is_the_same_read_either_way(text: str) -> None:
    assert unmarked(lookalike(text))
    assert lookalike(text) == text or not unmarked(text)


def test_the_title_is_a_heading_to_screen_readers() -> None:
    for shown in GALLERY[Language.SV].values():
        if isinstance(shown, Card):
            assert card_content(shown, SV)["body"][0]["style"] == "heading"


def test_steps_are_said_in_words_too() -> None:
    card = GALLERY[Language.SV]["by_hand_request"]
    assert isinstance(card, Card)
    shown = texts(card_content(card, SV))
    row = next(text for text in shown if "●" in text)
    signs = [step.partition("\u00a0")[::2] for step in row.split("\u00a0— ")]
    assert signs[:3] == [("✓", "Mottagen"), ("●", "Sök"), ("○", "Identitet")], "no line ends between sign and word"
    assert shown[shown.index(row) + 1] == "Steg 2 av 6: Sök."


def test_a_button_says_what_it_acts_on_and_falls_back() -> None:
    plain = Button("Bekräfta", PRESS, Style.PRIMARY)
    opens = Button("Inte en begäran…", Press(Verb.DISMISS, "t1", 1), Style.DANGER, opens_form=True)
    (actions,) = card_content(Card("T", (Actions((plain,), (opens,)),), "T."), SV)["body"][1:]
    acts, asks = actions["actions"]
    assert acts["fallback"] == {
        "type": "Action.Submit",
        "title": "Bekräfta",
        "tooltip": "Bekräfta, T",
        "style": "positive",
        "data": {"press": "confirm|t1|1"},
    }
    assert acts["type"] == "Action.Execute"
    assert (acts["verb"], acts["data"], acts["style"]) == ("press", {"press": "confirm|t1|1"}, "positive")
    assert asks["type"] == "Action.Submit"
    assert asks["data"] == {"msteams": {"type": "task/fetch"}, "press": "dismiss|t1|1"}
    assert (asks["style"], asks["mode"]) == ("destructive", "secondary")


@pytest.mark.parametrize(
    ("shown", "more", "rows"),
    [
        (["Bekräfta", "Ändra…", "Inte en begäran…"], ["x"], [["Bekräfta", "Ändra…"], ["Inte en begäran…", "x"]]),
        (["Bekräfta", "Ändra…", "Avfärda…"], [], [["Bekräfta", "Ändra…", "Avfärda…"]]),
        (["Försök igen i Office 365", "Öppna"], ["x"], [["Försök igen i Office 365"], ["Öppna", "x"]]),
        (["Lämna över till annan mottagare 1…"], ["x"], [["Lämna över till annan mottagare 1…"], ["x"]]),
        ([], ["x", "y"], [["x", "y"]]),
        ([], [], []),
    ],
)
def test_a_row_of_buttons_is_no_wider_than_a_phone(shown: list[str], more: list[str], rows: list[list[str]]) -> None:
    """There a set of buttons is one line, however narrow, and what has no room is cut or out of reach."""
    actions = Actions(tuple(Button(one, PRESS) for one in shown), tuple(Button(one, PRESS) for one in more))
    sets = card_content(Card("T", (actions,), "T."), SV)["body"][1:]
    assert [labels(one) for one in sets] == rows
    assert [one.get("spacing") for one in sets] == [None, *["Small"] * (len(rows) - 1)][: len(rows)]
    dots = [one.get("mode") == "secondary" for several in sets for one in several["actions"]]
    assert dots == [False] * len(shown) + [True] * len(more)


def test_what_stands_below_the_dots_is_never_dressed_as_the_next_step() -> None:
    for picture in (card_content(one, SV) for one in GALLERY[Language.SV].values() if isinstance(one, Card)):
        buttons = [one for thing in objects(picture) if thing["type"] == "ActionSet" for one in thing["actions"]]
        shown = [one for one in buttons if one.get("mode") != "secondary" and one["type"] != "Action.OpenUrl"]
        assert len(shown) <= 3
        assert not [one for one in buttons if one.get("mode") == "secondary" and one.get("style") == "positive"]


def test_those_with_a_view_of_their_own_ask_for_it() -> None:
    card = Card("T", (), "T.", about="t1")
    assert "refresh" not in card_content(card, SV)
    assert "refresh" not in card_content(Card("T", (), "T."), SV, ["29:a"]), "there is nothing to look at"
    picture = card_content(card, SV, [f"29:{n}" for n in range(70)])
    assert complaints(picture) == []
    assert picture["refresh"]["userIds"] == [f"29:{n}" for n in range(60)]
    action = picture["refresh"]["action"]
    assert (action["type"], action["verb"], action["data"]) == ("Action.Execute", "refresh", {"about": "t1"})


def test_a_long_card_keeps_its_buttons_and_says_what_is_missing() -> None:
    rows = tuple((f"System {n}", "å" * 80, "y" * 80) for n in range(200))
    elements = (Table(("a", "b"), rows), Actions((Button("Besluta…", PRESS),)), Link("Läs", "https://d.example"))
    picture = card_content(Card("T", elements, "T."), SV)
    assert complaints(picture) == []
    assert limits.size(picture) > limits.CARD_BYTES - 1_000
    assert labels(picture) == ["Besluta…", "Läs"]
    shown = texts(picture)
    assert shown[:3] == ["T", "a · b", "System 0"]
    assert shown.count(SV.rest_left_out) == 1
    assert shown.index(SV.rest_left_out) == shown.index("Besluta…") - 1, "where the rows stop"


def test_signs_outside_the_first_plane_count_twice() -> None:
    assert limits.size({"a": "🐟"}) - limits.size({"a": ""}) == 4
    assert limits.size({"a": "\ud83d"}) - limits.size({"a": ""}) == 2, "half of one is no reason to show nothing"


@settings(deadline=None)
@given(st.text(max_size=3), st.integers(min_value=6_700, max_value=7_100))
@example("å", 7_000).via("between what ASCII shows and what counts")
def test_what_fits_is_what_counts(sign: str, times: int) -> None:
    card = {"a": sign * times}
    assert limits.fits(card) is (limits.size(card) <= limits.CARD_BYTES)


@pytest.mark.parametrize(("asked", "kept"), [(60, 60), (200, 105)])
def test_a_form_of_many_fields_keeps_as_many_as_fit(asked: int, kept: int) -> None:
    """Before the words between them."""
    fields = tuple(Input(f"f{n}", f"Fält {n}", hint="h" * 200) for n in range(asked))
    picture = form_content(Form("F", PRESS, (Text("Läs"), *fields), "OK", "Nej"), SV)
    assert complaints(picture) == []
    kinds = [part["type"] for part in picture["body"]]
    assert kinds.count("Input.Text") == pytest.approx(kept, abs=3)
    assert SV.rest_left_out in texts(picture)
    assert [one["title"] for one in picture["actions"]] == ["OK"]


def test_a_refused_form_says_why_above() -> None:
    picture = form_content(Form("F", PRESS, (Input("a", "A"),), "OK", "Nej"), SV, complaint=f"Skriv numret. {TRICK}")
    assert complaints(picture) == []
    assert texts(picture)[0].replace(JOINER, "") == f"Skriv numret. {TRICK}"
    assert texts(picture)[1] == "A"


def test_a_form_without_fields_is_still_a_form() -> None:
    picture = form_content(Form("Godkänn", PRESS, (), "OK", "Nej"), SV)
    assert complaints(picture) == []
    assert texts(picture) == ["Godkänn", "OK"]


def test_a_text_of_several_lines_keeps_them_and_an_empty_one_is_not_there() -> None:
    picture = card_content(Card("T", (Text("ett\n\n två \n"), Text(" "), Facts((("A", ""),))), "T."), SV)
    assert texts(picture) == ["T", "ett", "två", "A: ", "–"]


words_drawn = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)
elements_drawn = st.one_of(
    st.builds(Text, words_drawn, st.booleans(), st.booleans()),
    st.builds(Facts, st.lists(st.tuples(words_drawn, words_drawn), max_size=3).map(tuple)),
    st.builds(
        Table,
        st.lists(words_drawn, max_size=3).map(tuple),
        st.lists(st.lists(words_drawn, max_size=3).map(tuple), max_size=4).map(tuple),
    ),
)
card_elements_drawn: st.SearchStrategy[CardElement] = st.one_of(
    elements_drawn,
    st.builds(Steps, st.lists(st.tuples(words_drawn, st.sampled_from(StepState)), max_size=4).map(tuple), words_drawn),
    st.builds(Link, words_drawn, st.just("https://d.example/review/abc")),
    st.builds(Actions, st.lists(st.builds(Button, words_drawn, st.just(PRESS)), max_size=3).map(tuple)),
)
form_elements_drawn: st.SearchStrategy[FormElement] = st.one_of(
    elements_drawn,
    st.builds(Link, words_drawn, st.just("https://d.example/")),
    st.builds(
        Choice,
        st.just("c"),
        words_drawn,
        st.lists(st.tuples(words_drawn, words_drawn), max_size=8, unique_by=lambda option: option[0]).map(tuple),
        several=st.booleans(),
        required=st.booleans(),
        hint=words_drawn,
    ),
    st.builds(Input, st.just("i"), words_drawn, st.sampled_from((InputKind.LINE, InputKind.PROSE)), words_drawn),
)


@settings(max_examples=60, deadline=None)
@given(words_drawn, st.lists(card_elements_drawn, max_size=5), words_drawn)
def test_any_card_is_one_teams_takes(title: str, elements: list[CardElement], spoken: str) -> None:
    assert complaints(card_content(Card(title, tuple(elements), spoken), SV)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(form_elements_drawn, max_size=3, unique_by=lambda element: getattr(element, "name", id(element))))
def test_any_form_is_one_teams_takes(elements: list[FormElement]) -> None:
    assert complaints(form_content(Form("F", PRESS, tuple(elements), "OK", "Nej"), SV)) == []


def test_every_pair_of_kinds_keeps_its_order() -> None:
    parts: tuple[CardElement, ...] = (Text("t"), Facts((("f", "v"),)), Table(("h",), (("r",),)), Link("l", "https://d"))
    for first, second in product(parts, parts):
        body = card_content(Card("T", (first, second), "T."), SV)["body"]
        alone = [card_content(Card("T", (one,), "T."), SV)["body"][1:] for one in (first, second)]
        assert body[1:] == [*alone[0], *alone[1]]


def test_no_picture_holds_an_address_of_a_person(golden: Golden) -> None:
    """D14: the desk's own address may stand there, nobody else's."""
    for pictures in golden.values():
        for name, picture in pictures.items():
            if not name.startswith(("by_hand", "form_")):
                assert [
                    word
                    for word in addresses(picture)
                    if word not in ("info@goto.work", "namn@example.org", "name@example.org")
                ] == [], name


def addresses(picture: object) -> Iterator[str]:
    for text in texts(picture):
        yield from (word.strip("().,·:") for word in text.split() if "@" in word)
