"""What people paste when asked for their cookie, and what looks like it and is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cookie import EXAMPLE, client_ids

ID = "1234567890.1600000000"


@pytest.mark.parametrize(
    "pasted",
    [
        ID,
        f"  {ID}\n",
        f'"{ID}".',
        f"GA1.2.{ID}",
        f"ga1.1.{ID}",
        f"GA1.2-2.{ID}",
        f"_ga=GA1.1.{ID}",
        f"_ga = GA1.1.{ID};",
        f'_ga: "GA1.2.{ID}"',
        f"_ga\tGA1.1.{ID}\t.goto.work\t/\t2027-01-01T00:00:00.000Z",
        "GA1.1. 1234567890 . 1600000000",
        f"Hej, mitt värde i kakan _ga är GA1.1.{ID}. Tack på förhand",
        f"https://goto.work/?_ga=2.239303917.1018123456.1509876543-{ID}",
        f"_gid=GA1.2.987654321.1700000000; _ga=GA1.2.{ID}; _ga_ABC=GS1.1.1700000000.3.1.1700000100.0.0.0",
        f"_gcl_au=1.1.111111111.1700000000; _ga=GA1.2.{ID}",
        f"_ga=GA1.2.{ID}; _ga=GA1.2.{ID}",
    ],
)
def test_the_id_is_read_from_whatever_is_pasted(pasted: str) -> None:
    assert client_ids(pasted) == (ID,)


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "jag hittar ingen kaka",
        "_gid=GA1.2.987654321.1700000000",
        "_gid\tGA1.2.987654321.1700000000\t.goto.work",
        "_gcl_au=1.1.111111111.1700000000",
        "_ga_ABC123=GS1.1.1700000000.3.1.1700000100.0.0.0",
        "_ga_ABC123=GS2.1.s1700000000$o3$g1$t1700000100$j0$l0$h0",
        "GA1.1",
        f"> skicka värdet i _ga: GA1.1.{EXAMPLE} betyder {EXAMPLE}",
        EXAMPLE,
        "GA1.1.1234567890",
        "GA1.1.1234567890.16000000001234",
        "192.168.001.123",
        "070-1234567.1234567890",
        "mitt ärende är 20260309.1234567890123",
    ],
)
def test_what_only_looks_like_it_is_no_id(pasted: str) -> None:
    assert client_ids(pasted) == ()


def test_two_browsers_are_two_ids_in_the_order_they_stand() -> None:
    assert client_ids(f"mobilen GA1.2.42.1600000001 och datorn GA1.2.{ID}") == ("42.1600000001", ID)


@given(st.integers(0, 2**31 - 1), st.integers(10**9, 2 * 10**9), st.sampled_from(["", "GA1.1.", "_ga=GA1.3.", "_ga="]))
def test_every_id_is_read(number: int, moment: int, before: str) -> None:
    assert client_ids(f"{before}{number}.{moment}") == (f"{number}.{moment}",)


@given(st.text())
def test_nothing_pasted_breaks_it(pasted: str) -> None:
    assert all("." in one for one in client_ids(pasted))
