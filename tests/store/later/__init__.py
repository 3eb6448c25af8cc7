"""Our migrations, and one more after them."""

from bot.store import migrations

__path__ = [*migrations.__path__, *__path__]
