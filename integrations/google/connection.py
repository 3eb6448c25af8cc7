"""How a Google system is reached: signed in as a service account, within its quota, over the shared session."""

from typing import Protocol

import aiohttp

from bot.ports import Clock
from integrations.google.account import ServiceAccount, ServiceAccountTokens
from integrations.google.quota import overused, until_anew
from integrations.http import Api, Vendor, pace


class Reached(Protocol):
    """What the settings of such a system say of the way there; `seconds` is how long one call may take."""

    @property
    def base_url(self) -> str: ...
    @property
    def login_url(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def calls_per_minute(self) -> int: ...


def api_of(
    key: str,
    scope: str,
    settings: Reached,
    account: ServiceAccount,
    session: aiohttp.ClientSession,
    clock: Clock,
    *,
    otherwise: str,
) -> Api:
    """Return the way to the system *key*; a refusal that names no quota is taken for *otherwise*, "minute" or "day"."""
    pause = until_anew(otherwise=otherwise)
    vendor = Vendor(key, settings.base_url, seconds=settings.seconds, pause=pause, overused=overused)
    tokens = ServiceAccountTokens(
        key, account, scope, session, clock, login_url=settings.login_url, seconds=settings.seconds
    )
    return Api(session, vendor, tokens, clock, window=pace(settings.calls_per_minute, 60))
