"""Mail nobody would write: `make fuzz [MINUTES=10]` lets two engines look for bytes that stop the reader.

Hypothesis follows the shape of a mail (here), atheris the code's branches (`fuzz_branches`); each gets the same time
and the same question.
The reader catches whatever goes wrong and hands the mail to a person, so a crash shows as "unreadable" and a hang as
seconds spent: both are finds. A find is written to `found/`, where `test_found.py` reads it for ever.
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.domain.request import Proposal
from bot.reading import ReadingContext, read
from tests.reading.mails import CONTEXT, MAILS_FOR_CHANCE, variants, written

AT: Final = datetime(2026, 3, 16, 8, tzinfo=UTC)
FOUND: Final = Path(__file__).with_name("found")
#: Seconds of our own processor time; an ordinary mail takes a hundredth of one.
SLOW: Final = 2.0
#: Bytes. Longer mails are slow to change and rarely new; size itself is tried in test_hostile.py.
LONGEST: Final = 20_000
SEEDS: Final = 250
PIECES: Final = (
    *("From: ", "Reply-To: ", "Received: ", "Date: ", "Subject: ", "Message-ID: ", "References: ", "Auto-Submitted: "),
    *(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: text/html; charset=utf-7\r\n",
        "--b\r\n",
        "--b--",
    ),
    *("Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "=?utf-8?q?", "?="),
    *(
        "Content-Type: message/rfc822\r\n",
        "filename*=utf-8''a%00.pdf",
        "\r\n\r\n",
        "\r\n",
        "\n> ",
        "\n-- \n",
        "\n___\n",
    ),
    *("<div style='display:none'>", "<blockquote>", "</td>", "&#x202e;", "&nbsp;", "<!--", "-->", "<style>", "\x00"),
    *(
        "Från: ",
        "Skickat: den 1 mars 2026 10:00",
        "Sent: ",
        "Till: ",
        "Ämne: VB: ",
        "On 1 Jan 2026, A wrote:",
        "PR-2026-1",
    ),
    *(
        "radera",
        "inte",
        "alla mina uppgifter",
        "delete",
        "my data",
        "unsubscribe",
        "900101-2385",
        "a@b.se",
        "info@goto.work",
    ),
)


class Found(Exception):
    """Bytes that stop the reader; named by their digest, since they may hold anything."""


def judge(raw: bytes, context: ReadingContext = CONTEXT, kept: Path = FOUND) -> Proposal:
    """Return what the reader makes of *raw*; keep it and raise `Found` when the reader broke or dawdled."""
    started = time.process_time()
    proposal = read(raw, context, AT)
    spent = time.process_time() - started
    if "unreadable" in proposal.errors or spent > SLOW or not 0 <= proposal.confidence <= 1:
        kept.mkdir(exist_ok=True)
        name = hashlib.sha256(raw).hexdigest()[:16]
        (kept / f"{name}.eml").write_bytes(raw)
        raise Found(f"{name}: {', '.join(proposal.errors)} in {spent:.1f} s")
    return proposal


def seeds() -> list[bytes]:
    """Return mails to begin from: the labelled ones, and every so many of our own."""
    own = [written(wish) for wish in variants()]
    return [*MAILS_FOR_CHANCE, *own[:: max(1, len(own) // SEEDS)]]


def by_shape(seconds: int) -> int:
    """Let Hypothesis build mails of pieces and damage whole ones; return how many were read."""
    ends = time.monotonic() + seconds
    count = 0
    whole = seeds()
    pieces = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=80).map("".join)
    damage = st.tuples(st.sampled_from(whole), st.integers(0, 4_000), st.integers(0, 60), pieces)
    mails = pieces.map(str.encode) | st.binary(max_size=3_000) | damage.map(_damaged)

    @settings(max_examples=200, deadline=None, database=None, phases=PHASES, suppress_health_check=CHECKS)
    @given(mails)
    def round_of(raw: bytes) -> None:
        nonlocal count
        count += 1
        judge(raw)

    while time.monotonic() < ends:
        round_of()
    return count


PHASES: Final = (Phase.generate, Phase.shrink)
CHECKS: Final = list(HealthCheck)


def _damaged(drawn: tuple[bytes, int, int, str]) -> bytes:
    raw, at, lost, put = drawn
    return raw[:at] + put.encode("utf-8", "surrogatepass") + raw[at + lost :]


def minutes(arguments: Sequence[str] | None = None) -> int:
    """Return the seconds asked for on the command line."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("--minutes", type=float, default=10.0)
    return int(60 * command.parse_args(arguments).minutes)


if __name__ == "__main__":
    sys.stdout.write(f"by shape: {by_shape(minutes())} mails read, nothing stopped the reader\n")
