"""How well tables of mails are read: the figures of issue 3 and how far the confidence holds; `--errors` names rows.

`python -m tests.reading.measure [--errors] [FILE ...]`; without files every table of ours.
"""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.domain.request import Proposal, Route
from bot.reading import ReadingContext, read
from tests.reading.mails import CONTEXT, RECEIVED, TABLES, written

USUAL_ROADS: Final = ("open_case", "open_case_verify_identity", "human_review")
QUIET: Final = frozenset({Route.NOT_A_CASE, Route.RECRUITMENT})
#: Roads that open a ticket, or act, on the reading's word.
OPENING: Final = frozenset(
    {Route.OPEN_CASE, Route.OPEN_CASE_VERIFY_IDENTITY, Route.AUTO_UNSUBSCRIBE, Route.CONTRACT_ROUTE}
)
#: The bands of confidence, lowest first: from which confidence on, and its name.
BANDS: Final = ((0.0, "below 0.5"), (0.5, "0.5 to 0.7"), (0.7, "0.7 to 0.9"), (0.9, "0.9 and more"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one mail was read, measure by measure; `missed` when a request lay unseen on the quiet list."""

    id: str
    asked: bool
    is_request: bool
    rights: bool
    route: bool
    language: bool
    subject: bool
    clock: bool
    missed: bool
    opened: bool
    confidence: float

    @property
    def right(self) -> bool:
        """Whether a colleague would have nothing to change."""
        return self.is_request and self.rights and self.route


def judged(wish: Mapping[str, Any], context: ReadingContext = CONTEXT) -> Verdict:
    """Return how the mail of a table's row is read."""
    proposal = read(written(wish), context)
    acceptable = [frozenset(rights.split()) for rights in wish["rights"]]
    asked = bool(acceptable[0])
    usual = USUAL_ROADS if asked else ("not_a_case", "human_review")
    may_be_quiet = not all(acceptable)
    return Verdict(
        wish["id"],
        asked,
        proposal.is_request in {bool(rights) for rights in acceptable},
        frozenset(map(str, proposal.rights)) in acceptable,
        proposal.route in wish.get("route", usual),
        proposal.language == wish["language"],
        _subject(wish, proposal, asked=asked),
        _clock(wish, proposal),
        not may_be_quiet and proposal.route in QUIET and not proposal.is_request,
        not any(acceptable) and proposal.route in OPENING,
        proposal.confidence,
    )


def _subject(wish: Mapping[str, Any], proposal: Proposal, *, asked: bool) -> bool:
    sender = wish.get("from", "kim.holm@example.org").rpartition("<")[2].strip(">")
    subject = wish.get("subject_email", sender if asked else "any")
    return subject == "any" or proposal.subject_email == (None if subject == "none" else subject)


def _clock(wish: Mapping[str, Any], proposal: Proposal) -> bool:
    if proposal.clock_unsure != wish.get("clock_unsure", False):
        return False
    if "clock" not in wish:
        return True
    started = RECEIVED if wish["clock"] == "received" else wish["clock"]
    return proposal.clock_start == datetime.fromisoformat(started)


def rows(paths: Iterable[Path]) -> list[Mapping[str, Any]]:
    """Return the mails of the tables at *paths*."""
    return [row for path in paths for row in tomllib.loads(path.read_text(encoding="utf-8"))["mail"]]


def figures(verdicts: Sequence[Verdict]) -> str:
    """Return the figures of issue 3 as lines of text."""
    asked = [one for one in verdicts if one.asked]
    others = [one for one in verdicts if not one.asked]
    lines = [f"{len(verdicts)} mails, {len(asked)} requests"]
    lines += [f"  requests on the quiet list {sum(one.missed for one in verdicts)}"]
    lines += [f"  others opened without a person {sum(one.opened for one in others)}"]
    for name in ("is_request", "rights", "route", "language", "subject", "clock", "right"):
        good = sum(getattr(one, name) for one in verdicts)
        lines.append(f"  {name:<11}{good:>4} / {len(verdicts)}  {100 * good / len(verdicts):5.1f} %")
    return "\n".join(lines)


def reliability(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """Return band by band how many proposals were right in rights, request and route, of how many."""
    right, every = Counter[str](), Counter[str]()
    for one in verdicts:
        band = next(name for least, name in reversed(BANDS) if one.confidence >= least)
        every[band] += 1
        right[band] += one.right
    return {name: (right[name], every[name]) for _, name in BANDS}


def reliability_table(verdicts: Iterable[Verdict]) -> str:
    """Return the bands as lines of text."""
    table = reliability(verdicts)
    shares = {name: f"{100 * right / every:5.1f} %" if every else "    –" for name, (right, every) in table.items()}
    return "\n".join(f"  {name:<13}{right:>4} / {every:<4} {shares[name]}" for name, (right, every) in table.items())


def main() -> int:
    """Print the figures of the tables named, or of all."""
    parser = argparse.ArgumentParser(prog="python -m tests.reading.measure", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="name the rows that were read otherwise")
    parser.add_argument("files", nargs="*", type=Path)
    chosen = parser.parse_args()
    wishes = rows(chosen.files or [Path(__file__).with_name(table) for table in TABLES])
    verdicts = [judged(wish) for wish in wishes]
    sys.stdout.write(f"{figures(verdicts)}\n{reliability_table(verdicts)}\n")
    for wish, verdict in zip(wishes, verdicts, strict=True):
        if chosen.errors and not (verdict.right and verdict.language and verdict.subject and verdict.clock):
            sys.stdout.write(_told(wish))
    return 0


def _told(wish: Mapping[str, Any]) -> str:
    read_as = read(written(wish), CONTEXT)
    said = " ".join(str(wish.get("body", wish.get("html", ""))).split())
    return (
        f"{wish['id']}: {wish['rights']} {wish.get('route', '')} {wish.get('subject_email', '')}\n"
        f"   read {[*map(str, read_as.rights)]} {read_as.route} {read_as.subject_email} {read_as.language}"
        f" {read_as.confidence} {sorted(read_as.flags)}\n   [{wish['subject']}] {said[:400]}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
