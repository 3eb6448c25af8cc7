"""Who signs what Teams sends, on loopback: two keys of our own, served as the Bot Framework and Entra serve theirs.

`signed` makes a token as Teams would, or one that differs from it in one thing.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

ISSUER: Final = "https://api.botframework.com"
SERVICE_URL: Final = "https://smba.trafficmanager.net/emea/"
APP_ID: Final = "5d1b7a3c-1f0e-4c55-9a7e-0d4f3b2a1caa"
TENANT: Final = "5d1b7a3c-1f0e-4c55-9a7e-0d4f3b2a1c00"

#: A claim with this value is left out.
LEFT_OUT: Final = object()


@cache
def key(name: str) -> RSAPrivateKey:
    """Return a key of our own by name; made once."""
    del name
    return generate_private_key(public_exponent=65_537, key_size=2_048)


@dataclass(slots=True)
class Keys:
    """The two lists of public keys. `asked` counts how often each was fetched; `newest` is the latest key for Teams.

    `broken`, `pause` and `instead` keep a list from being told, for a while, or tell something else.
    """

    url: str = ""
    asked: dict[str, int] = field(default_factory=dict)
    broken: bool = False
    newest: str = "botframework"
    pause: float = 0.0
    instead: str = ""

    def listed(self, name: str) -> str:
        """Return where a key's list is served."""
        return f"{self.url}/{name}/keys"

    async def answer(self, request: web.Request) -> web.Response:
        """Serve a list."""
        name = request.match_info["name"]
        self.asked[name] = self.asked.get(name, 0) + 1
        await asyncio.sleep(self.pause)
        if self.broken:
            return web.Response(status=500)
        if self.instead:
            return web.Response(text=self.instead)
        return web.json_response({"keys": self._bot_framework() if name == "botframework" else [_public(name)]})

    def _bot_framework(self) -> list[dict[str, Any]]:
        """Return its keys: each says whose channels it may sign for, and Entra's say nothing of the kind."""
        teams = {"endorsements": ["msteams", "skype"]}
        return [_public(self.newest) | teams, _public("webchat") | {"endorsements": ["webchat"]}, _public("bare")]


def _public(name: str) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key(name).public_key(), as_dict=True), "kid": name, "use": "sig"}


@asynccontextmanager
async def serve_keys() -> AsyncIterator[Keys]:
    """Serve both lists on a free port of 127.0.0.1."""
    keys = Keys()
    application = web.Application()
    application.router.add_get("/{name}/keys", keys.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        keys.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield keys
    finally:
        await runner.cleanup()


def signed(*, by: str = "botframework", kid: object = "", algorithm: str = "RS256", **differs: Any) -> str:
    """Return a token as Teams signs it, but for what *differs*."""
    now = int(time.time())  # noqa: TID251 - who checks a token goes by the machine's clock too
    claims = {
        "iss": ISSUER,
        "aud": APP_ID,
        "serviceurl": SERVICE_URL,
        "nbf": now - 60,
        "exp": now + 3_600,
        **{
            name: now + value if name in {"nbf", "exp"} and isinstance(value, int) else value
            for name, value in differs.items()
        },
    }
    headers = {} if kid is LEFT_OUT else {"kid": kid or by}
    said = {name: value for name, value in claims.items() if value is not LEFT_OUT}
    return jwt.PyJWS().encode(json.dumps(said).encode(), key(by), algorithm=algorithm, headers=headers)
