"""Colleagues in the chats: whose a handle is, where a chat is written to; shifts set at the desk; what is stopped."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE UNIQUE INDEX chat_place_address ON chat_place (chat, tenant, address)",
    "CREATE UNIQUE INDEX chat_identity_handle ON chat_identity (chat, handle)",
    "CREATE INDEX shift_last_day ON shift (last_day)",
]


class Migration(migrations.Migration):
    """Four tables of ids, addresses of services and moments; no table that was there is touched."""

    dependencies = [("store", "0002_bursts")]  # noqa: RUF012 - the shape Tortoise asks for

    operations = [  # noqa: RUF012
        ops.CreateModel(
            name="PlaceRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("chat", fields.CharField(max_length=64)),
                ("tenant", fields.CharField(max_length=64)),
                ("address", fields.CharField(max_length=255)),
                ("conversation", fields.CharField(max_length=1023)),
                ("service_url", fields.CharField(max_length=1023)),
                ("kind", fields.CharField(max_length=64)),
                ("seen_at", fields.DatetimeField()),
            ],
            options={"table": "chat_place", "app": "store"},
        ),
        ops.CreateModel(
            name="IdentityRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("chat", fields.CharField(max_length=64)),
                ("handle", fields.CharField(max_length=255)),
                ("colleague", fields.CharField(max_length=64)),
                ("verified_at", fields.DatetimeField()),
            ],
            options={"table": "chat_identity", "app": "store"},
        ),
        ops.CreateModel(
            name="ShiftRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                ("first_day", fields.DateField()),
                ("last_day", fields.DateField()),
                ("colleague", fields.CharField(max_length=64)),
                ("set_by", fields.CharField(max_length=64)),
                ("set_at", fields.DatetimeField()),
            ],
            options={"table": "shift", "app": "store"},
        ),
        ops.CreateModel(
            name="PauseRow",
            fields=[
                ("system", fields.CharField(max_length=64, primary_key=True)),
                ("stopped_by", fields.CharField(max_length=64)),
                ("since", fields.DatetimeField()),
            ],
            options={"table": "pause", "app": "store"},
        ),
        ops.RunSQL(INDEXES, reverse_sql=ops.RunSQL.noop),
    ]
