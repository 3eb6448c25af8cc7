"""Access tokens from Microsoft Entra ID: the desk signs in as itself, with a secret or a certificate.

`msal` knows the protocol and is synchronous, so it runs in a thread, one at a time, and
speaks through the one session everything outbound shares. What it would ask the network
about the login server is answered here instead: where the token endpoint lies follows
from the login URL, so that a secret is never sent anywhere else, and its instance
discovery (always at Microsoft, whatever login server is set) is off.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from pydantic import SecretStr

from bot.domain.errors import CredentialsRefused, NeedsHuman, SystemTrouble, TryLater

if TYPE_CHECKING:
    from msal import TokenCache

log = logging.getLogger(__name__)

#: Microsoft's own login server; another cloud or a sandbox has its own.
LOGIN_URL: Final = "https://login.microsoftonline.com"
SECONDS: Final = 20.0
LONGEST_PAUSE: Final = 3_600  # seconds
#: What AADSTS numbers mean for whoever must do something (learn.microsoft.com, "Microsoft Entra error codes").
MEANINGS: Final[Mapping[int, str]] = {
    7000215: "trouble.entra_secret_wrong",
    7000222: "trouble.entra_secret_expired",
    700027: "trouble.entra_certificate",
    700016: "trouble.entra_client_unknown",
    7000112: "trouble.entra_client_disabled",
    90002: "trouble.entra_tenant_unknown",
    900023: "trouble.entra_tenant_unknown",
    65001: "trouble.entra_consent",
    7000218: "trouble.entra_secret_wrong",
}


@dataclass(frozen=True, slots=True)
class Application:
    """How the desk is known to Entra ID.

    `prefix` is where its settings stand and `id_setting`, `secret_setting` what they are called there, for the
    sentence about them.
    """

    system: str
    prefix: str
    tenant: str
    client: str
    secret: SecretStr
    certificate: Path | None
    scope: str
    login_url: str = LOGIN_URL
    id_setting: str = "CLIENT_ID"
    secret_setting: str = "CLIENT_SECRET"  # noqa: S105 - the setting's name


class EntraTokens:
    """The `Tokens` of an application of ours. msal keeps a token until shortly before it ends."""

    def __init__(self, application: Application, session: aiohttp.ClientSession) -> None:
        self._application = application
        self._session = session
        self._turn = asyncio.Lock()
        self._client: Any = None

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token; raises `CredentialsRefused` with what to do, or `TryLater`."""
        async with self._turn:
            loop = asyncio.get_running_loop()
            return await asyncio.to_thread(self._acquired, loop, fresh=fresh)

    def _acquired(self, loop: asyncio.AbstractEventLoop, *, fresh: bool) -> str:
        """Ask msal, in a thread. Nothing of what it raises goes further: it may hold what was sent."""
        trouble: SystemTrouble
        try:
            if self._client is None:
                self._client = client_of(self._application, Wire(self._session, loop, self._application))
            elif fresh:
                self._client.remove_tokens_for_client()
            answer = self._client.acquire_token_for_client([self._application.scope])
        except BadCertificate:
            trouble = CredentialsRefused("trouble.entra_certificate", self._facts)
        except Delayed as delayed:
            trouble = TryLater(delayed.key, delayed.after, self._facts)
        except Exception as error:  # noqa: BLE001 - msal's own errors share no base and name what was sent
            log.warning("no token %s %s", self._application.system, type(error).__name__)
            trouble = TryLater("trouble.busy", facts=self._facts)
        else:
            if isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
                return str(answer["access_token"])
            trouble = self._refusal(answer if isinstance(answer, dict) else {})
        raise trouble

    def _refusal(self, answer: Mapping[str, Any]) -> SystemTrouble:
        codes = answer.get("error_codes") or ()
        known = next((MEANINGS[code] for code in codes if code in MEANINGS), "")
        log.warning("token refused %s %s", self._application.system, ",".join(str(int(code)) for code in codes))
        if not codes and answer.get("error") not in ("invalid_client", "unauthorized_client", "invalid_request"):
            return NeedsHuman("trouble.unreadable", self._facts)
        return CredentialsRefused(known or "trouble.entra_refused", self._facts)

    @property
    def _facts(self) -> dict[str, str]:
        ours = self._application
        held = "CERTIFICATE_PATH" if ours.certificate else ours.secret_setting
        known_by = f"{ours.prefix}{ours.id_setting}"
        return {"system": ours.system, "setting": f"{ours.prefix}{held}", "prefix": ours.prefix, "client": known_by}


