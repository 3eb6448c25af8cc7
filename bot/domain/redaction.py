"""What of a copy may concern others: a person judges each such record before the copy leaves (Art. 15(4), R34).

Others' rights limit the copy and never refuse it whole: a record goes out as it is, with
words blanked out, or stays behind for a reason the letter gives. To leave a record out is
to decline a part of what was asked, so two people say it, one of them an officer (D9).
The ticket carries only counts, as a mark per export; while anything in it is undecided
the part is not answered. No time-out ever decides.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.approving import second_yes
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.people import Colleague
from bot.domain.shared import may_rule
from bot.domain.system import Record
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage, Ticket

#: Mark of a ticket: then an export's task and its counts.
MARK: Final = "copy:"
#: What stands where words were blanked out: always as long, so that its length tells nothing.
BLANK: Final = "█████"
#: Why a record may be left out of a copy; the letter says it.
REASONS: Final = ("rights_of_others", "another_person", "secrecy")
#: Stages in which a copy can be gone through: as soon as a system's is there, until the answer is written.
UNANSWERED: Final = frozenset({Stage.DECIDING, Stage.EXECUTING})
#: Passages of one record, and letters of one passage.
MOST: Final = 100
LONGEST: Final = 400
SHORTEST: Final = 2
#: A word of so few letters is blanked out only where it stands by itself ("Ek", not the middle of "veckan").
SHORT: Final = 3
#: Signs nobody sees that would keep a word from being found.
UNSEEN: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
TAG: Final = re.compile(r"<[^<>]*>")
#: How often text is unescaped: a vendor may have escaped what was escaped.
ESCAPED: Final = 3


class Way(StrEnum):
    """What becomes of a record in the copy."""

    AS_IT_IS = "as_it_is"
    BLANK = "blank"  # words are blanked out, or a file is replaced by one in which they are
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was said of one record, by whom, since when. `blanked` counts details; `officer`: one of them is one."""

    way: Way
    reason: str = ""
    yes: tuple[str, ...] = ()
    officer: bool = False
    blanked: int = 0
    since: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether enough colleagues have said so."""
        return self.way is not Way.LEAVE_OUT or (len(self.yes) > 1 and self.officer)


@dataclass(frozen=True, slots=True)
class Judging:
    """How far one export has been gone through: records not decided, proposed to be left out, left out.

    `blanked` counts the details about others that are not in the copy, whoever left them out: the letter says it (R51).
    """

    task_id: str
    undecided: int = 0
    proposed: int = 0
    left_out: int = 0
    blanked: int = 0

    @property
    def waits(self) -> int:
        """How many records still wait for a colleague."""
        return self.undecided + self.proposed


def may_concern_others(record: Record) -> bool:
    """Whether a person looks at the record before it goes into a copy: others are in it, or colleagues wrote it."""
    return record.shared or record.narrative


def decide(
    earlier: Decision | None,
    wanted: Decision,
    colleague: Colleague,
    system: str,
    *,
    own_request: bool,
    at: datetime | None = None,
    single: bool = False,
) -> Decision:
    """Return the decision after *colleague* said *wanted* at *at*; another than before begins anew.

    *single*: the same colleague may say it a second time, a day later (see `bot.domain.approving`).

    Raises `NotYours` for whoever may not, `Incomplete` for a reason that is none.
    """
    may_rule(colleague, system, own_request=own_request)
    if (wanted.way is Way.LEAVE_OUT) != (wanted.reason in REASONS):
        raise Incomplete("refusal.copy_reason", {"field": "reason"})
    again = earlier is not None and (earlier.way, earlier.reason) == (wanted.way, wanted.reason)
    if wanted.way is not Way.LEAVE_OUT or earlier is None or not again:
        return replace(wanted, yes=(colleague.id,), officer=colleague.is_officer, since=at)
    second_yes(colleague.id, earlier.yes, earlier.since, at, single=single)
    if not (earlier.officer or colleague.is_officer):
        raise NotYours("refusal.not_yours_officer")
    return replace(earlier, yes=(*earlier.yes, colleague.id), officer=True)


# --- the mark on the ticket ----------------------------------------------------------------------


def judgings(ticket: Ticket, part: Part) -> tuple[Judging, ...]:
    """Return how far the exports of *part* have been gone through; what was not taken out after all is in no copy."""
    states = {task.id: task.state for task in ticket.tasks_of(part)}
    found = (_judging(mark) for mark in sorted(ticket.flags) if mark.startswith(MARK))
    return tuple(one for one in found if states.get(one.task_id) is TaskState.DONE)


def judging_of(ticket: Ticket, task_id: str) -> Judging:
    """Return how far an export has been gone through, whatever its state; nothing counted when it has no mark."""
    found = (_judging(mark) for mark in ticket.flags if mark.startswith(f"{MARK}{task_id}:"))
    return next(found, Judging(task_id))


def with_judging(ticket: Ticket, judging: Judging) -> Ticket:
    """Return the ticket with the counts of one export put in place."""
    counts = (judging.undecided, judging.proposed, judging.left_out, judging.blanked)
    others = {mark for mark in ticket.flags if not mark.startswith(f"{MARK}{judging.task_id}:")}
    return replace(ticket, flags=frozenset({*others, f"{MARK}{judging.task_id}:{':'.join(map(str, counts))}"}))


def taken_out(ticket: Ticket, task_id: str, undecided: int, blanked: int) -> Ticket:
    """Return the ticket with what an export took out: records to go through, details a system or colleague left out."""
    judging = judging_of(ticket, task_id)
    more = replace(judging, undecided=judging.undecided + undecided, blanked=judging.blanked + blanked)
    return with_judging(ticket, more)


def without_judgings(flags: frozenset[str]) -> frozenset[str]:
    """Return the flags of a ticket whose copies were forgotten."""
    return frozenset(mark for mark in flags if not mark.startswith(MARK))


def recounted(judging: Judging, before: Decision | None, after: Decision) -> Judging:
    """Return the counts after one record's decision became another."""
    return _counting(_counting(judging, before, -1), after, 1)


