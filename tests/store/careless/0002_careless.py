"""What must never be committed: a changed column, for which SQLite's table is built anew."""  # noqa: N999 - a migration's name

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Widen a column of a parent table."""

    dependencies = [("store", "0001_first")]  # noqa: RUF012 - the shape Tortoise asks for
    operations = [ops.AlterField("TicketRow", "handler", fields.CharField(max_length=200))]  # noqa: RUF012