class BadCertificate(Exception):
    """The file that is set holds no key and certificate in PEM."""


class Delayed(Exception):
    """The login server gave no answer now. `key` says why, `after` when it may be asked again."""

    def __init__(self, key: str, after: timedelta | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.after = after


def client_of(ours: Application, wire: "Wire", cache: "TokenCache | None" = None) -> Any:
    """Return msal's client; it speaks to the login server that is set and to nobody else."""
    import msal  # noqa: PLC0415 - brings a second HTTP client, 5 MB, which only a desk that signs in at Microsoft needs

    return msal.ConfidentialClientApplication(
        ours.client,
        client_credential=_credential(ours),
        authority=f"https://{wire.host}/{ours.tenant}",
        instance_discovery=False,
        exclude_scopes=["offline_access"],  # who signs in leaves nothing behind that outlives the hour
        http_client=wire,
        token_cache=cache,
    )


def _credential(ours: Application) -> str | dict[str, str]:
    """Return the secret, or the key and certificate of the file, tried before they are used."""
    if ours.certificate is None:
        return ours.secret.get_secret_value()
    try:
        pem = ours.certificate.read_bytes()
        load_pem_private_key(pem, password=None)
        load_pem_x509_certificate(pem)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        pass
    else:
        return {"private_key": pem.decode("ascii", "replace"), "public_certificate": pem.decode("ascii", "replace")}
    raise BadCertificate


@dataclass(frozen=True, slots=True)
class _Answer:
    """What msal wants to know of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Wire:
    """msal's way out, in its thread: our session on the event loop, and only to the login server that is set."""

    def __init__(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop, ours: Application) -> None:
        self._session = session
        self._loop = loop
        scheme, _, self.host = ours.login_url.rstrip("/").partition("://")
        self._token_url = f"{scheme}://{self.host}/{ours.tenant}/oauth2/v2.0/token"

    def get(self, url: str, params: object = None, headers: object = None) -> _Answer:
        """Answer for the login server: what it would say of itself is known (msal insists on https)."""
        del url, params, headers
        token = self._token_url.replace("http://", "https://", 1)
        authorize = f"{token.removesuffix('/token')}/authorize"
        said = {"token_endpoint": token, "authorization_endpoint": authorize, "issuer": token}
        return _Answer(200, json.dumps(said))

    def post(
        self,
        url: str,
        params: object = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
    ) -> _Answer:
        """Ask for a token."""
        del url, params
        asked = self._asked(_said(data or {}), _said(headers or {}))
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(SECONDS + 5)

    def close(self) -> None:
        """Leave the session: it is not ours."""

    async def _asked(self, form: dict[str, str], headers: dict[str, str]) -> _Answer:
        delayed = Delayed("trouble.unreachable")
        try:
            async with self._session.post(
                self._token_url,
                data=form,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=SECONDS),
                allow_redirects=False,
            ) as answer:
                if answer.status == 429 or answer.status >= 500:
                    delayed = Delayed("trouble.busy", _pause(answer.headers.get("Retry-After", "")))
                else:
                    return _Answer(answer.status, await answer.text(), dict(answer.headers))
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeError):
            pass
        raise delayed  # outside the except block: the library's own error carries the whole address


def _said(fields: Mapping[str, object]) -> dict[str, str]:
    """Return a form's fields as text. A certificate's assertion comes as bytes, which `str` would dress in b'…'."""
    return {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in fields.items()
        if value is not None
    }


def _pause(header: str) -> timedelta | None:
    """Return what a Retry-After of the login server asks for: it gives whole seconds."""
    return timedelta(seconds=min(int(header), LONGEST_PAUSE)) if header.isdecimal() else None
