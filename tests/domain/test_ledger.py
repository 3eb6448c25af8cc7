"""The chain proves itself: any change, removal, insertion or swap shows at the first bad entry."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from bot.domain.ledger import GENESIS, Entry, LedgerEvent, first_bad, linked, sign_heads
from tests.domain.examples import NOW


def chain(length: int = 5) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(length):
        last = entries[-1] if entries else None
        facts: Mapping[str, str | int] = {"system": "hubspot", "records": n}
        entries.append(linked("ticket1", last, NOW + timedelta(minutes=n), LedgerEvent.SEARCHED, "desk", facts))
    return entries


def test_a_chain_begins_at_genesis_and_counts_from_one() -> None:
    entries = chain()
    assert entries[0].previous == GENESIS
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert first_bad(entries) is None
    assert first_bad([]) is None


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"at": NOW - timedelta(days=1)},
        {"event": LedgerEvent.APPROVED},
        {"facts": {"system": "hubspot", "records": 99}},
        {"facts": {"system": "hubspot"}},
        {"chain": "ticket2"},
        {"hash": GENESIS},
        {"previous": "f" * 64},
        {"seq": 9},
    ],
    ids=str,
)
def test_a_changed_entry_is_found(place: int, change: dict[str, object]) -> None:
    entries = chain()
    entries[place] = replace(entries[place], **change)  # type: ignore[arg-type]
    assert first_bad(entries) is entries[place]


@pytest.mark.parametrize("place", range(4))
def test_a_removed_or_swapped_entry_is_found(place: int) -> None:
    entries = chain()
    without = entries[:place] + entries[place + 1 :]
    assert first_bad(without) is without[place]
    swapped = [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]
    assert first_bad(swapped) is swapped[place]


def test_an_entry_rewritten_with_its_own_hash_breaks_the_next() -> None:
    entries = chain()
    forged = linked("ticket1", entries[0], NOW, LedgerEvent.DECLINED, "mallory", {})
    assert first_bad([entries[0], forged, *entries[2:]]) is entries[2]


def test_order_of_facts_and_time_zone_do_not_matter_but_the_moment_does() -> None:
    one = linked("c", None, NOW, LedgerEvent.SEARCHED, "desk", {"a": 1, "b": 2})
    same = linked(
        "c", None, NOW.astimezone(timezone(timedelta(hours=2))), LedgerEvent.SEARCHED, "desk", {"b": 2, "a": 1}
    )
    assert one.hash == same.hash
    assert one.hash != linked("c", None, NOW, LedgerEvent.SEARCHED, "desk", {"a": "1", "b": 2}).hash


def test_the_digest_covers_every_head_and_needs_the_key() -> None:
    heads = {"b": (2, "h2"), "a": (1, "h1")}
    signed = sign_heads(heads, NOW, b"key")
    assert signed == sign_heads({"a": (1, "h1"), "b": (2, "h2")}, NOW, b"key")
    others = [
        sign_heads(heads, NOW, b"other"),
        sign_heads(heads, NOW + timedelta(days=1), b"key"),
        sign_heads({"a": (1, "h1")}, NOW, b"key"),
        sign_heads({**heads, "a": (2, "h1")}, NOW, b"key"),
    ]
    assert signed not in others
