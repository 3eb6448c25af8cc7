"""An additive migration as later ones will be: columns, an index, a table below an old one."""  # noqa: N999 - a migration's name

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """A column with a value for old rows, one without, an index on it, and a table."""

    dependencies = [("store", "0001_first")]  # noqa: RUF012 - the shape Tortoise asks for

    operations = [  # noqa: RUF012
        ops.AddField("TicketRow", "priority", fields.IntField(db_default=3)),
        ops.AddField("PartRow", "note", fields.CharField(max_length=64, null=True)),
        ops.RunSQL("CREATE INDEX ticket_priority ON ticket (priority)", reverse_sql=ops.RunSQL.noop),
        ops.CreateModel(
            name="RemarkRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True)),
                (
                    "ticket",
                    fields.ForeignKeyField("store.TicketRow", related_name="remarks", on_delete=fields.RESTRICT),
                ),
            ],
            options={"table": "remark", "app": "store"},
        ),
    ]
