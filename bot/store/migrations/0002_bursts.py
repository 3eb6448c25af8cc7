"""Proposals opened lately (D36), and an index by which the ledger's reports find their events."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX burst_opened ON burst (opened_at)",
    "CREATE INDEX burst_burst ON burst (burst) WHERE burst <> ''",
    "CREATE INDEX ledger_event ON ledger (event, at)",
]


class Migration(migrations.Migration):
    """One row for each proposal of the last minutes, and for those that stand on a burst's card."""

    dependencies = [("store", "0001_first")]  # noqa: RUF012 - the shape Tortoise asks for

    operations = [  # noqa: RUF012
        ops.CreateModel(
            name="BurstRow",
            fields=[
                ("ticket_id", fields.CharField(max_length=64, primary_key=True)),
                ("opened_at", fields.DatetimeField()),
                ("burst", fields.CharField(max_length=64)),
                ("held", fields.BooleanField()),
            ],
            options={"table": "burst", "app": "store"},
        ),
        ops.RunSQL(INDEXES, reverse_sql=ops.RunSQL.noop),
    ]
