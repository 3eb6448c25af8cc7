"""What Slack sends becomes our values, whole and in order, or is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.card import Press, Verb
from bot.domain.errors import NotFound
from handlers.parts import Unreadable
from handlers.slack.elements import _seconds
from handlers.slack.values import (
    Pressed,
    Said,
    Submitted,
    metadata,
    option_value,
    read_command,
    read_press,
    read_submission,
    typed,
    values_of,
)


def answered(**element: object) -> dict[str, dict[str, object]]:
    return {"answer": element}


def test_every_kind_of_field() -> None:
    state = {
        "line": answered(type="plain_text_input", value="fel dag"),
        "empty": answered(type="plain_text_input", value=None),
        "one": answered(type="radio_buttons", selected_option={"value": "=approve"}),
        "blank": answered(type="static_select", selected_option={"value": "="}),
        "unchosen": answered(type="static_select", selected_option=None),
        "several": answered(type="multi_static_select", selected_options=[{"value": "=b"}, {"value": "=a"}]),
        "none": answered(type="multi_static_select", selected_options=[]),
        "moment": answered(type="datetimepicker", selected_date_time=1772698320),
        "no_moment": answered(type="datetimepicker", selected_date_time=None),
    }
    assert values_of(state) == {
        "line": ("fel dag",),
        "empty": (),
        "one": ("approve",),
        "blank": ("",),
        "unchosen": (),
        "several": ("b", "a"),
        "none": (),
        "moment": ("2026-03-05T09:12",),
        "no_moment": (),
    }


@given(st.integers(1_600_000_000 // 60, 2_000_000_000 // 60))
def test_a_moment_comes_back_as_it_was_shown(minutes: int) -> None:
    """In the hour that comes twice in autumn the first is taken: the stricter one for a deadline."""
    (moment,) = values_of({"m": answered(selected_date_time=minutes * 60)})["m"]
    assert _seconds(moment) in {minutes * 60, minutes * 60 - 3600}


@given(st.text(max_size=30))
def test_an_options_value_survives(value: str) -> None:
    state = {"c": answered(selected_options=[{"value": option_value(value)}])}
    assert values_of(state) == {"c": (value,)}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("hitta anna@example.org", "hitta anna@example.org"),
        ("hitta <mailto:anna@example.org|anna@example.org>", "hitta anna@example.org"),
        ("visa <http://PR-2026.example|PR-2026.example>", "visa http://PR-2026.example"),
        ("jour set <@U0ANNA|anna>", "jour set <@U0ANNA|anna>"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("  hjälp ", "hjälp"),
    ],
)
def test_words_arrive_as_typed(sent: str, meant: str) -> None:
    assert typed(sent) == meant


@pytest.mark.parametrize("seconds", [10**18, -(10**18), 10**30])
def test_a_moment_that_no_calendar_has_is_refused(seconds: int) -> None:
    with pytest.raises(Unreadable):
        values_of({"received": answered(type="datetimepicker", selected_date_time=seconds)})


def test_what_is_typed_is_not_printed() -> None:
    said = Said("U1", "hitta greta@example.org", "t", "C1")
    given_ = Submitted("U1", "", "t", {"text": ("greta",)}, frozenset())
    assert "greta" not in f"{said} {given_!r}"


def test_a_modal_carries_its_press_and_channel() -> None:
    press = Press(Verb.CHANGE, "reminder:t1", 3)
    for channel in ("C1", ""):
        given_ = Submitted("U1", metadata(press, channel), "t", {}, frozenset())
        assert (given_.press, given_.channel) == (press, channel)


def test_a_menus_entry_is_a_press_too() -> None:
    pressed = read_press(
        {
            "user": {"id": "U1"},
            "actions": [{"action_id": "press:3", "selected_option": {"value": "form:hand_over|t1|2"}}],
            "container": {"is_ephemeral": True},
            "channel": {"id": "C1"},
        }
    )
    assert (pressed.press, pressed.opens_form) == (Press(Verb.HAND_OVER, "t1", 2), True)
    assert (pressed.place.channel, pressed.place.own) == ("C1", True)


def test_a_button_of_an_older_desk_is_not_found() -> None:
    for value in ("", "confirm|t1|0", "press:fly|t1|0", "press:confirm|t1|soon"):
        with pytest.raises(NotFound):
            _ = Pressed("U1", value, "t", read_press({"user": {"id": "U1"}, "actions": [{}]}).place).press


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "user",
                    "id",
                    "actions",
                    "view",
                    "state",
                    "values",
                    "blocks",
                    "answer",
                    "value",
                    "selected_option",
                    "user_id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(["user", "actions", "view", "container", "channel", "user_id", "text"]), JSON))
def test_no_shape_breaks_the_reading(body: dict[str, Any]) -> None:
    for read in (read_command, read_press, read_submission):
        try:
            said = read(body)
        except Unreadable:
            continue
        assert isinstance(said.user, str)
