"""Cards and forms as HTML: every element, everything escaped, state said in words, what was typed kept."""

from collections.abc import Callable, Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.card import (
    Actions,
    Button,
    Card,
    Choice,
    Facts,
    Form,
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
from handlers.console.render import Renderer, filled
from handlers.page import Pages
from tests.handlers.conftest import only, words
from tests.handlers.golden import GALLERY
from tests.handlers.stand_ins import TEXTS

NASTY = "<script>alert('\"&å')</script>"
PRESS = Press(Verb.CONFIRM, "t1", 3)
OPTIONS = (("a", "Ett"), ("b", "Två"))


@pytest.fixture
def renderer() -> Renderer:
    """Draws in Swedish."""
    return Renderer(Pages(TEXTS), Language.SV, "the-token")


def drawn(renderer: Renderer, *elements: object) -> LexborHTMLParser:
    """Return the inside of a card of these elements."""
    return LexborHTMLParser(str(renderer.card(Card("T", elements, ""), "t1")))  # type: ignore[arg-type]


def asked(renderer: Renderer, *elements: object, wrong: str = "") -> LexborHTMLParser:
    """Return the fields of a form of these elements."""
    return LexborHTMLParser(str(renderer.form(Form("T", PRESS, elements, "S", "A"), wrong)))  # type: ignore[arg-type]


def test_no_string_of_a_card_becomes_markup(renderer: Renderer) -> None:
    press = Press(Verb.CONFIRM, NASTY)
    page = drawn(
        renderer,
        Text(NASTY),
        Facts(((NASTY, NASTY),)),
        Steps(((NASTY, StepState.NOW),), NASTY),
        Actions((Button(NASTY, press),), (Button(NASTY, press),)),
        Link(NASTY, "http://127.0.0.1/review/x"),
        Table((NASTY,), ((NASTY,),)),
    )
    assert not page.css("script")
    assert str(page.html).count("alert(") >= 8


def test_no_string_of_a_form_becomes_markup(renderer: Renderer) -> None:
    page = asked(
        renderer,
        Choice("c", NASTY, ((NASTY, NASTY),), (NASTY,), hint=NASTY),
        Choice("d", NASTY, ((NASTY, NASTY),), (NASTY,), required=False),
        Input("i", NASTY, value=NASTY, hint=NASTY),
        Input("p", NASTY, InputKind.PROSE, value=NASTY),
    )
    assert not page.css("script")
    assert only(page, "input[type=text]").attributes["value"] == NASTY
    assert only(page, "textarea").text() == NASTY


def test_text_may_be_quiet_or_strong(renderer: Renderer) -> None:
    page = drawn(renderer, Text("a"), Text("b", muted=True), Text("c", strong=True))
    assert [(node.attributes.get("class") or "").split() for node in page.css("p")] == [
        [],
        ["quiet", "small"],
        ["strong"],
    ]


def test_facts_and_tables(renderer: Renderer) -> None:
    page = drawn(renderer, Facts((("Svar", "tors"),)), Table(("System", "Läge"), (("HubSpot", "klart"),)))
    assert (words(page, "dt"), words(page, "dd")) == ("Svar", "tors")
    assert [node.attributes["scope"] for node in page.css("th")] == ["col", "col"]
    assert [node.text() for node in page.css("td")] == ["HubSpot", "klart"]
    assert not drawn(renderer, Table((), (("x",),))).css("thead")


def test_steps_are_said_in_words(renderer: Renderer) -> None:
    steps = (("Mottagen", StepState.DONE), ("Sök", StepState.NOW), ("Svar", StepState.AHEAD))
    page = drawn(renderer, Steps(steps, "Steg 2 av 3: Sök."))
    assert only(page, "ol").attributes["aria-label"] == "Steg 2 av 3: Sök."
    said = [" ".join(node.text().split()) for node in page.css("li")]
    assert said == ["Mottagen (klart)", "Sök (pågår)", "Svar (återstår)"]
    assert [node.attributes.get("aria-current") for node in page.css("li")] == [None, "step", None]


def test_a_button_writes_by_post_with_the_token(renderer: Renderer) -> None:
    page = drawn(renderer, Actions((Button("Bekräfta", PRESS, Style.PRIMARY),)))
    form = only(page, "form")
    assert form.attributes == {"method": "post", "action": "/console/press"}
    hidden = {node.attributes["name"]: node.attributes["value"] for node in form.css("input")}
    assert hidden == {"csrf": "the-token", "on": "t1"}
    button = only(form, "button")
    assert (button.attributes["name"], button.attributes["value"]) == ("press", "confirm|t1|3")
    assert "primary" in (button.attributes["class"] or "").split()


def test_a_button_that_opens_a_form_only_reads(renderer: Renderer) -> None:
    page = drawn(renderer, Actions((Button("Ändra…", PRESS, Style.DANGER, opens_form=True),)))
    form = only(page, "form")
    assert form.attributes == {"method": "get", "action": "/console"}
    assert only(form, "button").attributes["name"] == "form"
    assert not form.css("input[name=csrf]")


def test_the_rest_of_the_buttons_stand_behind_more(renderer: Renderer) -> None:
    page = drawn(renderer, Actions((), (Button("Lämna över…", PRESS, opens_form=True),)))
    assert only(page, "summary").attributes["aria-label"] == "Mer: T"
    assert words(page, "details button") == "Lämna över…"


@pytest.mark.parametrize("shown", [drawn, asked])
def test_a_link_opens_beside_the_page(renderer: Renderer, shown: Callable[..., LexborHTMLParser]) -> None:
    """From a card, and from a form, whose fields stay as they were filled in."""
    link = only(shown(renderer, Link("Öppna", "http://127.0.0.1/review/x")), "a")
    assert (link.attributes["target"], link.attributes["rel"]) == ("_blank", "noopener")


def kind(page: LexborHTMLParser) -> str:
    """Say how a choice was drawn."""
    nodes: list[LexborNode] = page.css("select, input[type=radio], input[type=checkbox]")
    return "select" if nodes[0].tag == "select" else str(nodes[0].attributes["type"])


@pytest.mark.parametrize(
    ("choice", "how"),
    [
        (Choice("c", "L", OPTIONS), "radio"),
        (Choice("c", "L", OPTIONS, several=True), "checkbox"),
        (Choice("c", "L", OPTIONS, required=False), "select"),
        (Choice("c", "L", tuple((str(n), str(n)) for n in range(9))), "select"),
        (Choice("c", "L", (("", "Inte nu"), *OPTIONS), required=False), "radio"),
    ],
)
def test_a_choice_is_drawn_so_that_it_can_be_taken_back(renderer: Renderer, choice: Choice, how: str) -> None:
    assert kind(asked(renderer, choice)) == how


def test_what_is_chosen_is_chosen(renderer: Renderer) -> None:
    radios = asked(renderer, Choice("c", "L", OPTIONS, ("b",)))
    assert only(radios, "[checked]").attributes["value"] == "b"
    select = asked(renderer, Choice("c", "L", OPTIONS, ("b",), required=False))
    assert only(select, "[selected]").attributes["value"] == "b"
    assert only(select, "option").attributes["value"] == ""
    many = (("", "Inte nu"), *((str(n), str(n)) for n in range(9)))
    own = asked(renderer, Choice("c", "L", many, required=False))
    assert [node.text() for node in own.css("option")][:2] == ["Inte nu", "0"]
    not_now = asked(renderer, Choice("c", "L", (("", "Inte nu"), *OPTIONS), required=False))
    assert only(not_now, "[checked]").attributes["value"] in {"", None}
    assert "(valfritt)" not in words(not_now, "legend")


def test_inputs_take_what_their_kind_says(renderer: Renderer) -> None:
    page = asked(
        renderer,
        Input("a", "A", longest=10),
        Input("b", "B", InputKind.MOMENT, "2026-03-05T09:12", required=False),
        Input("c", "C", InputKind.REFERENCE, hint="PR-2026-0042"),
        Input("d", "D", InputKind.PROSE, longest=50),
    )
    assert only(page, "#in-a").attributes["maxlength"] == "10"
    moment = only(page, "#in-b").attributes
    assert (moment["type"], moment["value"]) == ("datetime-local", "2026-03-05T09:12")
    assert "required" not in moment
    assert only(page, "#in-c").attributes["aria-describedby"] == "hint-c"
    assert only(page, "#in-d").tag == "textarea"
    assert "(valfritt)" in words(page, "label[for=in-b]")


def test_a_refused_field_says_so(renderer: Renderer) -> None:
    page = asked(renderer, Input("a", "A", hint="H"), Choice("c", "L", OPTIONS), wrong="a")
    field = only(page, "#in-a").attributes
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "hint-a wrong-a"
    assert not page.css("fieldset[aria-invalid]")


def test_a_refused_form_keeps_what_was_typed() -> None:
    form = Form("T", PRESS, (Text("x"), Choice("c", "L", OPTIONS), Input("i", "I"), Input("j", "J")), "S", "A")
    kept = filled(form, {"c": ("a", "b"), "i": ("hej",)})
    assert kept.elements == (
        Text("x"),
        Choice("c", "L", OPTIONS, ("a", "b")),
        Input("i", "I", value="hej"),
        Input("j", "J"),
    )


def test_a_form_may_show_facts_and_tables(renderer: Renderer) -> None:
    page = asked(renderer, Text("Ett"), Facts((("a", "b"),)), Table(("H",), (("x",),)))
    assert page.css("p")
    assert page.css("dl")
    assert page.css("table")


@pytest.mark.parametrize("language", Language)
def test_everything_the_desk_shows_can_be_drawn_here_too(language: Language) -> None:
    """One desk: each card and form of the chats' pictures, in both languages, with every label and sentence of it."""
    renderer, missing = Renderer(Pages(TEXTS), language, "the-token"), []
    for name, shown in GALLERY[language].items():
        html = renderer.card(shown, "t1") if isinstance(shown, Card) else renderer.form(shown, "")
        said = plain(LexborHTMLParser(str(html)).text())
        missing += [(name, word) for word in told(shown) if plain(word) not in said]
    assert missing == []


def told(shown: Card | Form) -> Iterator[str]:
    """Return what a reader must be able to read of a card or form."""
    for element in shown.elements:
        match element:
            case Text(text=text):
                yield text
            case Actions(buttons=buttons, more=more):
                yield from (button.label for button in (*buttons, *more))
            case Choice(label=label, options=options):
                yield from (label, *(word for _, word in options))
            case Input(label=label) | Link(label=label):
                yield label
            case Facts(pairs=pairs):
                yield from (word for pair in pairs for word in pair)
            case Table(rows=rows):
                yield from (word for row in rows for word in row)
            case Steps(steps=steps):
                yield from (word for word, _ in steps)


def plain(text: str) -> str:
    return " ".join(text.split())
