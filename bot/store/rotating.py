"""Wrapping every live data key anew, when the ring has a new first key (D24)."""

from bot.store.opening import Store, prove_ring
from bot.store.session import Session
from bot.store.trouble import translated
from bot.store.vault import rewrap


async def rotate(store: Store) -> int:
    """Wrap every live key anew with the ring's first key, some hundreds at a time; return how many (D24).

    When it returns, the other keys of the ring are needed by nothing but old copies of the database.
    """
    done, moved = 0, 1
    while moved:
        with translated():
            async with store.session.transaction() as db:
                moved = await rewrap(Session(db), store.keys)
                await prove_ring(Session(db), store.keys, renew=not moved)
        done += moved
    await store.clean_log()  # the old wrapping stands there
    return done
