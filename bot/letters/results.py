"""From settled tasks to what may be said of each system.

One line per system, and only what the facts say: done, done by hand, not held, could
not be searched and why, declined and on which ground, not applicable and why. A task
without a result makes its line OPEN, and no answer is written while one is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from bot.domain.correcting import NOTHING_TO_CORRECT
from bot.domain.deadline import local_date
from bot.domain.optout import MANNERS, manner
from bot.domain.portable import NOT_PORTABLE
from bot.domain.request import Language, RequestType, Scope
from bot.domain.system import Mode, Operation
from bot.domain.task import NOT_CONFIRMED, NOT_PROVEN, TAKEN_BACK, Task, TaskState
from bot.i18n import LOCALES, Texts
from bot.letters.matter import SystemResult, Told

#: Reasons by which a task was dropped rather than impossible.
DROPPED: Final = {
    NOT_PROVEN: Told.NOT_DONE,
    NOT_CONFIRMED: Told.UNCONFIRMED,
    TAKEN_BACK: Told.TAKEN_BACK,
    NOT_PORTABLE: Told.NOT_COVERED,
    NOTHING_TO_CORRECT: Told.NOTHING_THERE,
}


#: A system's word for what its search cannot see: not found is not more than it says.
OUT_OF_SIGHT: Final = "letter.not_held"
#: A system's word for how long its keeper may still hold what was erased: gone for us is not gone everywhere at once.
LASTS: Final = "letter.lasts"


class Voice(Protocol):
    """A system's name and its own words (`strings.toml`) by language and key."""

    @property
    def name(self) -> str: ...
    @property
    def words(self) -> Mapping[Language, Mapping[str, str]]: ...


def results_of(
    texts: Texts,
    language: Language,
    asked: tuple[RequestType, Scope],
    tasks: Sequence[Task],
    voices: Mapping[str, Voice],
    special: Collection[str] = (),
) -> tuple[SystemResult, ...]:
    """Return one result per system and operation of *tasks*, in the order the systems were searched.

    *tasks* are the searches and what the part asked of each system; *special* names systems where Art. 9 content
    was seen. A system with an operation is spoken of by that operation, any other by its search.
    """
    found: dict[str, Mapping[str, int]] = {}
    told: dict[str, dict[Operation, Task]] = {}
    for task in tasks:
        told.setdefault(task.system, {}).setdefault(task.operation, task)
        found[task.system] = task.found or found.get(task.system, {})
    for of in told.values():
        if len(of) > 1:
            of.pop(Operation.FIND, None)
    return tuple(
        _result(texts, language, asked, task, found[system], voices[system], system in special)
        for system, of in told.items()
        for task in of.values()
    )


def _result(
    texts: Texts,
    language: Language,
    asked: tuple[RequestType, Scope],
    task: Task,
    found: Mapping[str, int],
    voice: Voice,
    special: bool,  # noqa: FBT001 - a fact about the system, named where it is called from
) -> SystemResult:
    told = told_of(task)
    words = voice.words[language]
    acted = told in (Told.DONE, Told.BY_HAND)
    own_words = acted and not _on_word(task)
    sentence = _sentence(texts, language, manner(*asked, task.operation), words) if own_words else ""
    if told is Told.DONE and task.operation is Operation.EXPORT:
        found = task.done or found  # what the copy holds, not what a search had seen
    return SystemResult(
        system=task.system,
        name=voice.name,
        operation=task.operation,
        told=told,
        found=found,
        what=counted(texts, language, words, (task.done or found) if acted else found),
        sentence=sentence,
        lasts=words.get(LASTS, "") if sentence and task.operation is Operation.ERASE else "",
        why=_why(texts, language, asked[0], task, words),
        on=local_date(task.settled_at) if task.settled_at and acted else None,
        special=special,
        beside=(texts.say(language, "letter_line.begun"),) if _begun(task) else (),
    )


def _begun(task: Task) -> bool:
    """Whether an erasure was refused or given up after its first write: the letter may not say that all is kept."""
    left = task.state in (TaskState.DECLINED, TaskState.EXCEPTION)
    return left and task.operation is Operation.ERASE and task.writing_since is not None


def _on_word(task: Task) -> bool:
    """Whether a colleague did what the desk itself should have: the system's own words tell of the desk's way there."""
    return task.mode is Mode.AUTOMATIC and bool(task.settled_by)


def _sentence(texts: Texts, language: Language, how: str, words: Mapping[str, str]) -> str:
    """Return what was done: the system's own words, or ours for a manner it has no words of its own for."""
    return texts.say(language, f"manner_letter.{how}") if how in MANNERS else words.get(f"letter.{how}", "")


def told_of(task: Task) -> Told:
    """Return what may be said of a task's system."""
    match task.state:
        case TaskState.DONE if task.operation is Operation.FIND:
            return Told.HELD
        case TaskState.DONE:
            return Told.BY_HAND if task.settled_by or task.mode is not Mode.AUTOMATIC else Told.DONE
        case TaskState.NOT_HELD:
            return Told.NOT_HELD
        case TaskState.DECLINED:
            return Told.DECLINED
        case TaskState.EXCEPTION:
            return Told.FAILED
        case TaskState.NOT_APPLICABLE if task.reason in DROPPED:
            return DROPPED[task.reason]
        case TaskState.NOT_APPLICABLE:
            return Told.BLIND if task.operation is Operation.FIND else Told.NOT_APPLICABLE
        case _:
            return Told.OPEN


def counted(texts: Texts, language: Language, words: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """Return "1 kontakt och 14 anteckningar" in the system's own words; "" for nothing."""
    return texts.together(language, [_counted(texts, language, words, kind, n) for kind, n in counts.items() if n])


def _counted(texts: Texts, language: Language, words: Mapping[str, str], kind: str, n: int) -> str:
    word = words.get(f"kind.{kind}.{LOCALES[language].plural_form(n)}", "")
    if not word:
        return texts.count(language, n, "count.records")
    number = texts.number(language, n)
    return word.format(n=number) if "{n}" in word else f"{number} {word}"


def _why(texts: Texts, language: Language, right: RequestType, task: Task, words: Mapping[str, str]) -> str:
    if task.state is TaskState.DECLINED:
        return texts.say(language, f"ground_letter.{right}.{task.ground}")
    if task.state is TaskState.EXCEPTION:
        return texts.say(language, task.reason.replace("exception.", "exception_letter.", 1))
    if task.state is TaskState.NOT_APPLICABLE:
        return words.get(task.reason) or texts.say(language, task.reason)
    if task.state is TaskState.NOT_HELD:
        return words.get(OUT_OF_SIGHT, "")
    return ""
