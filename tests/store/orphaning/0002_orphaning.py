"""A migration that leaves a part without its ticket."""  # noqa: N999 - a migration's name

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Delete the parents."""

    dependencies = [("store", "0001_first")]  # noqa: RUF012 - the shape Tortoise asks for
    operations = [ops.RunSQL("DELETE FROM ticket", reverse_sql=ops.RunSQL.noop)]  # noqa: RUF012
