"""A form's fields in Teams, both ways: what is drawn is what is read."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import Choice, Form, Input, InputKind, Press, Verb
from bot.domain.request import Language
from handlers.teams.fields import answers
from handlers.teams.render import Json, Words, form_content
from tests.handlers.gallery import gallery
from tests.handlers.slack.small_desk import TEXTS

SV = Words.of(TEXTS, Language.SV)
FORM = Form(
    "Ändra",
    Press(Verb.CHANGE, "t1", 3),
    (
        Choice("rights", "Rättigheter", (("a", "A"), ("b", "B"), ("c,%2C", "C")), ("c,%2C", "a"), several=True),
        Choice("task:1", "Beslut", (("", "Inte nu"), ("yes", "Godkänn")), ("",)),
        Choice("late", "Varför sent", (("x", "X"),), required=False),
        Input("received", "Inkom", InputKind.MOMENT, "2026-03-05T09:12"),
        Input("why", "Varför", value="=därför, så"),
    ),
    "Spara",
    "Avbryt",
)


def left_as_shown(card: Json) -> Json:
    """Return the data a client sends when nothing is changed: each input's value beside the action's own."""
    inputs = {part["id"]: part.get("value", "") for part in card["body"] if part["type"].startswith("Input.")}
    data: Json = card["actions"][0]["data"]
    return {**data, **inputs}


def test_a_form_left_as_it_was_says_what_it_said() -> None:
    data = left_as_shown(form_content(FORM, SV))
    assert data["submit"] == "change|t1|3"
    assert answers(data) == {
        "rights": ("c,%2C", "a"),
        "task:1": ("",),
        "late": (),
        "received": ("2026-03-05T09:12",),
        "why": ("=därför, så",),
    }


FORMS = {name: shown for name, shown in gallery(Language.SV).items() if isinstance(shown, Form)}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_comes_back_as_it_was_shown(name: str) -> None:
    """And none of its fields is called what the sending itself carries."""
    shown: dict[str, tuple[str, ...]] = {}
    for element in FORMS[name].elements:
        if isinstance(element, Choice) and element.options:
            offered = dict(element.options)
            shown[element.name] = tuple(str(one) for one in element.chosen if one in offered)
        elif isinstance(element, Input):
            shown[element.name] = (element.value,) if element.value else ()
    assert answers(left_as_shown(form_content(FORMS[name], SV))) == shown
    assert not {"submit", "asked", "msteams", "press"} & set(shown)


json_drawn = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcd"), json_drawn),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(("one", "several", "moment")) | json_drawn) | json_drawn,
)
def test_whatever_comes_is_read_or_refused(sent: Mapping[str, Any], asked: object) -> None:
    try:
        read = answers({**sent, "asked": asked})
    except ValueError:
        return
    assert all(isinstance(word, str) for words in read.values() for word in words)


def test_what_was_left_empty_is_nothing() -> None:
    data = {**left_as_shown(form_content(FORM, SV)), "why": "", "received": "", "received@time": None, "rights": ""}
    del data["task:1"]
    assert answers(data) == {"rights": (), "task:1": (), "late": (), "received": (), "why": ()}


def test_half_a_moment_is_read_as_it_was_typed() -> None:
    """The desk refuses it and names the field; nothing is guessed here."""
    data = left_as_shown(form_content(FORM, SV))
    assert answers({**data, "received@time": ""})["received"] == ("2026-03-05T",)
    assert answers({**data, "received": ""})["received"] == ("T09:12",)


@pytest.mark.parametrize("odd", [{"asked": "all"}, {"why": 7}, {"rights": ["a"]}, {"received@time": {}}])
def test_what_no_client_sends_is_refused(odd: Json) -> None:
    with pytest.raises(ValueError, match=next(iter(odd))):
        answers({**left_as_shown(form_content(FORM, SV)), **odd})
