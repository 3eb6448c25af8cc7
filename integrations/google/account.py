"""A service account's key file, and the short-lived tokens it buys.

The file is read once, when the settings are, so that a bad one is a line at start and not a stuck
erasure. The key stays inside the signer: nothing here can print it.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

import aiohttp
from google.auth import jwt
from google.auth.crypt import RSASigner
from pydantic import BaseModel, BeforeValidator, Field, InstanceOf, ValidationError

from bot.domain.errors import CredentialsRefused, SystemTrouble, TryLater
from bot.ports import Clock

log = logging.getLogger(__name__)

#: How long the signed wish for a token is good for; Google takes no more than an hour.
WISH_LIVES: Final = timedelta(minutes=30)
#: A token is replaced so long before it ends, so that none ends on its way.
EARLY: Final = timedelta(minutes=5)
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REFUSALS: Final = (400, 401, 403)


class _KeyFile(BaseModel):
    type: str
    client_email: str = Field(min_length=3)
    token_uri: str = Field(pattern="^https://")
    private_key: str = Field(repr=False)
    private_key_id: str = Field("", repr=False)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who we are towards Google."""

    email: str
    audience: str
    signer: RSASigner = field(repr=False)

    def wish(self, scope: str, now: datetime) -> bytes:
        """Return the signed wish for a token (RFC 7523)."""
        claims = {
            "iss": self.email,
            "scope": scope,
            "aud": self.audience,
            "iat": int(now.timestamp()),
            "exp": int((now + WISH_LIVES).timestamp()),
        }
        signed: bytes = jwt.encode(self.signer, claims)  # type: ignore[no-untyped-call] # it has no types
        return signed


def read_key_file(path: object) -> object:
    """Return the service account whose key file lies at *path*, None for no path. Raises `ValueError`, one line."""
    if not isinstance(path, str):
        return path
    if not path.strip():
        return None
    try:
        content = Path(path.strip()).expanduser().read_bytes()
    except FileNotFoundError:
        raise ValueError("there is no such file") from None
    except (OSError, ValueError):
        raise ValueError("the file cannot be read") from None
    return _account(content)


@lru_cache(maxsize=4)  # checking a key takes a while, and several systems may share one
def _account(content: bytes) -> ServiceAccount:
    problem = "the file is no service account's key"
    try:
        file = _KeyFile.model_validate_json(content)
    except ValidationError:
        raise ValueError(problem) from None
    if file.type != "service_account":
        raise ValueError(problem)
    try:
        signer: RSASigner = RSASigner.from_string(  # type: ignore[no-untyped-call] # it has no types
            file.private_key, file.private_key_id or None
        )
        signer.sign(b"")
    except Exception:  # noqa: BLE001 - the library says "no key" in many ways, and some would quote it
        raise ValueError("the private key in the file is damaged") from None
    return ServiceAccount(file.client_email, file.token_uri, signer)


#: A setting that names a service account's key file.
KeyFile = Annotated[InstanceOf[ServiceAccount] | None, BeforeValidator(read_key_file)]


class _Granted(BaseModel):
    access_token: str = Field(min_length=1, repr=False)
    expires_in: int = Field(gt=0)


class ServiceAccountTokens:
    """Tokens of one scope; kept until shortly before they end, one asked for at a time."""

    def __init__(
        self,
        system: str,
        account: ServiceAccount,
        scope: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        login_url: str,
        seconds: float,
    ) -> None:
        self._system = system
        self._account = account
        self._scope = scope
        self._session = session
        self._clock = clock
        self._url = f"{login_url}/token"
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._lock = asyncio.Lock()
        self._kept = ""
        self._until = clock.now()

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token. Raises `CredentialsRefused` when Google does not know the account, else `TryLater`."""
        async with self._lock:
            now = self._clock.now()
            if fresh or now >= self._until:
                granted = await self._ask(now)
                self._kept = granted.access_token
                self._until = now + timedelta(seconds=granted.expires_in) - EARLY
            return self._kept

    async def _ask(self, now: datetime) -> _Granted:
        form = {"grant_type": GRANT, "assertion": self._account.wish(self._scope, now).decode()}
        facts = {"system": self._system, "asked": "POST /token"}
        trouble: SystemTrouble
        try:
            async with self._session.post(self._url, data=form, timeout=self._timeout, allow_redirects=False) as answer:
                status, content = answer.status, await answer.read()
            if status in REFUSALS:
                trouble = CredentialsRefused("trouble.credentials", facts)
            elif status == 200:
                return _Granted.model_validate_json(content)
            else:
                trouble = TryLater("trouble.busy", facts=facts)
        except (aiohttp.ClientError, OSError, TimeoutError):
            trouble = TryLater("trouble.unreachable", facts=facts)
        except ValidationError:
            trouble = TryLater("trouble.later", facts=facts)
        log.warning("no token for %s: %s", self._system, trouble.key)
        raise trouble  # outside the except blocks, so that it carries nothing of theirs along
