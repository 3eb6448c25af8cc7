"""Where everything is kept: tables, vault, ledger, job rows. Tortoise lives here and nowhere else.

`migrate(url, clock)`, then `open_store(url, ...)`; the `Work` port is `store.work`, the
job loop's side is `store.queue`. Whoever opens a store closes it.
"""

from bot.store.keys import KeyRing, WrongKey, key_bytes, new_key
from bot.store.ledger import Digest
from bot.store.lock import StoreLock
from bot.store.migrating import migrate
from bot.store.opening import Store, open_store
from bot.store.verifying import Bad, Why

__all__ = [
    "Bad",
    "Digest",
    "KeyRing",
    "Store",
    "StoreLock",
    "Why",
    "WrongKey",
    "key_bytes",
    "migrate",
    "new_key",
    "open_store",
]
