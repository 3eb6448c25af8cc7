"""A migration that fails after it has changed something."""  # noqa: N999 - a migration's name

from tortoise import migrations
from tortoise.migrations import operations as ops


def fail(_apps: object, _editor: object) -> None:
    """Fail, as a killed process would."""
    raise RuntimeError("killed")


class Migration(migrations.Migration):
    """Make a table, then fail."""

    dependencies = [("store", "0001_first")]  # noqa: RUF012 - the shape Tortoise asks for
    operations = [  # noqa: RUF012
        ops.RunSQL("CREATE TABLE half_done (id INT)", reverse_sql=ops.RunSQL.noop),
        ops.RunPython(fail),
    ]
