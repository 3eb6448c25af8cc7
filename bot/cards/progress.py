"""Lines that stand on almost every card: what is asked, the progress line, both dates, who is waited for.

Both dates always stand together (D27): the safe target we work to and the last day the
law allows, with days left as number and word, so that nothing hangs on a colour.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.card import Steps, StepState
from bot.cards.scene import DOT, Scene, capital, dotted
from bot.cards.wait import Waiter
from bot.cards.waiting import waits, who
from bot.domain.deadline import Deadlines
from bot.domain.extension import in_force, nearest
from bot.domain.request import Language, Scope, ScopeKind
from bot.domain.skipped import skipped
from bot.domain.ticket import Part, Stage, Ticket

STEPS: Final = (
    Stage.RECEIVED,
    Stage.LOCATING,
    Stage.VERIFYING,
    Stage.DECIDING,
    Stage.EXECUTING,
    Stage.REPLYING,
)
#: Words for fields and purposes that may stand in a chat. Any other may be a value or a hint (D14) and is only counted.
SHOWABLE: Final = ("home_address", "address", "phone", "email", "name", "title", "organisation", "photo")
SHOWABLE_PURPOSES: Final = ("newsletter", "marketing", "profiling", "events", "calls", "ads", "statistics", "cookies")


def steps(scene: Scene, ticket: Ticket) -> Steps:
    """Return the progress line; a step that was passed and never taken says so in words."""
    at = STEPS.index(ticket.stage) if ticket.stage in STEPS else len(STEPS)
    words = [scene.say(f"step.{step}") for step in STEPS]
    passed = skipped(ticket) & set(STEPS[:at])
    states = [_state(n, at, was_taken=step not in passed) for n, step in enumerate(STEPS)]
    spoken = _spoken(scene, words, at, [word for step, word in zip(STEPS, words, strict=True) if step in passed])
    said = zip(words, states, strict=True)
    shown = (scene.say("step.skipped", {"step": word}) if state is StepState.SKIPPED else word for word, state in said)
    return Steps(tuple(zip(shown, states, strict=True)), spoken)


def _spoken(scene: Scene, words: Sequence[str], at: int, passed: Sequence[str]) -> str:
    never = scene.say("step.spoken_skipped", {"steps": scene.texts.together(scene.language, passed)}) if passed else ""
    if at < len(words):
        return f"{scene.say('step.spoken', {'n': at + 1, 'total': len(words), 'step': words[at]})} {never}".rstrip()
    return f"{scene.say('step.spoken_over')} {never}" if passed else scene.say("step.spoken_closed")


def _state(n: int, at: int, *, was_taken: bool) -> StepState:
    if n < at:
        return StepState.DONE if was_taken else StepState.SKIPPED
    return StepState.NOW if n == at else StepState.AHEAD


def rights(scene: Scene, parts: Sequence[Part]) -> str:
    """Return "Tillgång, sedan radering" in the order they are done."""
    first, *others = sorted(parts, key=lambda part: part.position)
    line = scene.say(f"right.{first.type}")
    for part in others:
        line = scene.say("card.then", {"first": line, "next": scene.say(f"right_inside.{part.type}")})
    return line


def asked(scene: Scene, ticket: Ticket) -> str:
    """Return what is asked, how wide, and the language of the answer."""
    said = scene.say("card.rights", {"rights": rights(scene, ticket.parts), "scope": _scopes(scene, ticket)})
    return dotted(said, answer_in(scene, ticket))


def _scopes(scene: Scene, ticket: Ticket) -> str:
    """Return how wide; where the rights differ in that, of which right each is said."""
    of: dict[str, list[str]] = {}
    for part in sorted(ticket.parts, key=lambda part: part.position):
        of.setdefault(scope_words(scene, part.scope), []).append(scene.say(f"right_inside.{part.type}"))
    if len(of) == 1:
        return next(iter(of))
    apart = ({"scope": wide, "rights": scene.texts.together(scene.language, asked)} for wide, asked in of.items())
    return ", ".join(scene.say("card.scope_of", facts) for facts in apart)


def answer_in(scene: Scene, ticket: Ticket) -> str:
    """Return "svar på svenska"."""
    return scene.say("card.answer_in", {"language": scene.say(f"language.{ticket.language}")})


def scope_words(scene: Scene, scope: Scope) -> str:
    """Return how wide in words without values; roles and unknown words are never named in a chat (D14)."""
    match scope.kind:
        case ScopeKind.EVERYTHING:
            return scene.say("scope.everything")
        case ScopeKind.ROLES:
            return scene.say("scope_word.other")
        case ScopeKind.PURPOSES:
            return _only(scene, scope.names, SHOWABLE_PURPOSES)
        case ScopeKind.FIELDS:
            return _only(scene, scope.names, SHOWABLE)


def _only(scene: Scene, names: Sequence[str], allowed: Sequence[str]) -> str:
    words = [_showable(scene, name, allowed) for name in names]
    if not words or not all(words):
        return scene.say("scope_word.other")
    return scene.say("scope.fields", {"names": scene.texts.together(scene.language, words)})


def known_words(scene: Scene, scope: Scope) -> tuple[str, ...]:
    """Return the field words of a scope that may be shown, in the scene's language."""
    return tuple(word for name in scope.names if (word := _showable(scene, name, SHOWABLE)))


