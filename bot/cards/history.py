"""One short line per ledger entry, for the thread below a ticket's card (cards.md rule 1).

The ledger holds ids, counts and keys only, so a line can hold nothing else. Entries that
concern no colleague's next step (looks, attempts, retries' troubles) stay in the ledger:
a thread that says everything is read by nobody.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.cards.lettering import named
from bot.cards.scene import Scene, capital, dotted
from bot.domain.ledger import AGAIN, CARD, Entry, LedgerEvent
from bot.domain.letter import LetterKind

QUIET: Final = frozenset(
    {
        LedgerEvent.ITEM_READ,
        LedgerEvent.ITEM_DISMISSED,
        LedgerEvent.ITEM_RETURNED,
        LedgerEvent.LOOKED,
        LedgerEvent.SOUGHT,
        LedgerEvent.PEOPLE_CHANGED,
        LedgerEvent.PERSON_MAPPED,
        LedgerEvent.PERSON_UNMAPPED,
        LedgerEvent.SHIFT_SET,
        LedgerEvent.STOPPED,
        LedgerEvent.RESUMED,
        LedgerEvent.ATTEMPTED,
        LedgerEvent.COPY_JUDGED,
        LedgerEvent.TROUBLE,
        LedgerEvent.LETTER_SENDING,
        LedgerEvent.REFUSED,
        LedgerEvent.SIGNED_IN,
        LedgerEvent.SIGNED_OUT,
        LedgerEvent.DIGEST,
    }
)

#: Facts that are keys, and below which prefix their words stand.
_KEYED: Final[Mapping[str, str]] = {
    "right": "right",
    "stage": "stage",
    "outcome": "outcome",
    "method": "method",
    "shelf": "shelf",
    "because": "incident_not_needed",
    "way": "returned_way",
    "found": "wrong_found_told",
    "how": "withdrawn_by_told",
}


#: Facts that are said with their word: what is counted, and the texts that count it.
_COUNTED: Final = (("records", "count.records"), ("unanswered", "count.systems"))

#: Events that tell of something else when they hold a fact: event, fact, key below `history.more`.
_TOLD_APART: Final = (
    (LedgerEvent.CHANGED, "system", "kept_open"),
    (LedgerEvent.CHANGED, "part", "changed_part"),
    (LedgerEvent.CONFIRMED, "part", "confirmed_part"),
    (LedgerEvent.DISMISSED, "part", "dismissed_part"),
    (LedgerEvent.REOPENED, "part", "reopened_part"),
    (LedgerEvent.TICKET_JOINED, "ref", "joined_from"),
    (LedgerEvent.BY_HAND, "files", "file_added"),
    (LedgerEvent.LOOKED, CARD, "looked_at_card"),
    (LedgerEvent.ATTEMPTED, AGAIN, "looking_again"),
    (LedgerEvent.TROUBLE, AGAIN, "left_there"),
    (LedgerEvent.LETTER_DOUBTFUL, "unwritten", "unwritten"),
    (LedgerEvent.RETRIED, "letter", "written_again"),
    (LedgerEvent.LETTER_SETTLED, "dropped", "letter_dropped"),
    (LedgerEvent.REAPPEARED, "approved", "more_than_approved"),
    (LedgerEvent.CORRECTIONS_WRITTEN, "emptied", "corrections_emptied"),
    (LedgerEvent.WITHDRAWN, "how", "withdrawn_told"),
    (LedgerEvent.SILENCE, "letter", "without_id"),
    (LedgerEvent.WRONG_PERSON, "letter", "wrong_letter"),
)


def history_line(entry: Entry, scene: Scene) -> str:
    """Return the entry as one line with its time, or "" when it is not told."""
    return "" if entry.event in QUIET else dotted(scene.when(entry.at), sentence(entry, scene))


def sentence(entry: Entry, scene: Scene) -> str:
    """Return any entry in plain words, those a thread leaves out included."""
    alone = scene.say("history.more.alone") if entry.facts.get("people") == 1 else ""
    said = f"{capital(scene.say(_key(entry), _facts(entry, scene)))} {_why_again(entry, scene)}".rstrip()
    return dotted(said, alone)


def _why_again(entry: Entry, scene: Scene) -> str:
    """Return why something was opened again, by the reason's key; "" for everything else."""
    if entry.event is not LedgerEvent.REOPENED or not entry.facts.get("reason"):
        return ""
    return scene.say("history.more.why_again", {"reason": scene.say(f"reason.{entry.facts['reason']}")})


def _key(entry: Entry) -> str:
    """Return the sentence's key: some events are written for more than one happening."""
    facts = entry.facts
    for event, fact, key in _TOLD_APART:
        if entry.event is event and fact in facts:
            return f"history.more.{key}"
    match entry.event:
        case LedgerEvent.APPROVED if facts.get("of") == 2:
            return "history.more.approved_of"
        case LedgerEvent.PARTED if facts.get("stay"):
            return "history.more.parted_some"
        case LedgerEvent.SEARCHED if "system" not in facts:
            return "history.more.rechecked_partly" if facts.get("unanswered") else "history.more.rechecked"
        case LedgerEvent.FORGOTTEN if "shelf" not in facts:
            return "history.more.forgotten"
        case event:
            return f"history.{event}"


def _moved(entry: Entry, scene: Scene) -> dict[str, str]:
    """Return how much went from one ticket to another, counted in words."""
    counts = {name: entry.facts.get(name) for name in ("mails", "parts", "stay")}
    return {name: scene.count(n, f"count.moved_{name}") for name, n in counts.items() if isinstance(n, int)}


def _extended(entry: Entry, scene: Scene) -> dict[str, str]:
    """Return until when a deadline is extended, and on which of the law's reasons."""
    if entry.event is not LedgerEvent.EXTENDED:
        return {}
    reasons = [scene.say(f"extension_reason.{one}") for one in str(entry.facts["reasons"]).split(",")]
    until = scene.texts.long_day(scene.language, date.fromisoformat(str(entry.facts["until"])))
    return {"reasons": scene.texts.together(scene.language, reasons), "until": until}


def _facts(entry: Entry, scene: Scene) -> dict[str, str]:
    said = {name: str(value) for name, value in entry.facts.items()}
    for name, prefix in _KEYED.items():
        if name in said and scene.texts.has(f"{prefix}.{said[name]}"):
            said[name] = scene.say(f"{prefix}.{said[name]}")
    if "operation" in said:
        done = entry.event in (LedgerEvent.CARRIED_OUT, LedgerEvent.SEARCHED)
        said["operation"] = scene.say(f"{'operation_done' if done else 'operation_the'}.{entry.facts['operation']}")
    said |= _moved(entry, scene) | _extended(entry, scene)
    if "system" in said:
        said["system"] = scene.system(said["system"])
    if said.get("letter") in set(LetterKind):
        said["letter"] = named(scene, LetterKind(said["letter"]))
    if "to" in said:
        said["to"] = scene.name(said["to"])
    said |= {name: scene.count(n, word) for name, word in _COUNTED if isinstance(n := entry.facts.get(name), int)}
    if entry.event is LedgerEvent.IDENTITY_SETTLED:
        said["state"] = scene.say(f"identity_state.{entry.facts['state']}")
    if entry.event is LedgerEvent.BY_HAND and "state" in said:
        said["result"] = scene.say(f"task_state.{entry.facts['state']}")
    if entry.event is LedgerEvent.DISMISSED:
        said["reason"] = scene.say(f"reason.{entry.facts['reason']}")
    return said | {"who": scene.name(entry.actor)}