def awaited(ticket: Ticket, part: Part) -> tuple[Judging, ...]:
    """Return the exports whose copy must be gone through before the part is answered."""
    if part.stage not in UNANSWERED:
        return ()
    return tuple(one for one in judgings(ticket, part) if one.waits)


def left_out(ticket: Ticket, part: Part) -> bool:
    """Whether some record was left out of the part's copy: then the person did not get all of it."""
    return any(one.left_out for one in judgings(ticket, part))


def _judging(mark: str) -> Judging:
    task_id, undecided, proposed, left, blanked = mark.removeprefix(MARK).split(":")
    return Judging(task_id, int(undecided), int(proposed), int(left), int(blanked))


def _counting(judging: Judging, decision: Decision | None, by: int) -> Judging:
    if decision is None:
        return replace(judging, undecided=judging.undecided + by)
    if not decision.settled:
        return replace(judging, proposed=judging.proposed + by)
    if decision.way is Way.LEAVE_OUT:
        return replace(judging, left_out=judging.left_out + by)
    return replace(judging, blanked=judging.blanked + by * decision.blanked)


# --- blanking out --------------------------------------------------------------------------------


def passages(typed: str) -> tuple[str, ...]:
    """Return what is to be blanked out, one passage a line. Raises `Incomplete` for too much, or one too short."""
    found = tuple(dict.fromkeys(" ".join(_plain(line).split()) for line in typed.splitlines() if line.strip()))
    if len(found) > MOST or any(len(one) > LONGEST for one in found):
        raise Incomplete("refusal.copy_words_many", {"field": "words", "most": str(MOST), "longest": str(LONGEST)})
    if any(len(one) < SHORTEST for one in found):
        raise Incomplete("refusal.copy_words_short", {"field": "words"})
    return found


def blanked(value: object, words: Sequence[str]) -> tuple[object, int]:
    """Return *value* with every occurrence of *words* in it blanked out, and how many there were.

    Names of fields stay: they are the vendor's. What is not text (a number) is blanked out whole where it is one of
    the words.
    """
    match value:
        case str():
            return blanked_text(value, words)
        case Mapping():
            inner = {name: blanked(one, words) for name, one in value.items()}
            return {name: one for name, (one, _) in inner.items()}, sum(n for _, n in inner.values())
        case list() | tuple():
            listed = [blanked(one, words) for one in value]
            return [one for one, _ in listed], sum(n for _, n in listed)
        case bool() | None:
            return value, 0
        case _:
            found = blanked_text(str(value), words)[1]
            return (BLANK, 1) if found else (value, 0)


def blanked_text(text: str, words: Sequence[str]) -> tuple[str, int]:
    """Return a text with the words blanked out, whatever their case and the space, markup or quote marks between.

    A text without any of them stays as it was; in any other, escaped signs and those nobody sees are resolved.
    """
    if not words:
        return text, 0
    without, found = _pattern(words).subn(BLANK, _plain(text))
    return (without, found) if found else (text, 0)


def refuse_leaks(value: object, words: Sequence[str]) -> None:
    """Refuse what still holds any of the words after blanking out: in the name of a field, or cut up by markup."""
    if words and any(_pattern(words).search(TAG.sub("", _plain(text))) for text in _texts(value)):
        raise NotAllowedNow("refusal.copy_leaks")


def absent(texts: Sequence[str], words: Sequence[str]) -> int:
    """Return the line, from one on, of the first passage that stands in none of the texts; 0 when all do."""
    plain = [_plain(text) for text in texts]
    for line, word in enumerate(words, 1):
        if not any(_pattern([word]).search(text) for text in plain):
            return line
    return 0


def _texts(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for name, one in value.items():
                yield str(name)
                yield from _texts(one)
        case list() | tuple():
            for one in value:
                yield from _texts(one)
        case _:
            yield str(value)


def leaves(value: object) -> list[str]:
    """Return every text and number of a record's fields, without the fields' names."""
    match value:
        case Mapping():
            return [text for one in value.values() for text in leaves(one)]
        case list() | tuple():
            return [text for one in value for text in leaves(one)]
        case None:
            return []
        case _:
            return [str(value)]


def _plain(text: str) -> str:
    for _ in range(ESCAPED):
        text = html.unescape(text)
    return UNSEEN.sub("", unicodedata.normalize("NFC", text))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_one(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)


def _one(word: str) -> str:
    found = r"(?:\s|<[^<>]*>|>)+".join(re.escape(piece) for piece in word.split())
    return rf"(?<![^\W_]){found}(?=s?(?![^\W_]))" if len(word) <= SHORT else found
