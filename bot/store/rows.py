"""The tables, as Tortoise rows. Columns only: rules live in the domain, conversion in `codec`.

Two decisions a newcomer would otherwise undo. Nothing that says who a person is stands
in any row: that lies sealed in the vault. And no row names an index or a constraint:
Tortoise creates some of them, leaves out others silently and loses all when SQLite
rebuilds a table, so the migrations create every one by name and a test reads them back.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model

ID = 64  # our ids are short; a digest in hex is 64
WORD = 64  # room for the longest enum value, so that a new value is no migration


class TicketRow(Model):
    """A ticket's own fields. Open or closed is asked of its parts, which know."""

    id = fields.CharField(ID, primary_key=True)
    ref = fields.CharField(ID)
    channel = fields.CharField(WORD)
    language = fields.CharField(WORD)
    received = fields.DatetimeField()
    roles: Any = fields.JSONField()
    route = fields.CharField(WORD)
    flags: Any = fields.JSONField()
    identity: Any = fields.JSONField()
    forwarded_at = fields.DatetimeField(null=True)
    unsure_clock = fields.BooleanField()
    changes = fields.IntField()
    handler = fields.CharField(ID)
    confirmed_by = fields.CharField(ID)
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField()

    class Meta:
        table = "ticket"


class PartRow(Model):
    """One right asked."""

    id = fields.CharField(ID, primary_key=True)
    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "store.TicketRow", related_name="parts", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    type = fields.CharField(WORD)
    received = fields.DatetimeField()
    scope: Any = fields.JSONField()
    stage = fields.CharField(WORD)
    outcome = fields.CharField(WORD, null=True)
    reason = fields.CharField(255)
    closed_at = fields.DatetimeField(null=True)
    package_fetched_at = fields.DatetimeField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    version = fields.IntField()

    class Meta:
        table = "part"


