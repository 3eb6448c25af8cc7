"""How often the proposals were right and how the days are kept: counts, private to the asker."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.card import Card, CardElement, Facts, Table, Text
from bot.cards.progress import aloud
from bot.cards.scene import Scene
from bot.domain.accuracy import NO_BAND, Accuracy, Report, Verdict
from bot.domain.kept import Kept

ABOUT: Final = "stats"
MONTHS: Final = 12  # the latest


def stats_card(scene: Scene, found: Report, days: Kept) -> Card:
    """Return the card."""
    title = scene.say("stats.title")
    said = _said(scene, found.whole)
    elements = (
        Text(scene.say("stats.proposals"), strong=True),
        Text(said),
        Facts(tuple(_facts(scene, found.whole))),
        *_tables(scene, found),
        Text(scene.say("stats.deadlines"), strong=True),
        Facts(tuple(_days(scene, days))),
        Text(scene.say("stats.how"), muted=True),
    )
    return Card(title, elements, aloud(title, said), ABOUT)


def _said(scene: Scene, whole: Accuracy) -> str:
    if whole.right is None:
        return scene.say("stats.none_decided")
    return scene.say("stats.right", {"percent": _number(scene, whole.right), "decided": _number(scene, whole.decided)})


def _facts(scene: Scene, whole: Accuracy) -> Iterator[tuple[str, str]]:
    changed = {scene.say(f"stats.changed_{name}"): n for name, n in whole.changed.items()}
    reasons = {scene.say(f"reason.{reason}"): n for reason, n in whole.reasons.items()}
    verdicts = whole.verdicts
    yield scene.say("stats.unchanged"), _number(scene, verdicts.get(Verdict.UNCHANGED, 0))
    yield scene.say("stats.changed"), _with(scene, verdicts.get(Verdict.CHANGED, 0), changed)
    yield scene.say("stats.dismissed"), _with(scene, verdicts.get(Verdict.DISMISSED, 0), reasons)
    yield scene.say("stats.waiting"), _number(scene, verdicts.get(Verdict.WAITING, 0))
    yield scene.say("stats.undone"), _number(scene, whole.undone)
    yield scene.say("stats.missed"), _number(scene, whole.missed)
    yield scene.say("stats.quiet"), _number(scene, whole.quiet)


def _tables(scene: Scene, found: Report) -> Iterator[CardElement]:
    months = dict(list(found.months.items())[-MONTHS:])
    bands = {scene.say("stats.band_unknown") if b == NO_BAND else f"{b} %": one for b, one in found.bands.items()}
    for key, rows in (("month", months), ("band", bands)):
        if rows:
            columns = ("decided", "right", "changed", "dismissed", "missed")
            head = (scene.say(f"stats.head_{key}"), *(scene.say(f"stats.head_{column}") for column in columns))
            yield Table(head, tuple(_row(scene, name, one) for name, one in rows.items()))


def _row(scene: Scene, name: str, one: Accuracy) -> tuple[str, ...]:
    right = "–" if one.right is None else f"{_number(scene, one.right)} %"
    counts = (one.verdicts.get(Verdict.CHANGED, 0), one.verdicts.get(Verdict.DISMISSED, 0), one.missed)
    return (name, _number(scene, one.decided), right, *(_number(scene, n) for n in counts))


def _days(scene: Scene, days: Kept) -> Iterator[tuple[str, str]]:
    for key in ("in_time", "late", "open", "past_target", "overdue"):
        yield scene.say(f"stats.{key}"), _number(scene, getattr(days, key))


def _with(scene: Scene, n: int, parts: Mapping[str, int]) -> str:
    """Return "5 (rättigheter 3, omfattning 2)"."""
    listed = ", ".join(f"{name} {_number(scene, count)}" for name, count in parts.items())
    return f"{_number(scene, n)} ({listed})" if listed else _number(scene, n)


def _number(scene: Scene, n: int) -> str:
    return scene.texts.number(scene.language, n)
