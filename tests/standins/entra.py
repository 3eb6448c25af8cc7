"""Entra ID as its documentation describes the sign-in: authorize page, token endpoint, published keys.

It checks what the real one checks (client, redirect address, PKCE verifier, one use of a code, secret or the
certificate's assertion) and refuses with the real numbers. The `claims` of the next token can be bent, and the
endpoints made to fail. What it cannot know is how conditional access words itself: only the numbers are real.
"""

import base64
import hashlib
import html
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import Certificate
from yarl import URL

from bot.ports import Clock
from integrations.sandbox import serve

TENANT: Final = "aaaaaaaa-1111-4222-8333-444444444444"
CLIENT: Final = "bbbbbbbb-5555-4666-8777-888888888888"
SECRET: Final = "stand-in-secret"
CODE_LIVES: Final = timedelta(minutes=10)
SAID: Final = {
    50011: "invalid_request",
    50105: "access_denied",
    50057: "invalid_grant",
    50076: "interaction_required",
    53003: "access_denied",
    54005: "invalid_grant",
    65001: "invalid_grant",
    65004: "access_denied",
    70008: "invalid_grant",
    501481: "invalid_grant",
    700016: "unauthorized_client",
    700027: "invalid_client",
    7000215: "invalid_client",
    7000222: "invalid_client",
    9002313: "invalid_request",
    900144: "invalid_request",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `more` are claims of theirs beside the usual ones."""

    oid: str
    address: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Code:
    person: Person
    asked: Mapping[str, str]
    until: float


class EntraStandIn:
    """The login server of one tenant, and what was asked of it."""

    def __init__(self, clock: Clock, redirect: str = "") -> None:
        self.clock = clock
        self.redirect = redirect
        self.url = ""
        self.people: list[Person] = []
        self.certificate: Certificate | None = None
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.refuses_token = 0  # an AADSTS number
        self.token_status = 0  # answered instead of a token
        self.keys_status = 0
        self.keys_text = ""
        self.token_text = ""
        self.forms: list[dict[str, str]] = []
        self.keys_asked = 0
        self.key = self.signs_with = _first_key()
        self.kid = "key-1"
        self._codes: dict[str, _Code] = {}
        self._spent: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return what it answers to."""
        return [
            web.get("/{tenant}/oauth2/v2.0/authorize", self._authorize),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
            web.get("/{tenant}/discovery/v2.0/keys", self._keys),
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._describes_itself),
        ]

    def roll_keys(self) -> None:
        """Sign with a new key from now on, published beside nothing else."""
        self.key = self.signs_with = _new_key()
        self.kid = f"key-{secrets.token_hex(4)}"

    def agree(self, url: str, person: Person) -> dict[str, str]:
        """Return the form a browser carries back once somebody has signed in at the authorize page."""
        asked = dict(URL(url).query)
        assert not self._wrong(asked), self._wrong(asked)
        code = f"0.{secrets.token_urlsafe(48)}"
        self._codes[code] = _Code(person, asked, (self.clock.now() + CODE_LIVES).timestamp())
        return {"code": code, "state": asked["state"], "session_state": secrets.token_hex(8)}

    def refuse(self, url: str, number: int) -> dict[str, str]:
        """Return the form a browser carries back when the login page refused, or they did."""
        said = f"AADSTS{number}: Refused for anna@gotowork.example.\r\nTrace ID: {secrets.token_hex(8)}"
        return {"error": SAID[number], "error_description": said, "state": URL(url).query["state"]}

    def _wrong(self, asked: Mapping[str, str]) -> str:
        wanted = {"client_id": CLIENT, "response_type": "code", "response_mode": "form_post"}
        wanted |= {"code_challenge_method": "S256", "redirect_uri": self.redirect}
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if not asked.get(name)]
        scopes = set(asked.get("scope", "").split())
        return ",".join([*wrong, *(["scope"] if scopes != {"openid", "profile"} else [])])

    async def _authorize(self, request: web.Request) -> web.Response:
        """Answer with a page of accounts to choose from; each button carries its answer back to the desk, as a form."""
        asked = dict(request.query)
        wrong = self._wrong(asked)
        if wrong:
            return web.Response(status=400, text=f"AADSTS900144: {wrong}")
        url = str(request.url)
        answers = [(one.address, self.agree(url, one)) for one in self.people]
        answers.append(("Avbryt", self.refuse(url, 65004)))
        return web.Response(text=_page(asked["redirect_uri"], answers), content_type="text/html")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        if self.token_status:
            return web.Response(status=self.token_status)
        if self.token_text:
            return web.Response(text=self.token_text, content_type="application/json")
        number = self.refuses_token or self._refusal(request.match_info["tenant"], form)
        if number:
            said = f"AADSTS{number}: Refused for anna@gotowork.example. Trace ID: {secrets.token_hex(8)}"
            answer = {"error": SAID[number], "error_description": said, "error_codes": [number]}
            return web.json_response(answer, status=401 if SAID[number] == "invalid_client" else 400)
        granted: dict[str, object] = {"token_type": "Bearer", "expires_in": 3599, "access_token": secrets.token_hex(24)}
        if form["grant_type"] == "authorization_code":
            granted |= {"id_token": self._id_token(self._codes[form["code"]]), "scope": "openid profile"}
            self._spent.add(form["code"])
        return web.json_response(granted)

    def _refusal(self, tenant: str, form: Mapping[str, str]) -> int:
        if tenant != TENANT or form.get("client_id") != CLIENT:
            return 700016
        if (number := self._unproven(form)) or form.get("grant_type") == "client_credentials":
            return number
        code = self._codes.get(form.get("code", ""))
        if code is None or code.asked["redirect_uri"] != form.get("redirect_uri"):
            return 9002313
        if form["code"] in self._spent:
            return 54005
        if self.clock.now().timestamp() >= code.until:
            return 70008
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return 0 if challenge == code.asked["code_challenge"] else 501481

    def _unproven(self, form: Mapping[str, str]) -> int:
        """Return why the desk has not shown that it is the desk; 0 when it has."""
        if self.certificate is None:
            return 0 if form.get("client_secret") == SECRET else 7000215
        try:
            key = self.certificate.public_key()
            assert isinstance(key, rsa.RSAPublicKey)
            said = jwt.decode(form.get("client_assertion", ""), key, ["RS256", "PS256"], options={"verify_aud": False})
        except jwt.PyJWTError:
            return 700027
        return 0 if said["iss"] == said["sub"] == CLIENT else 700027

    def _id_token(self, code: _Code) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "aud": CLIENT,
            "iss": f"{self.url}/{TENANT}/v2.0",
            "iat": now - 300,
            "nbf": now - 300,
            "exp": now + 3600,
            "name": "Somebody",
            "nonce": code.asked["nonce"],
            "oid": code.person.oid,
            "preferred_username": code.person.address,
            "sub": secrets.token_hex(8),
            "tid": TENANT,
            "ver": "2.0",
            **code.person.more,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": self.kid, **self.header}
        if header.get("alg") == "none":
            return jwt.encode(claims, "", "none", headers=header)
        return jwt.encode(claims, self.signs_with, "RS256", headers=header)

    async def _keys(self, request: web.Request) -> web.Response:
        self.keys_asked += 1
        if self.keys_status:
            return web.Response(status=self.keys_status)
        if self.keys_text:
            return web.Response(text=self.keys_text, content_type="application/json")
        numbers = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": self.kid, "n": _number(numbers.n), "e": _number(numbers.e)}
        return web.json_response({"keys": [key]})

    async def _describes_itself(self, request: web.Request) -> web.Response:
        here = f"{self.url}/{TENANT}"
        return web.json_response(
            {
                "issuer": f"{here}/v2.0",
                "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
                "token_endpoint": f"{here}/oauth2/v2.0/token",
                "jwks_uri": f"{here}/discovery/v2.0/keys",
            }
        )


@asynccontextmanager
async def serve_entra(stand_in: EntraStandIn) -> AsyncIterator[EntraStandIn]:
    """Serve it by another name than the desk's, so that a browser takes the two for different sites, as they are."""
    app = web.Application()
    app.add_routes(stand_in.routes())
    async with serve(app) as url:
        stand_in.url = url.replace("127.0.0.1", "localhost")
        yield stand_in


@cache
def _first_key() -> rsa.RSAPrivateKey:
    return _new_key()


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int) -> str:
    size = (value.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(value.to_bytes(size, "big")).rstrip(b"=").decode()


def _page(action: str, answers: list[tuple[str, dict[str, str]]]) -> str:
    forms = []
    for label, fields in answers:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in fields.items()
        )
        forms.append(
            f'<form method="post" action="{html.escape(action)}">{hidden}<button>{html.escape(label)}</button></form>'
        )
    head = '<meta charset="utf-8"><title>Logga in</title><link rel="icon" href="data:,">'
    return f"<!doctype html><html lang=sv><head>{head}</head><body>{''.join(forms)}</body></html>"
