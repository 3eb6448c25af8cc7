"""Where everything is kept: tables, vault, ledger, job rows. Tortoise lives here and nowhere else.

`migrate(url, clock)`, then `open_store(url, ...)`; the `Work` port is `store.work`, the
job loop's side is `store.queue`. Whoever opens a store closes it.
"""

from bot.store.copying import backup, restore
from bot.store.keys import KeyRing, WrongKey, key_bytes, new_key
from bot.store.ledger import Digest
from bot.store.lock import store_lock
from bot.store.migrating import expire_backups, migrate
from bot.store.opening import Store, open_store
from bot.store.rotating import rotate
from bot.store.verifying import Bad, What, verify

__all__ = [
    "Bad",
    "Digest",
    "KeyRing",
    "Store",
    "What",
    "WrongKey",
    "backup",
    "expire_backups",
    "key_bytes",
    "migrate",
    "new_key",
    "open_store",
    "restore",
    "rotate",
    "store_lock",
    "verify",
]
