"""JSON from a chat: half a letter is no letter, wherever it stands."""

import pytest

from handlers.parts import Unreadable, read_json


@pytest.mark.parametrize("text", [r'{"a": "\ud800"}', r'{"\uDfff": 1}', r'["x\ud83d"]', "{", "", "[" * 200_000])
def test_what_nobody_can_store_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match=r"^body$"):
        read_json(text)


def test_a_letter_in_two_halves_is_one() -> None:
    assert read_json(r'{"a": "\ud83d\ude00 \\ud800"}') == {"a": "\N{GRINNING FACE} \\ud800"}
