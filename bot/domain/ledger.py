"""The ledger: an append-only chain of what happened, one chain per ticket (D25).

Entries hold ids, counts and reason keys, never personal data, so the chain still
proves itself after the vault has forgotten the person. Each entry's hash covers the
one before; a signed daily digest of the chains' heads is kept outside the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

GENESIS: Final = "0" * 64
#: Who acted where no colleague did: the desk by itself, or the person who asked. The desk's own chain is named so too.
DESK: Final = "desk"
PERSON: Final = "person"
#: Facts that tell two happenings of one event apart: a look at a ticket's card or form alone, none at its content;
#: and an attempt, or its trouble, that only looks whether what a colleague erased by hand is gone.
CARD: Final = "card"
AGAIN: Final = "again"


class LedgerEvent(StrEnum):
    """The closed vocabulary of what is ever written down."""

    ITEM_READ = "item.read"
    ITEM_DISMISSED = "item.dismissed"
    ITEM_RETURNED = "item.returned"
    TICKET_OPENED = "ticket.opened"
    ID_COPY_DROPPED = "ticket.id_copy_dropped"
    TICKET_JOINED = "ticket.joined"
    RESTRICTION_MARKED = "ticket.restriction_marked"
    JOINED_TO = "ticket.joined_to"
    PARTED = "ticket.parted"
    KEPT_APART = "ticket.kept_apart"
    REGRET_SETTLED = "ticket.regret_settled"
    CONFIRMED = "ticket.confirmed"
    CHANGED = "ticket.changed"
    DISMISSED = "ticket.dismissed"
    REOPENED = "ticket.reopened"
    WITHDRAWN = "ticket.withdrawn"
    EXTENDED = "ticket.extended"
    EXTENSION_LATE = "ticket.extension_late"
    ROAD_TAKEN = "ticket.road"
    SILENCE = "ticket.silence"
    HANDED_OVER = "ticket.handed_over"
    LOOKED = "ticket.looked"
    SOUGHT = "ticket.sought"
    PEOPLE_CHANGED = "desk.people_changed"
    PERSON_MAPPED = "desk.person_mapped"
    PERSON_UNMAPPED = "desk.person_unmapped"
    SHIFT_SET = "desk.shift_set"
    STOPPED = "desk.stopped"
    RESUMED = "desk.resumed"
    PART_ADDED = "part.added"
    STAGE = "part.stage"
    CLOSED = "part.closed"
    IDENTITY_SETTLED = "identity.settled"
    IDENTITY_ASKED = "identity.asked"
    IDENTITY_TRIED = "identity.tried"
    IDENTITY_ATTESTED = "identity.attested"
    AUTHORITY_SHOWN = "identity.authority"
    IDENTITY_PROVEN = "identity.proven"
    IDENTITY_FAILED = "identity.failed"
    ORIGINAL_LEFT = "original.left"
    ORIGINAL_REMOVED = "original.removed"
    SEARCHED = "task.searched"
    APPROVED = "task.approved"
    DECLINE_PROPOSED = "task.decline_proposed"
    DECLINED = "task.declined"
    UNCONFIRMED = "task.unconfirmed"
    UNLOCKED = "task.unlocked"
    SHARED_RULED = "task.shared_ruled"
    COPY_JUDGED = "task.copy_judged"
    COPY_REVIEWED = "task.copy_reviewed"
    SEARCH_WIDENED = "task.search_widened"
    REAPPEARED = "task.reappeared"
    HELD = "hold.set"
    RELEASED = "hold.released"
    RECIPIENT = "recipient.answered"
    RECIPIENT_NAMED = "recipient.named"
    TRANSFER_APPROVED = "recipient.transfer_approved"
    ATTEMPTED = "task.attempted"
    CARRIED_OUT = "task.carried_out"
    TROUBLE = "task.trouble"
    RETRIED = "task.retried"
    BY_HAND = "task.by_hand"
    GROUND_CHOSEN = "restriction.ground_chosen"
    RESTRICTED = "restriction.begun"
    LIFT_ANNOUNCED = "restriction.lift_announced"
    LIFT_DECIDED = "restriction.lift_decided"
    RESTRICTION_LIFTED = "restriction.lifted"
    CORRECTIONS_WRITTEN = "task.corrections_written"
    LETTER_DRAFTED = "letter.drafted"
    LETTER_EDITED = "letter.edited"
    LETTER_APPROVED = "letter.approved"
    LETTER_SENDING = "letter.sending"
    LETTER_SENT = "letter.sent"
    LETTER_DOUBTFUL = "letter.doubtful"
    LETTER_RETURNED = "letter.returned"
    LETTER_SETTLED = "letter.settled"
    ANSWERED_BY_MACHINE = "ticket.answered_by_machine"
    PACKAGE_SEALED = "package.sealed"
    PACKAGE_FETCHED = "package.fetched"
    LINK_OPENED = "link.opened"
    UNDONE = "link.undone"
    REMINDED = "reminder.posted"
    WRONG_PERSON = "incident.wrong_person"
    INCIDENT_SUSPECTED = "incident.suspected"
    INCIDENT_STARTED = "incident.started"
    INCIDENT_RANG = "incident.rang"
    INCIDENT_MOVED = "incident.moved"
    INCIDENT_NOTIFIED = "incident.notified"
    INCIDENT_SETTLED = "incident.settled"
    REVIEW_STARTED = "retention.review_started"
    REVIEW_OPENED = "retention.review_opened"
    REVIEW_POSTPONED = "retention.review_postponed"
    REVIEW_APPROVED = "retention.review_approved"
    CLEARING_ASKED = "retention.clearing_asked"
    CLEARED = "retention.cleared"
    CLEARING_LAPSED = "retention.clearing_lapsed"
    FORGOTTEN = "vault.forgotten"
    REFUSED = "desk.refused"
    SIGNED_IN = "desk.signed_in"
    SIGNED_OUT = "desk.signed_out"
    DIGEST = "ledger.digest"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `chain` is a ticket's id (or `DESK`); `facts` are ids, counts and keys."""

    chain: str
    seq: int
    at: datetime
    event: LedgerEvent
    actor: str
    facts: Mapping[str, str | int]
    previous: str
    hash: str


def linked(
    chain: str,
    last: Entry | None,
    at: datetime,
    event: LedgerEvent,
    actor: str,
    facts: Mapping[str, str | int],
) -> Entry:
    """Return the next entry of *chain* after *last* (None: the first)."""
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    return Entry(chain, seq, at, event, actor, facts, previous, _digest(chain, seq, at, event, actor, facts, previous))


def first_bad(entries: Iterable[Entry]) -> Entry | None:
    """Return the first entry of one chain, in order, that does not follow from the one before; None if all do."""
    seq, previous = 1, GENESIS
    for entry in entries:
        sound = _digest(entry.chain, seq, entry.at, entry.event, entry.actor, entry.facts, previous)
        if entry.seq != seq or entry.previous != previous or entry.hash != sound:
            return entry
        seq, previous = seq + 1, entry.hash
    return None


def sign_heads(heads: Mapping[str, tuple[int, str]], at: datetime, key: bytes) -> str:
    """Return the keyed digest (hex) of every chain's head, `{chain: (seq, hash)}`, as of *at* (D25)."""
    text = json.dumps([_moment(at), sorted((chain, *head) for chain, head in heads.items())])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _digest(
    chain: str,
    seq: int,
    at: datetime,
    event: LedgerEvent,
    actor: str,
    facts: Mapping[str, str | int],
    previous: str,
) -> str:
    text = json.dumps([chain, seq, _moment(at), event, actor, sorted(facts.items()), previous], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
