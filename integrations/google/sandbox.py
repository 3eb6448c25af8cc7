"""Google on this machine, in what its systems share: the token endpoint, the shape of errors, the project's quotas.

The wish for a token is really checked: signature, audience, scope and life. The key is made when the
sandbox is, and lies in a file of its own that goes with it. Google tells of no quota in headers, neither while
it lasts nor, as far as we know, with its 429: its words alone say which one is used up.
"""

import json
import os
import tempfile
import weakref
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from typing import Final

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.crypt import verify_signature
from pydantic import JsonValue

from integrations.google.account import GRANT
from integrations.sandbox import SEEN, TOKEN, Allowance, Handler, Sandbox, Seen

ACCOUNT: Final = "privacy-desk@exempel-projekt.iam.gserviceaccount.com"
TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
LIVES: Final = 3599
MINUTE: Final = 60.0
DAY: Final = 86_400.0
PER_MINUTE: Final = "per minute"
PER_DAY: Final = "per day"
LONGEST_WISH: Final = 3600
STATUSES: Final[Mapping[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@cache
def _key() -> tuple[str, str]:
    """Return a made-up service account's private and public key; one for the whole process."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    sealed = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return sealed.decode(), public.decode()


def key_file() -> dict[str, str]:
    """Return what stands in the made-up account's key file."""
    return {
        "type": "service_account",
        "project_id": "exempel-projekt",
        "private_key_id": "1",
        "private_key": _key()[0],
        "client_email": ACCOUNT,
        "token_uri": TOKEN_URI,
    }


class GoogleSandbox(Sandbox):
    """One of Google's services. `scope` is what a token for it must have been asked for with.

    `minutely` and `daily` are what its project may ask; a 429 that says no more is for `quota`.
    """

    scope: str = ""
    quota: str = PER_MINUTE

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0, per_minute: int = 0, per_day: int = 0) -> None:
        super().__init__(token=token, latency=latency)
        self.minutely = Allowance(per_minute, MINUTE)
        self.daily = Allowance(per_day, DAY)
        self.granted = token
        self.grants = 0
        handle, self.credentials_path = tempfile.mkstemp(prefix="sandbox-", suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(key_file(), file)
        weakref.finalize(self, os.unlink, self.credentials_path)

    def revoke(self, token: str = "another") -> None:  # noqa: S107 - opens nothing but the sandbox
        """Let no token given so far open anything; new ones do."""
        self.token = self.granted = token

    def problem(self, status: int, code: str, message: str) -> JsonValue:
        """Return Google's error body; a 429 says which quota was used up."""
        error: dict[str, JsonValue] = {
            "code": status,
            "message": message,
            "status": STATUSES.get(status, "UNKNOWN"),
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}],
        }
        if status == 429:
            limit = message if message in (PER_MINUTE, PER_DAY) else self.quota
            error["message"] = f"Quota exceeded for quota metric 'Requests' and limit 'Requests {limit}'."
        return {"error": error}

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in whoever has a token, while the project has calls left."""
        return await super()._admit(request, self._within_quota(handler))

    def _within_quota(self, handler: Handler) -> Handler:
        async def counted(request: web.Request) -> web.StreamResponse:
            for allowance, period in ((self.minutely, PER_MINUTE), (self.daily, PER_DAY)):
                if not allowance.take():
                    return self.refuse(429, "RATE_LIMIT_EXCEEDED", period)
            return await handler(request)

        return counted

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer the wish for a token; it is another of Google's services and counts as no request to this one."""
        if request.path == "/token" and request.method == "POST":
            return await self._grant(request)
        return await super()._record(request, handler)

    async def _grant(self, request: web.Request) -> web.Response:
        form = await request.post()
        request[SEEN] = Seen("POST", "/token", {}, None)
        if form.get("grant_type") != GRANT or not self._believes(str(form.get("assertion", ""))):
            problem = {"error": "invalid_grant", "error_description": "Invalid JWT."}
            return web.json_response(problem, status=400)
        self.grants += 1
        return web.json_response({"access_token": self.granted, "expires_in": LIVES, "token_type": "Bearer"})

    def _believes(self, wish: str) -> bool:
        signed, _, last = wish.rpartition(".")
        try:
            claims = jwt.decode(wish, verify=False)  # type: ignore[no-untyped-call] # it has no types
            signature = urlsafe_b64decode(last + "=" * (-len(last) % 4))
            true = verify_signature(signed, signature, _key()[1])  # type: ignore[no-untyped-call] # it has no types
        except ValueError:
            return False
        asked = (claims.get("iss"), claims.get("scope"), claims.get("aud"))
        life = int(claims.get("exp", 0)) - int(claims.get("iat", 0))
        return bool(true) and asked == (ACCOUNT, self.scope, TOKEN_URI) and 0 < life <= LONGEST_WISH
