"""What was typed into a form: an address is taken as it is seen, whatever came along when it was copied."""

import pytest

from bot.desk.values import address
from bot.domain.errors import Incomplete


@pytest.mark.parametrize(
    "typed",
    ["anna@example.org", " anna@example.org\n", "\u200banna@example.org\u200b", "anna\u2060@exam\u00adple.org\ufeff"],
)
def test_an_address_is_what_is_seen_of_it(typed: str) -> None:
    assert address({"subject": (typed,)}, "subject", required=True) == "anna@example.org"


@pytest.mark.parametrize(
    "typed", ["anna", "anna@example", "@example.org", "anna @example.org", "anna\u00a0@example.org"]
)
def test_what_is_no_address_is_said_at_its_field(typed: str) -> None:
    with pytest.raises(Incomplete) as refused:
        address({"subject": (typed,)}, "subject", required=True)
    assert (refused.value.key, dict(refused.value.facts)) == ("refusal.field_bad", {"field": "subject"})
