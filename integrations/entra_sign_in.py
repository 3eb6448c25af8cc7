"""Colleagues' sign-in with Microsoft Entra ID: authorization code with PKCE, and who the id token says they are (D15).

msal speaks the protocol (state, PKCE, nonce, our secret or certificate), in a thread. A client is made for each
sign-in and thrown away, so that nobody's tokens lie in a cache; the access token is never looked at.

msal checks the nonce of an id token and nothing else: over TLS from the login server itself, OpenID Connect
allows that. We check the rest too – signature by the directory's published keys, audience, issuer, tenant, hours –
because a token that names somebody is the whole proof of who they are, and a proxy may stand where TLS ends.

What names a person: `oid`, which never changes. `preferred_username` only beside it: in our own directory it is the
sign-in name, which none but its administrators give out; a guest's is whatever their home directory says, and `email`
is whatever anybody typed – guests are refused, and `email` is not read.
"""

import asyncio
import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hmac import compare_digest
from typing import Any, Final

import aiohttp
import jwt
import msal

from bot.domain.errors import CredentialsRefused, NotAllowedNow, NotYours, PrivacyDeskError, TryLater
from bot.ports import Account, Begun, Clock
from integrations.entra import MEANINGS, SECONDS, Application, BadCertificate, Delayed, Wire, client_of

log = logging.getLogger(__name__)

#: How far the login server's clock and ours may be apart.
LEEWAY: Final = timedelta(minutes=5)
#: Seconds before unknown keys are asked for again: a forged token must not make us ask for every request.
KEYS_PAUSE: Final = 60.0
#: Sign-ins that may wait for the login server at the same moment.
AT_ONCE: Final = 8
REQUIRED: Final = ["aud", "iss", "exp", "iat"]
CODES: Final = re.compile(r"AADSTS(\d{4,9})\b")
#: What AADSTS numbers mean for who signs in (learn.microsoft.com, "Microsoft Entra authentication error codes"). They
#: may change, says that page: a number that is not here is read by the protocol's own word for the error.
SAYINGS: Final[Mapping[int, str]] = {
    65004: "refusal.sign_in_cancelled",
    65001: "refusal.sign_in_consent",
    90094: "refusal.sign_in_consent",
    50105: "refusal.sign_in_unassigned",
    50020: "refusal.sign_in_foreign",
    50034: "refusal.sign_in_foreign",
    50178: "refusal.sign_in_foreign",
    51004: "refusal.sign_in_foreign",
    **dict.fromkeys((50005, 50097, 50158, 53000, 53001, 53002, 53003, 53004), "refusal.sign_in_conditions"),
    **dict.fromkeys((50072, 50074, 50076, 50079), "refusal.sign_in_more_proof"),
    **dict.fromkeys((50053, 50055, 50057, 50144), "refusal.sign_in_account"),
    **dict.fromkeys((54005, 70000, 70008, 501481), "refusal.sign_in_over"),
}
NOT_THEIRS: Final = frozenset({"refusal.sign_in_foreign", "refusal.sign_in_unassigned", "refusal.sign_in_account"})
#: The protocol's words for an error that may be logged as they are (RFC 6749, OpenID Connect Core).
PROTOCOL: Final = frozenset(
    {
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
    }
)
#: Numbers that say our own registration or settings are wrong; `check` says which.
OURS: Final = frozenset({*MEANINGS, 50011, 500113, 9002325}) - {65001}


