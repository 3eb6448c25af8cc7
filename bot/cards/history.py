"""One short line per ledger entry, for the thread below a ticket's card (cards.md rule 1).

The ledger holds ids, counts and keys only, so a line can hold nothing else. Entries that
concern no colleague's next step (looks, attempts, retries' troubles) stay in the ledger:
a thread that says everything is read by nobody.
"""

from collections.abc import Mapping
from typing import Final

from bot.cards.scene import Scene, capital, dotted
from bot.domain.ledger import Entry, LedgerEvent

QUIET: Final = frozenset(
    {
        LedgerEvent.ITEM_READ,
        LedgerEvent.ITEM_DISMISSED,
        LedgerEvent.ITEM_RETURNED,
        LedgerEvent.LOOKED,
        LedgerEvent.SOUGHT,
        LedgerEvent.ATTEMPTED,
        LedgerEvent.TROUBLE,
        LedgerEvent.LETTER_SENDING,
        LedgerEvent.REFUSED,
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
}


def history_line(entry: Entry, scene: Scene) -> str:
    """Return the entry as one line with its time, or "" when it is not told."""
    if entry.event in QUIET:
        return ""
    sentence = scene.say(_key(entry), _facts(entry, scene))
    return dotted(scene.when(entry.at), capital(sentence))


def _key(entry: Entry) -> str:
    """Return the sentence's key: some events are written for more than one happening."""
    facts = entry.facts
    match entry.event:
        case LedgerEvent.APPROVED if facts.get("of") == 2:
            return "history.more.approved_of"
        case LedgerEvent.CHANGED if "system" in facts:
            return "history.more.kept_open"
        case LedgerEvent.SEARCHED if "system" not in facts:
            return "history.more.rechecked"
        case LedgerEvent.BY_HAND if "files" in facts:
            return "history.more.file_added"
        case LedgerEvent.LETTER_DOUBTFUL if "unwritten" in facts:
            return "history.more.unwritten"
        case LedgerEvent.RETRIED if "letter" in facts:
            return "history.more.written_again"
        case LedgerEvent.FORGOTTEN if "shelf" not in facts:
            return "history.more.forgotten"
        case event:
            return f"history.{event}"


def _facts(entry: Entry, scene: Scene) -> dict[str, str]:
    said = {name: str(value) for name, value in entry.facts.items()}
    for name, prefix in _KEYED.items():
        if name in said and scene.texts.has(f"{prefix}.{said[name]}"):
            said[name] = scene.say(f"{prefix}.{said[name]}")
    if "operation" in said:
        done = entry.event in (LedgerEvent.CARRIED_OUT, LedgerEvent.SEARCHED)
        said["operation"] = scene.say(f"{'operation_done' if done else 'operation_the'}.{entry.facts['operation']}")
    if "system" in said:
        said["system"] = scene.system(said["system"])
    if "to" in said:
        said["to"] = scene.name(said["to"])
    if isinstance(found := entry.facts.get("records"), int):
        said["records"] = scene.count(found, "count.records")
    if entry.event is LedgerEvent.IDENTITY_SETTLED:
        said["state"] = scene.say(f"identity_state.{entry.facts['state']}")
    if entry.event is LedgerEvent.BY_HAND and "state" in said:
        said["result"] = scene.say(f"task_state.{entry.facts['state']}")
    if entry.event is LedgerEvent.DISMISSED:
        said["reason"] = scene.say(f"reason.{entry.facts['reason']}")
    return said | {"who": scene.name(entry.actor)}
