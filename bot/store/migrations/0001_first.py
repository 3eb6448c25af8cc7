"""The first tables, their indexes by name, and the triggers that keep the ledger append-only.

Written by hand from here on: only additive migrations, indexes through RunSQL, trigger
bodies through RunPython (RunSQL splits at semicolons). See `rows` and `migrating`.
"""

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE UNIQUE INDEX ticket_ref ON ticket (ref)",
    "CREATE INDEX ticket_closed_at ON ticket (closed_at)",
    "CREATE INDEX part_ticket ON part (ticket_id)",
    "CREATE INDEX part_open ON part (ticket_id) WHERE stage <> 'closed'",
    "CREATE INDEX task_ticket ON task (ticket_id)",
    "CREATE INDEX task_part ON task (part_id)",
    "CREATE INDEX letter_ticket ON letter (ticket_id)",
    "CREATE UNIQUE INDEX item_source ON item (source_key)",
    "CREATE INDEX item_waiting ON item (received) WHERE state = 'waiting'",
    "CREATE UNIQUE INDEX link_session ON link (session_digest) WHERE session_digest <> ''",
    "CREATE INDEX link_about ON link (about)",
    "CREATE UNIQUE INDEX post_id ON post (id)",
    "CREATE INDEX post_about ON post (about)",
    "CREATE INDEX post_feed ON post (chat, address, seq)",
    "CREATE INDEX review_open ON review (rule) WHERE state <> 'done'",
    "CREATE UNIQUE INDEX ledger_chain_seq ON ledger (chain, seq)",
    "CREATE UNIQUE INDEX digest_number ON digest (number)",
    "CREATE UNIQUE INDEX job_waiting_key ON job (key) WHERE state = 'waiting'",
    "CREATE INDEX job_running_key ON job (key) WHERE state = 'running'",
    "CREATE INDEX job_due ON job (state, run_after)",
    "CREATE UNIQUE INDEX tick_once ON tick (name, at)",
    "CREATE UNIQUE INDEX vault_key_owner ON vault_key (owner, shelf)",
    "CREATE UNIQUE INDEX vault_content_chunk ON vault_content (owner, shelf, name, number)",
    "CREATE UNIQUE INDEX blind_index_once ON blind_index (digest, ticket_id)",
    "CREATE INDEX blind_index_ticket ON blind_index (ticket_id)",
]

POSTGRES_REFUSAL = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def below(table: str, column: str, name: str) -> Any:
    """Return a reference to a parent row, which cannot go while there is a child."""
    return fields.ForeignKeyField(
        f"store.{table}", source_field=column, to_field="id", related_name=name, on_delete=fields.RESTRICT
    )