def _showable(scene: Scene, name: str, allowed: Sequence[str]) -> str:
    spelled = name.strip().casefold()
    for key in allowed:
        if spelled in {key, *(scene.texts.say(language, f"scope_word.{key}") for language in Language)}:
            return scene.say(f"scope_word.{key}")
    return ""


def clock(scene: Scene, ticket: Ticket) -> Deadlines:
    """Return the deadlines of the open part that is to be answered first (of all parts when closed)."""
    return nearest(ticket, scene.calendar)


def dates(scene: Scene, ticket: Ticket) -> str:
    """Return "Måldatum tors 2 april (18 arbetsdagar) · sista dag tis 7 april"."""
    days = clock(scene, ticket)
    return _dates(scene, days, scene.day(days.safe_target), scene.day(days.last_day))


def dates_of(scene: Scene, ticket: Ticket, part: Part) -> str:
    """Return the same for one part: its own receipt, its own dates."""
    days = in_force(ticket, part, scene.calendar)
    return _dates(scene, days, scene.day(days.safe_target), scene.day(days.last_day))


def dates_aloud(scene: Scene, ticket: Ticket) -> str:
    """Return the same with whole dates and without signs, to be read aloud."""
    days = clock(scene, ticket)
    target = scene.texts.long_day(scene.language, days.safe_target)
    last = scene.texts.long_day(scene.language, days.last_day)
    return aloud(_dates(scene, days, target, last))


def left_to(scene: Scene, day: date) -> str:
    """Return "18 arbetsdagar" from today to *day*, counted positive whichever comes first."""
    return scene.count(abs(scene.calendar.working_days_between(scene.today, day)), "count.working_days")


def _dates(scene: Scene, days: Deadlines, target: str, last: str) -> str:
    facts = {"target": target, "last": last}
    if scene.today < days.safe_target:
        return scene.say("card.dates", {**facts, "left": left_to(scene, days.safe_target)})
    if scene.today == days.safe_target:
        return scene.say("card.dates_target_today", facts)
    if scene.today < days.last_day:
        return scene.say("card.dates_target_passed", {**facts, "left": left_to(scene, days.last_day)})
    if scene.today == days.last_day:
        return scene.say("card.dates_last_today", facts)
    if scene.calendar.working_days_between(scene.today, days.last_day) == 0:
        return scene.say("card.dates_overdue_just", facts)
    return scene.say("card.dates_overdue", {**facts, "late": left_to(scene, days.last_day)})


def waiting_line(scene: Scene, ticket: Ticket) -> str:
    """Return "Väntar på: Karin (HubSpot), Sara (Eventbrite)", or what the desk itself is doing; "" for neither."""
    named = who(scene, ticket)
    if named:
        return scene.say("card.waiting_for", {"who": named})
    doing = next((wait.what for wait in waits(scene, ticket) if wait.on is Waiter.DESK), None)
    return scene.say(f"card.doing.{doing}") if doing else ""


def aloud(*sentences: str) -> str:
    """Return the sentences as speech: middle dots become commas, and each ends in a full stop."""
    spoken = (capital(sentence.replace(DOT, ", ").strip()) for sentence in sentences if sentence.strip())
    return " ".join(one if one.endswith((".", "?", "…")) else f"{one}." for one in spoken)
