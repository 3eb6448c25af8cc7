"""Tokens from Entra ID: one lock, one thread, one login server, and refusals that say which setting to mend."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from bot.app.chats import teams_tokens
from bot.domain.errors import CredentialsRefused, SystemTrouble, TryLater
from bot.store import new_key
from config.settings import load
from config.texts import load_catalogue
from integrations.entra import MEANINGS, Application, EntraTokens
from integrations.mailbox.graph.login import CLIENT, SAID, SECRET, TENANT, LoginServer
from integrations.sandbox import serve


@dataclass
class Login:
    """The login server, and how the desk is known there. `answers` are given instead of its own, in order."""

    url: str
    server: LoginServer
    session: aiohttp.ClientSession
    answers: list[web.Response | None]
    forms: list[dict[str, str]]

    def tokens(self, secret: str = SECRET, certificate: Path | None = None, url: str = "") -> EntraTokens:
        """Return tokens that nobody has asked for yet."""
        application = Application(
            "Microsoft 365",
            "PRIVACY_MAILBOX__",
            TENANT,
            CLIENT,
            SecretStr(secret),
            certificate,
            "https://graph.microsoft.com/.default",
            url or self.url,
        )
        return EntraTokens(application, self.session)


@pytest.fixture
async def login(session: aiohttp.ClientSession) -> AsyncIterator[Login]:
    """A login server."""
    server, answers = LoginServer(), list[web.Response | None]()
    forms: list[dict[str, str]] = []

    @web.middleware
    async def instead(request: web.Request, handler: object) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        forms.append(form)
        if answers:
            answer = answers.pop(0)
            if answer is None:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return answer
        found: web.StreamResponse = await handler(request)  # type: ignore[operator] # aiohttp calls it so
        return found

    app = web.Application(middlewares=[instead])
    app.add_routes(server.routes())
    async with serve(app) as url:
        yield Login(url, server, session, answers, forms)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and its certificate in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = builder.serial_number(1).not_valid_before(begun).not_valid_after(begun + timedelta(days=99))
    path = tmp_path / "desk.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(plain + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return path


def key_of(path: Path) -> rsa.RSAPublicKey:
    """Return the public key of a certificate."""
    key = load_pem_x509_certificate(path.read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def spoil(path: Path, content: bytes | None) -> None:
    """Let the file hold something else, or be gone."""
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


async def refusal(tokens: EntraTokens) -> SystemTrouble:
    """Return what asking for a token is refused with."""
    with pytest.raises(SystemTrouble) as refused:
        await tokens.token()
    assert refused.value.__context__ is None
    return refused.value


async def test_a_token_is_kept_until_a_fresh_one_is_asked_for(login: Login) -> None:
    tokens = login.tokens()
    first = await tokens.token()
    assert await tokens.token() == first
    assert await tokens.token(fresh=True) != first
    assert login.server.issued == 2
    assert login.forms[0]["scope"] == "https://graph.microsoft.com/.default"


async def test_many_at_once_ask_once(login: Login) -> None:
    tokens = login.tokens()
    assert len(set(await asyncio.gather(*(tokens.token() for _ in range(20))))) == 1
    assert login.server.issued == 1


async def test_a_certificate_signs_in_the_place_of_a_secret(login: Login, certificate: Path) -> None:
    await login.tokens(certificate=certificate).token()
    (form,) = login.forms
    assert "client_secret" not in form
    assert form["client_assertion_type"].endswith("jwt-bearer")
    said = jwt.decode(form["client_assertion"], key_of(certificate), ["RS256", "PS256"], options={"verify_aud": False})
    assert (said["iss"], said["sub"]) == (CLIENT, CLIENT)


@pytest.mark.parametrize("content", [None, b"", b"no certificate", "å".encode()])
async def test_a_file_that_holds_no_certificate_is_said_so(
    login: Login, certificate: Path, content: bytes | None
) -> None:
    spoil(certificate, content)
    trouble = await refusal(login.tokens(certificate=certificate))
    assert (type(trouble), trouble.key) == (CredentialsRefused, "trouble.entra_certificate")
    assert trouble.facts["setting"] == "PRIVACY_MAILBOX__CERTIFICATE_PATH"
    assert not login.forms


@pytest.mark.parametrize("number", sorted(set(SAID)))
async def test_every_refusal_says_what_to_do_and_never_the_secret(
    login: Login, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    login.server.refusal = number
    trouble = await refusal(login.tokens())
    assert isinstance(trouble, CredentialsRefused)
    assert trouble.key == MEANINGS.get(number, "trouble.entra_refused")
    for texts in load_catalogue().values():
        sentence = texts[trouble.key].format(**trouble.facts)
        assert "PRIVACY_MAILBOX__" in sentence
    assert SECRET not in caplog.text + str(trouble.facts) + repr(trouble)
    assert str(number) in caplog.text


async def test_what_was_mended_counts_within_a_minute_and_after_a_restart_at_once(login: Login) -> None:
    """msal remembers a refusal for a minute, so that a desk in trouble does not hammer the login server."""
    login.server.refusal = 7000112
    tokens = login.tokens()
    await refusal(tokens)
    await refusal(tokens)
    assert len(login.forms) == 1
    login.server.refusal = None
    assert await login.tokens().token()


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [(503, {}, None), (429, {"Retry-After": "30"}, timedelta(seconds=30)), (500, {"Retry-After": "soon"}, None)],
)
async def test_a_busy_login_server_is_asked_later(
    login: Login, status: int, headers: dict[str, str], after: timedelta | None
) -> None:
    login.answers.append(web.Response(status=status, headers=headers, text="{}"))
    tokens = login.tokens()
    trouble = await refusal(tokens)
    assert isinstance(trouble, TryLater)
    assert trouble.after == after
    assert await tokens.token()


async def test_a_lost_answer_is_asked_later(login: Login) -> None:
    login.answers.append(None)
    tokens = login.tokens()
    assert isinstance(await refusal(tokens), TryLater)
    assert await tokens.token()


async def test_a_login_server_that_is_not_there(login: Login) -> None:
    trouble = await refusal(login.tokens(url="http://127.0.0.1:9"))
    assert (type(trouble), trouble.key) == (TryLater, "trouble.unreachable")


@pytest.mark.parametrize("text", ["<h1>Sign in</h1>", "[]", '{"access_token": 5}', "{}"])
async def test_an_answer_that_is_no_token(login: Login, text: str) -> None:
    login.answers.append(web.Response(text=text))
    assert isinstance(await refusal(login.tokens()), SystemTrouble)


async def test_a_secret_goes_nowhere_but_to_the_login_server_that_is_set(login: Login) -> None:
    """Neither where a discovery document points, nor where a redirect does."""
    login.answers.append(web.Response(status=307, headers={"Location": "https://evil.example/token"}))
    assert isinstance(await refusal(login.tokens()), SystemTrouble)
    assert len(login.forms) == 1


def test_an_application_does_not_show_its_secret(login: Login) -> None:
    application = login.tokens("hush-hush")._application
    assert "hush-hush" not in repr(application) + str(replace(application, tenant="t"))


@pytest.mark.parametrize(
    ("number", "setting"), [(700016, "PRIVACY_TEAMS__APP_ID"), (7000222, "PRIVACY_TEAMS__APP_SECRET")]
)
async def test_the_bots_refusals_name_the_bots_settings(login: Login, number: int, setting: str) -> None:
    """Its id and secret are called otherwise than a mailbox's."""
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    bot = {"app_id": CLIENT, "app_secret": SECRET, "tenant_id": TENANT, "login_url": login.url}
    settings = load({**keys, "teams": bot})
    login.server.refusal = number
    with pytest.raises(CredentialsRefused) as refused:
        await teams_tokens(settings, login.session).token()
    for texts in load_catalogue().values():
        assert setting in texts[refused.value.key].format(**refused.value.facts)