async def make_append_only(_apps: object, editor: Any) -> None:
    """Refuse to change or remove what the ledger and the digests hold."""
    run = editor.client.execute_query
    if editor.DIALECT == "sqlite":
        for table in ("ledger", "digest"):
            for verb in ("UPDATE", "DELETE"):
                name = f"{table}_no_{verb.lower()}"
                refusal = f"SELECT RAISE(ABORT, '{table} is append-only');"
                await run(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN {refusal} END")
        return
    await run(POSTGRES_REFUSAL)
    for table in ("ledger", "digest"):
        await run(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


class Migration(migrations.Migration):
    """Everything the first version keeps."""

    initial = True

    operations = [  # noqa: RUF012 - the shape Tortoise asks for
        ops.CreateModel(
            name="TicketRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("ref", fields.CharField(max_length=64)),
                ("channel", fields.CharField(max_length=64)),
                ("language", fields.CharField(max_length=64)),
                ("received", fields.DatetimeField()),
                ("roles", fields.JSONField()),
                ("route", fields.CharField(max_length=64)),
                ("flags", fields.JSONField()),
                ("identity", fields.JSONField()),
                ("forwarded_at", fields.DatetimeField(null=True)),
                ("unsure_clock", fields.BooleanField()),
                ("changes", fields.IntField()),
                ("handler", fields.CharField(max_length=64)),
                ("confirmed_by", fields.CharField(max_length=64)),
                ("closed_at", fields.DatetimeField(null=True)),
                ("version", fields.IntField()),
            ],
            options={"table": "ticket", "app": "store"},
        ),
        ops.CreateModel(
            name="PartRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("ticket", below("TicketRow", "ticket_id", "parts")),
                ("position", fields.IntField()),
                ("type", fields.CharField(max_length=64)),
                ("received", fields.DatetimeField()),
                ("scope", fields.JSONField()),
                ("stage", fields.CharField(max_length=64)),
                ("outcome", fields.CharField(null=True, max_length=64)),
                ("reason", fields.CharField(max_length=255)),
                ("closed_at", fields.DatetimeField(null=True)),
                ("package_fetched_at", fields.DatetimeField(null=True)),
                ("reopened_at", fields.DatetimeField(null=True)),
                ("version", fields.IntField()),
            ],
            options={"table": "part", "app": "store"},
        ),
        ops.CreateModel(
            name="TaskRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("ticket", below("TicketRow", "ticket_id", "tasks")),
                ("part", below("PartRow", "part_id", "tasks")),
                ("position", fields.IntField()),
                ("system", fields.CharField(max_length=64)),
                ("operation", fields.CharField(max_length=64)),
                ("mode", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=64)),
                ("irreversible", fields.BooleanField()),
                ("found", fields.JSONField()),
                ("done", fields.JSONField()),
                ("approvals", fields.JSONField()),
                ("ground", fields.CharField(max_length=255)),
                ("proposed_by", fields.CharField(max_length=64)),
                ("declined_by", fields.CharField(max_length=64)),
                ("reason", fields.CharField(max_length=255)),
                ("trouble", fields.CharField(max_length=255)),
                ("attempts", fields.IntField()),
                ("token", fields.CharField(max_length=64)),
                ("writing_since", fields.DatetimeField(null=True)),
                ("waiting_since", fields.DatetimeField(null=True)),
                ("settled_at", fields.DatetimeField(null=True)),
                ("settled_by", fields.CharField(max_length=64)),
                ("version", fields.IntField()),
            ],
            options={"table": "task", "app": "store"},
        ),
        ops.CreateModel(
            name="LetterRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("ticket", below("TicketRow", "ticket_id", "letters")),
                ("position", fields.IntField()),
                ("kind", fields.CharField(max_length=64)),
                ("part_ids", fields.JSONField()),
                ("state", fields.CharField(max_length=64)),
                ("drafted_at", fields.DatetimeField(null=True)),
                ("edited_by", fields.CharField(max_length=64)),
                ("approved_by", fields.CharField(max_length=64)),
                ("sent_at", fields.DatetimeField(null=True)),
                ("version", fields.IntField()),
            ],
            options={"table": "letter", "app": "store"},
        ),
        ops.CreateModel(
            name="ItemRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("source_key", fields.CharField(max_length=64)),
                ("received", fields.DatetimeField()),
                ("state", fields.CharField(max_length=64)),
                ("route", fields.CharField(max_length=64)),
                ("ticket_id", fields.CharField(max_length=64)),
                ("broken", fields.BooleanField()),
                ("version", fields.IntField()),
            ],
            options={"table": "item", "app": "store"},
        ),
        ops.CreateModel(
            name="LinkRow",
            fields=[
                ("digest", fields.CharField(max_length=64, primary_key=True)),
                ("purpose", fields.CharField(max_length=64)),
                ("about", fields.CharField(max_length=64)),
                ("expires_at", fields.DatetimeField()),
                ("colleague", fields.CharField(max_length=64)),
                ("used_at", fields.DatetimeField(null=True)),
                ("session_digest", fields.CharField(max_length=64)),
                ("session_until", fields.DatetimeField(null=True)),
            ],
            options={"table": "link", "app": "store"},
        ),
        ops.CreateModel(
            name="PostRow",
            fields=[
                ("seq", fields.BigIntField(primary_key=True)),
                ("id", fields.CharField(max_length=64)),
                ("chat", fields.CharField(max_length=64)),
                ("address", fields.CharField(max_length=255)),
                ("about", fields.CharField(max_length=255)),
                ("message_id", fields.CharField(max_length=255)),
                ("told_seq", fields.IntField()),
                ("created_at", fields.DatetimeField()),
            ],
            options={"table": "post", "app": "store"},
        ),
        ops.CreateModel(
            name="ReviewRow",
            fields=[
                ("id", fields.CharField(max_length=64, primary_key=True)),
                ("rule", fields.CharField(max_length=255)),
                ("system", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=64)),
                ("started_at", fields.DatetimeField()),
                ("count", fields.IntField()),
                ("exempt", fields.JSONField()),
                ("opened_by", fields.JSONField()),
                ("approved_by", fields.JSONField()),
                ("postponed_until", fields.DateField(null=True)),
                ("done", fields.IntField()),
                ("version", fields.IntField()),
            ],
            options={"table": "review", "app": "store"},
        ),
        ops.CreateModel(
            name="LedgerRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("chain", fields.CharField(max_length=64)),
                ("seq", fields.IntField()),
                ("at", fields.DatetimeField()),
                ("event", fields.CharField(max_length=64)),
                ("actor", fields.CharField(max_length=255)),
                ("facts", fields.JSONField()),
                ("previous", fields.CharField(max_length=64)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={"table": "ledger", "app": "store"},
        ),
        ops.CreateModel(
            name="DigestRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("number", fields.IntField()),
                ("at", fields.DatetimeField()),
                ("heads", fields.JSONField()),
                ("signature", fields.CharField(max_length=64)),
            ],
            options={"table": "digest", "app": "store"},
        ),
        ops.CreateModel(
            name="JobRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("kind", fields.CharField(max_length=64)),
                ("key", fields.CharField(max_length=255)),
                ("ids", fields.JSONField()),
                ("state", fields.CharField(max_length=64)),
                ("run_after", fields.DatetimeField()),
                ("attempts", fields.IntField()),
                ("failures", fields.IntField()),
                ("token", fields.CharField(max_length=64)),
                ("lease_until", fields.DatetimeField(null=True)),
            ],
            options={"table": "job", "app": "store"},
        ),
        ops.CreateModel(
            name="TickRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("name", fields.CharField(max_length=255)),
                ("at", fields.DatetimeField()),
            ],
            options={"table": "tick", "app": "store"},
        ),
        ops.CreateModel(
            name="VaultKeyRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("owner", fields.CharField(max_length=64)),
                ("shelf", fields.CharField(max_length=64)),
                ("ring_key", fields.CharField(max_length=64)),
                ("wrapped", fields.BinaryField(null=True)),
            ],
            options={"table": "vault_key", "app": "store"},
        ),
        ops.CreateModel(
            name="VaultContentRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("owner", fields.CharField(max_length=64)),
                ("shelf", fields.CharField(max_length=64)),
                ("name", fields.CharField(max_length=255)),
                ("number", fields.IntField()),
                ("count", fields.IntField()),
                ("sealed", fields.BinaryField()),
            ],
            options={"table": "vault_content", "app": "store"},
        ),
        ops.CreateModel(
            name="IndexRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("ticket_id", fields.CharField(max_length=64)),
                ("digest", fields.CharField(max_length=64)),
            ],
            options={"table": "blind_index", "app": "store"},
        ),
        ops.CreateModel(
            name="CounterRow",
            fields=[
                ("name", fields.CharField(max_length=64, primary_key=True)),
                ("value", fields.IntField()),
            ],
            options={"table": "counter", "app": "store"},
        ),
        ops.CreateModel(
            name="MetaRow",
            fields=[
                ("name", fields.CharField(max_length=64, primary_key=True)),
                ("value", fields.BinaryField()),
            ],
            options={"table": "meta", "app": "store"},
        ),
        ops.RunSQL(INDEXES, reverse_sql=ops.RunSQL.noop),
        ops.RunPython(make_append_only, reverse_code=ops.RunPython.noop),
    ]