class EntraSignIn:
    """The `Entrance` of a tenant of Entra ID. `redirect` is where its login page sends the browser back to."""

    def __init__(self, application: Application, redirect: str, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._application = application
        self._redirect = redirect
        self._session = session
        self._clock = clock
        self._home = f"{application.login_url.rstrip('/')}/{application.tenant}"
        # threads of its own: msal waits in them for our loop, which looks names up in the threads everybody shares
        self._threads = ThreadPoolExecutor(AT_ONCE, "sign-in")
        self._keys = _Keys(f"{self._home}/discovery/v2.0/keys", session)

    async def begin(self, *, choose: bool = False) -> Begun:
        """Return where to send the browser; asks nobody. *choose*: the account is asked for, not taken."""
        prompt = "select_account" if choose else None
        flow: dict[str, Any] = await self._asked(
            lambda client: client.initiate_auth_code_flow([], self._redirect, prompt=prompt, response_mode="form_post")
        )
        scheme = self._home.partition("://")[0]
        url = str(flow.pop("auth_uri")).replace("https://", f"{scheme}://", 1)
        return Begun(url, str(flow["state"]), json.dumps(flow))

    async def finish(self, flow: str, answer: Mapping[str, str]) -> Account:
        """Return who signed in, from what the browser brought back."""
        begun: dict[str, Any] = json.loads(flow)
        if not compare_digest(str(begun.get("state")).encode(), answer.get("state", "").encode()):
            raise NotAllowedNow("refusal.sign_in_over")
        if answer.get("error"):
            raise refused(answer)
        brought = {"code": answer.get("code", ""), "state": answer["state"]}
        got = await self._asked(lambda client: client.acquire_token_by_auth_code_flow(begun, brought))
        if not isinstance(got, dict) or "error" in got:
            raise refused(got if isinstance(got, dict) else {})
        return await self._account(str(got.get("id_token", "")))

    async def _asked(self, what: Callable[[Any], Any]) -> Any:
        """Let msal do it, in a thread. Nothing of what it raises goes further: it may hold what was sent or said."""
        wire = Wire(self._session, asyncio.get_running_loop(), self._application)
        trouble: PrivacyDeskError
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: what(client_of(self._application, wire, _Nothing()))
            )
        except BadCertificate:
            trouble = CredentialsRefused("refusal.sign_in_settings")
        except Delayed:
            trouble = TryLater("refusal.sign_in_unreachable")
        except Exception as error:  # noqa: BLE001 - msal's own errors share no base: a wrong nonce, no token at all
            log.warning("sign-in not understood %s", type(error).__name__)
            trouble = NotAllowedNow("refusal.sign_in_not_ours")
        raise trouble

    async def _account(self, token: str) -> Account:
        """Return whom an id token names, once all of it holds."""
        claims = await self._proven(token)
        issuer = f"{self._home}/v2.0"
        if claims.get("tid") != self._application.tenant or claims.get("iss") != issuer:
            raise NotYours("refusal.sign_in_foreign")
        self._within_hours(claims)
        oid, address = (str(claims.get(name, "")).strip() for name in ("oid", "preferred_username"))
        if self._is_guest(claims, address):
            raise NotYours("refusal.sign_in_guest")
        if not oid:
            raise NotAllowedNow("refusal.sign_in_not_ours")
        return Account(oid.lower(), address)

    def _is_guest(self, claims: Mapping[str, Any], address: str) -> bool:
        """Whether the account lives elsewhere: `idp` names its home, `acct` says so where the registration asks."""
        home = str(claims.get("idp", self._application.tenant)).lower().split("/")
        elsewhere = self._application.tenant not in home
        return elsewhere or str(claims.get("acct", 0)) != "0" or "#ext#" in address.casefold()

    async def _proven(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token that the directory signed for us; its hours are checked by our clock."""
        try:
            key = await self._keys.key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._application.client,
                options={
                    "require": ["aud", "iss", "exp", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            why = type(error).__name__
        else:
            return claims
        log.warning("id token refused %s", why)
        raise NotAllowedNow("refusal.sign_in_not_ours")

    def _within_hours(self, claims: Mapping[str, Any]) -> None:
        """Refuse a token whose hours have not come or have gone: fresh from the server, that is a clock gone wrong."""
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        try:
            begins = max(float(claims["iat"]), float(claims.get("nbf", claims["iat"])))
            ends = float(claims["exp"])
        except (TypeError, ValueError):
            begins = ends = math.nan
        if math.isnan(begins):
            raise NotAllowedNow("refusal.sign_in_not_ours")
        if not begins - leeway <= now < ends + leeway:
            log.warning("id token refused, clocks apart by %d s", int(now - begins))
            raise TryLater("refusal.sign_in_clock")


class _Nothing(msal.TokenCache):  # type: ignore[misc] # msal ships no types
    """A cache that keeps nothing: nobody's token outlives their sign-in, and msal does not log what it would keep."""

    def add(self, event: object, now: object = None) -> None:
        """Forget it."""


class _Keys:
    """The keys a directory signs with, as it publishes them; asked for again when a token names another."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self._turn = asyncio.Lock()
        self._known: dict[str, jwt.PyJWK] = {}
        self._asked_at = -KEYS_PAUSE

    async def key(self, name: str) -> jwt.PyJWK:
        """Return a key by its id. Raises `KeyError` when there is none, `TryLater` when the server gives no answer."""
        async with self._turn:
            if name not in self._known and time.monotonic() - self._asked_at >= KEYS_PAUSE:
                self._known = await self._published()
                self._asked_at = time.monotonic()
            return self._known[name]

    async def _published(self) -> dict[str, jwt.PyJWK]:
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with self._session.get(self._url, timeout=timeout, allow_redirects=False) as answer:
                if answer.status == 200:
                    said = json.loads(await answer.text())
                    return {one["kid"]: jwt.PyJWK(one, "RS256") for one in said["keys"] if one.get("kty") == "RSA"}
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError, jwt.PyJWTError):
            pass
        raise TryLater("refusal.sign_in_unreachable")


def refused(answer: Mapping[str, Any]) -> PrivacyDeskError:
    """Return what a refusal of the login server means for who signs in. Of its words only the numbers are read."""
    said = [int(code) for code in CODES.findall(str(answer.get("error_description", "")))]
    codes = said or [int(code) for code in answer.get("error_codes") or () if str(code).isdecimal()]
    error = str(answer.get("error", ""))
    log.warning("sign-in refused %s", ",".join(map(str, codes[:3])) or (error if error in PROTOCOL else "-"))
    for code in codes:
        if code in SAYINGS:
            key = SAYINGS[code]
            return NotYours(key) if key in NOT_THEIRS else NotAllowedNow(key)
        if code in OURS:
            return CredentialsRefused("refusal.sign_in_settings")
    if error in ("temporarily_unavailable", "server_error"):
        return TryLater("refusal.sign_in_unreachable")
    if error in ("invalid_client", "unauthorized_client"):
        return CredentialsRefused("refusal.sign_in_settings")
    return NotAllowedNow("refusal.sign_in_cancelled" if error == "access_denied" else "refusal.sign_in_refused")
