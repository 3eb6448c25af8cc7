"""Migrations, in order. Additive only: see `bot.store.migrating`."""