class TaskRow(Model):
    """One operation in one system. `position` keeps the order they were planned in."""

    id = fields.CharField(ID, primary_key=True)
    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "store.TicketRow", related_name="tasks", on_delete=fields.RESTRICT
    )
    part: fields.ForeignKeyRelation[PartRow] = fields.ForeignKeyField(
        "store.PartRow", related_name="tasks", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    system = fields.CharField(ID)
    operation = fields.CharField(WORD)
    mode = fields.CharField(WORD)
    state = fields.CharField(WORD)
    irreversible = fields.BooleanField()
    found: Any = fields.JSONField()
    done: Any = fields.JSONField()
    approvals: Any = fields.JSONField()
    ground = fields.CharField(255)
    proposed_by = fields.CharField(ID)
    declined_by = fields.CharField(ID)
    reason = fields.CharField(255)
    trouble = fields.CharField(255)
    attempts = fields.IntField()
    token = fields.CharField(ID)
    writing_since = fields.DatetimeField(null=True)
    waiting_since = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(ID)
    version = fields.IntField()

    class Meta:
        table = "task"


class LetterRow(Model):
    """One letter's way; its words and recipient lie in the vault."""

    id = fields.CharField(ID, primary_key=True)
    ticket: fields.ForeignKeyRelation[TicketRow] = fields.ForeignKeyField(
        "store.TicketRow", related_name="letters", on_delete=fields.RESTRICT
    )
    position = fields.IntField()
    kind = fields.CharField(WORD)
    part_ids: Any = fields.JSONField()
    state = fields.CharField(WORD)
    drafted_at = fields.DatetimeField(null=True)
    edited_by = fields.CharField(ID)
    approved_by = fields.CharField(ID)
    sent_at = fields.DatetimeField(null=True)
    version = fields.IntField()

    class Meta:
        table = "letter"


class ItemRow(Model):
    """An incoming item; `source_key` is unique, so the same mail read twice is one item."""

    id = fields.CharField(ID, primary_key=True)
    source_key = fields.CharField(ID)
    received = fields.DatetimeField()
    state = fields.CharField(WORD)
    route = fields.CharField(WORD)
    ticket_id = fields.CharField(ID)
    broken = fields.BooleanField()
    version = fields.IntField()

    class Meta:
        table = "item"


class LinkRow(Model):
    """A single-use link by its digest; the token is nowhere."""

    digest = fields.CharField(ID, primary_key=True)
    purpose = fields.CharField(WORD)
    about = fields.CharField(ID)
    expires_at = fields.DatetimeField()
    colleague = fields.CharField(ID)
    used_at = fields.DatetimeField(null=True)
    session_digest = fields.CharField(ID)
    session_until = fields.DatetimeField(null=True)

    class Meta:
        table = "link"


class PostRow(Model):
    """A message in a chat. `seq` keeps the order of first posting, which a moment alone cannot."""

    seq = fields.BigIntField(primary_key=True)
    id = fields.CharField(ID)
    chat = fields.CharField(WORD)
    address = fields.CharField(255)
    about = fields.CharField(255)
    message_id = fields.CharField(255)
    told_seq = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "post"


class ReviewRow(Model):
    """One run of a retention rule; its list lies in the vault."""

    id = fields.CharField(ID, primary_key=True)
    rule = fields.CharField(255)
    system = fields.CharField(ID)
    state = fields.CharField(WORD)
    started_at = fields.DatetimeField()
    count = fields.IntField()
    exempt: Any = fields.JSONField()
    opened_by: Any = fields.JSONField()
    approved_by: Any = fields.JSONField()
    postponed_until = fields.DateField(null=True)
    done = fields.IntField()
    version = fields.IntField()

    class Meta:
        table = "review"


class LedgerRow(Model):
    """One entry of the append-only record; triggers refuse to change or delete it."""

    id = fields.BigIntField(primary_key=True)
    chain = fields.CharField(ID)
    seq = fields.IntField()
    at = fields.DatetimeField()
    event = fields.CharField(WORD)
    actor = fields.CharField(255)
    facts: Any = fields.JSONField()
    previous = fields.CharField(ID)
    hash = fields.CharField(ID)

    class Meta:
        table = "ledger"


class DigestRow(Model):
    """One day's signature over the heads of the chains that moved since the one before (D25)."""

    id = fields.BigIntField(primary_key=True)
    number = fields.IntField()
    at = fields.DatetimeField()
    heads: Any = fields.JSONField()
    signature = fields.CharField(ID)

    class Meta:
        table = "digest"


class JobRow(Model):
    """A wake-up call: ids only."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(WORD)
    key = fields.CharField(255)
    ids: Any = fields.JSONField()
    state = fields.CharField(WORD)
    run_after = fields.DatetimeField()
    attempts = fields.IntField()
    failures = fields.IntField()
    token = fields.CharField(ID)
    lease_until = fields.DatetimeField(null=True)

    class Meta:
        table = "job"


class TickRow(Model):
    """A tick that was fired, so that it is fired once (D35)."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(255)
    at = fields.DatetimeField()

    class Meta:
        table = "tick"


class VaultKeyRow(Model):
    """An owner's data key for one shelf, wrapped; NULL once it was shredded. `ring_key` names the key that wraps it."""

    id = fields.BigIntField(primary_key=True)
    owner = fields.CharField(ID)
    shelf = fields.CharField(WORD)
    ring_key = fields.CharField(WORD)
    wrapped = fields.BinaryField(null=True)

    class Meta:
        table = "vault_key"


class VaultContentRow(Model):
    """One sealed chunk of a content."""

    id = fields.BigIntField(primary_key=True)
    owner = fields.CharField(ID)
    shelf = fields.CharField(WORD)
    name = fields.CharField(255)
    number = fields.IntField()
    count = fields.IntField()
    sealed = fields.BinaryField()

    class Meta:
        table = "vault_content"


class IndexRow(Model):
    """A keyed digest by which a ticket is found."""

    id = fields.BigIntField(primary_key=True)
    ticket_id = fields.CharField(ID)
    digest = fields.CharField(ID)

    class Meta:
        table = "blind_index"


class BurstRow(Model):
    """A proposal opened lately, or one that stands on a burst's card."""

    ticket_id = fields.CharField(ID, primary_key=True)
    opened_at = fields.DatetimeField()
    burst = fields.CharField(ID)
    held = fields.BooleanField()

    class Meta:
        table = "burst"


class CounterRow(Model):
    """A number that only grows: the last reference of a year."""

    name = fields.CharField(WORD, primary_key=True)
    value = fields.IntField()

    class Meta:
        table = "counter"


class MetaRow(Model):
    """What the store knows of itself: proofs of its keys."""

    name = fields.CharField(WORD, primary_key=True)
    value = fields.BinaryField()

    class Meta:
        table = "meta"
