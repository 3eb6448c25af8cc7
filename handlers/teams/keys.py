"""The public keys of who signs what Teams sends.

A list that came stands for a day and is renewed behind whoever asks, so that nothing closes while Microsoft does not
tell it (learn.microsoft.com, "Authentication with the Bot Connector API": it is cached, and at least daily told anew).
It is fetched once for all who wait, in nobody else's threads, and after a failure not again at once: who asks may be
anybody.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import aiohttp
from jwt import PyJWK, PyJWKSet, PyJWTError

log = logging.getLogger(__name__)

#: Where the Bot Framework tells its keys.
LIST: Final = "https://login.botframework.com/v1/.well-known/keys"
#: What a key of the Bot Framework must be endorsed for (the same page, "Requirements for Connector to bot").
TEAMS: Final = "msteams"
#: Seconds Microsoft may take to tell its keys: Teams itself waits five for an answer.
PATIENCE: Final = 4.0
#: Seconds after which a list is renewed, and after which it stands no longer.
FRESH: Final = 300.0
KEPT: Final = 86_400.0
#: Seconds for which a list is not fetched again for a key that is not on it, and after it did not come.
COOLED: Final = 30.0
PAUSE: Final = 5.0


class OutOfReach(Exception):
    """There is no list, or none that still stands, and Microsoft does not tell it."""


class NoSuchKey(Exception):
    """No key of that name is on the list."""


class NotForTeams(Exception):
    """The key may sign for other channels only."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A list and when it came. `endorsed` may sign for Teams; None where keys say nothing of the kind."""

    keys: Mapping[str, PyJWK]
    endorsed: frozenset[str] | None
    at: float


class Keys:
    """The keys that are listed at one address."""

    def __init__(self, url: str = LIST) -> None:
        self._url = url
        self._told: _Told | None = None
        self._failed_at = float("-inf")
        self._renewal: asyncio.Task[_Told | None] | None = None

    async def key(self, name: str) -> PyJWK:
        """Return a key that may sign for Teams. Raises `OutOfReach`, `NoSuchKey`, `NotForTeams`."""
        told = self._told
        if told is None or (age := monotonic() - told.at) >= (KEPT if name in told.keys else COOLED):
            told = await self._renewed()
        elif age >= FRESH:
            self._renew()
        if name not in told.keys:
            raise NoSuchKey
        if told.endorsed is not None and name not in told.endorsed:
            raise NotForTeams
        return told.keys[name]

    async def _renewed(self) -> _Told:
        renewal = self._renew()
        told = await asyncio.shield(renewal) if renewal else None
        if told is None:
            raise OutOfReach
        return told

    def _renew(self) -> "asyncio.Task[_Told | None] | None":
        """Return the renewal under way, begun here if none was; None shortly after one that failed."""
        if self._renewal is None and monotonic() - self._failed_at >= PAUSE:
            self._renewal = asyncio.create_task(self._fetch())
        return self._renewal

    async def _fetch(self) -> _Told | None:
        try:
            self._told = await fetched(self._url)
        except OutOfReach:
            self._failed_at = monotonic()
            log.warning("Microsoft's keys do not come")
            return None
        finally:
            self._renewal = None
        return self._told


async def fetched(url: str = LIST) -> _Told:
    """Return a list as it is told now. Raises `OutOfReach`."""
    patience = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience, raise_for_status=True) as session,
            session.get(url, allow_redirects=False) as reply,
        ):
            return _read(await reply.json(content_type=None))
    except (TimeoutError, aiohttp.ClientError, OSError, PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        raise OutOfReach from None


def _read(said: Any) -> _Told:
    listed = {key.key_id: key for key in PyJWKSet.from_dict(said).keys if key.public_key_use in {"sig", None}}
    says = [one for one in said["keys"] if isinstance(one, dict) and isinstance(one.get("endorsements"), list)]
    endorsed = frozenset(str(one.get("kid")) for one in says if TEAMS in one["endorsements"]) if says else None
    return _Told({name: key for name, key in listed.items() if name}, endorsed, monotonic())
