"""What `make fuzz` once found is read for ever; and the fuzzer does see a reader that breaks or dawdles."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.reading import fuzz
from tests.reading.mails import CONTEXT

CASES: Final = sorted(fuzz.FOUND.glob("*.eml"))
FORWARDED: Final = (
    b"From: Maria <maria@goto.work>\r\nSubject: VB: x\r\n\r\n"
    b"From: Eva <eva@example.se>\nSent: 1 March 2026 10:00\nTo: x\nSubject: x\n\nDelete my data"
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_stopped_the_reader_once_does_so_no_more(case: Path) -> None:
    fuzz.judge(case.read_bytes())


def test_a_reader_that_breaks_is_seen_and_its_mail_kept(tmp_path: Path) -> None:
    fuzz.judge(FORWARDED, kept=tmp_path)
    with pytest.raises(fuzz.Found, match="unreadable"):
        fuzz.judge(FORWARDED, replace(CONTEXT, tz="No/Where"), tmp_path)
    assert [kept.read_bytes() for kept in tmp_path.iterdir()] == [FORWARDED]


def test_a_few_seconds_of_mails_nobody_would_write() -> None:
    assert fuzz.by_shape(seconds=2) >= 100
