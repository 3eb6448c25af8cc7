"""A confidence that means something: what each band is worth, measured on mails whose words were not learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pytest

from bot.domain.request import ReadingDoubt
from bot.reading import read
from bot.reading.doubts import LEAST, SURE, WEIGHTS, confidence_of
from tests.reading.learn import learnt
from tests.reading.mails import BLIND, CONTEXT, TABLES, variants, written
from tests.reading.measure import BANDS, Verdict, judged, reliability, reliability_table

TOP: Final = BANDS[-1][1]


@pytest.fixture(scope="module")
def unlearnt() -> Mapping[str, Sequence[Verdict]]:
    """Each table of strangers, judged by a leaning that has not seen it."""
    verdicts = {}
    for table in BLIND:
        context = replace(CONTEXT, leaning=learnt(list(variants(*TABLES, *(one for one in BLIND if one != table)))))
        verdicts[table] = [judged(wish, context) for wish in variants(table)]
    return verdicts


def test_each_band_is_worth_what_it_says(
    unlearnt: Mapping[str, Sequence[Verdict]], capsys: pytest.CaptureFixture[str]
) -> None:
    strangers = [one for verdicts in unlearnt.values() for one in verdicts]
    ours = [judged(wish) for wish in variants()]
    with capsys.disabled():
        print("", "right in request, rights and road, by confidence:", sep="\n")  # noqa: T201
        print(f"strangers' mails\n{reliability_table(strangers)}\nour tables\n{reliability_table(ours)}")  # noqa: T201
    share = {band: right / every for band, (right, every) in reliability(strangers).items()}
    assert share[TOP] >= 0.97
    assert share["0.7 to 0.9"] >= 0.9
    assert share["0.5 to 0.7"] >= 0.7
    assert list(share.values()) == sorted(share.values()), "less confidence, less often right"
    right, every = reliability(ours)[TOP]
    assert right / every >= 0.99


def test_who_has_not_been_heard_before_is_not_left_on_the_quiet_list(
    unlearnt: Mapping[str, Sequence[Verdict]],
) -> None:
    missed = {table: sum(one.missed for one in verdicts) for table, verdicts in unlearnt.items()}
    asked = {table: sum(one.asked for one in verdicts) for table, verdicts in unlearnt.items()}
    assert missed["blind_a.toml"] + missed["own_short.toml"] == 0
    assert sum(missed.values()) <= 0.05 * sum(asked.values())
    opened = [one.id for verdicts in unlearnt.values() for one in verdicts if one.opened]
    assert len(opened) <= 1, opened  # of some five hundred; and what opens still waits for a colleague's Confirm


def test_confidence_is_what_the_doubts_leave() -> None:
    assert set(WEIGHTS) == set(ReadingDoubt)
    assert confidence_of(()) == SURE
    assert confidence_of((ReadingDoubt.LONE_PHRASE, ReadingDoubt.SEVERAL)) == pytest.approx(0.6)
    assert confidence_of(tuple(ReadingDoubt)) == LEAST


@pytest.mark.parametrize(
    ("wish", "doubt"),
    [
        ({"body": "Radera alla mina uppgifter."}, None),
        ({"body": "Ta bort mig ur registret."}, ReadingDoubt.LONE_PHRASE),
        ({"body": "Slett meg fra registeret deres, jeg ønsker ikke å være der."}, ReadingDoubt.FOREIGN),
        ({"body": "Ge mig en kopia på mina uppgifter. Sluta profilera mig."}, ReadingDoubt.SEVERAL),
        ({"body": "Tack!\n\nDen 1 mars 2026 skrev Kim <kim@example.org>:\n> Hej"}, ReadingDoubt.QUOTATION),
        ({"body": "1. Tack för sist. 2. Radera mina uppgifter. 3. Ha en fin dag."}, ReadingDoubt.LONG_MAIL),
        ({"body": "Radera min hemadress, resten får vara kvar."}, ReadingDoubt.NARROWED),
        ({"body": "Hur vågar ni! Varför skickar ni sådant till mig?"}, ReadingDoubt.VAGUE),
        ({"body": "Radera min mammas uppgifter, hon kan inte själv."}, ReadingDoubt.OTHER_PERSON),
        ({"body": "Radera mina uppgifter", "headers": ["Precedence: bulk", "X: y"]}, None),
    ],
)
def test_a_doubt_is_named(wish: dict[str, object], doubt: ReadingDoubt | None) -> None:
    proposal = read(written({"id": "d", "subject": "Hej", **wish}), CONTEXT)
    assert doubt is None or doubt in proposal.doubts
    assert proposal.confidence == confidence_of(proposal.doubts)
