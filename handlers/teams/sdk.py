"""Microsoft's Agents SDK, known here and nowhere else: the token check, the adapter, the list of hosts.

Import this module only where Teams is in use (`mount` does): it takes a fifth of a second and 10 MB.
Of the SDK's defaults these are changed, because with them any program registered in our own
directory could forge an approval by anybody: issuers pinned to the Bot Framework alone (the
SDK trusts three tenants of Microsoft's besides, so the issuer is looked at twice more here),
keys limited to those that may sign for Teams, hosts limited to Teams' own, an `exp` and a
`serviceurl` demanded, what an exception says never sent to the chat, and no client with a
token made for a turn that sends nothing. Of an activity the SDK is given what it cannot do
without: it refuses one whole over a null or a new word in a field that nobody here reads.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from traceback import extract_tb
from typing import Any, Final, NoReturn

from jwt import PyJWK, PyJWTError, decode
from microsoft_agents.activity import ActivityTypes
from microsoft_agents.hosting.aiohttp import CloudAdapter
from microsoft_agents.hosting.core import AgentAuthConfiguration, OutboundHostValidator, TurnContext
from microsoft_agents.hosting.core.authorization import ClaimsIdentity, JwtTokenValidator
from pydantic import ValidationError

from handlers.parts import Unreadable
from handlers.teams.front import Json, Refused, Reply
from handlers.teams.keys import Keys, NoSuchKey, NotForTeams, OutOfReach

log = logging.getLogger(__name__)
# The SDK writes whole activities into its log when it cannot read one, typed words and all (D14).
logging.getLogger("microsoft_agents").setLevel(logging.CRITICAL + 1)

#: Who signs what Teams sends (learn.microsoft.com, "Authentication with the Bot Connector API").
ISSUER: Final = "https://api.botframework.com"
#: Where Teams' bots answer. The SDK's own list adds Microsoft's storage, where anybody may have a site.
HOSTS: Final = ("smba.trafficmanager.net", "botframework.com", "teams.microsoft.com")

#: What the SDK is told of a place that Teams does not name; our own code decides where it must be named.
NOWHERE: Final = "-"

Claims = Mapping[str, Any]
Hear = Callable[[Json], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Passport:
    """Who the bot is. Without `app_id` nobody is asked for a token: for a playground on this machine."""

    app_id: str
    tenant_id: str


class Gate:
    """Lets in what Teams signed, and runs it through the SDK's adapter."""

    def __init__(self, ours: Passport) -> None:
        self._anonymous = not ours.app_id
        self._app_id = ours.app_id.casefold()
        configuration = AgentAuthConfiguration(
            client_id=ours.app_id or None,
            tenant_id=ours.tenant_id or None,
            validate_issuer=True,
            issuers=[ISSUER],
            anonymous_allowed=self._anonymous,
        )
        self._validator = _Validator(configuration)
        self._hosts = host_validator(enabled=not self._anonymous)
        self._adapter = CloudAdapter(channel_service_client_factory=_NoClients(), host_validator=self._hosts)
        self._adapter.on_turn_error = _failed

    def reaches(self, url: str) -> bool:
        """Whether something may be sent to a service address that came with an activity."""
        return bool(self._hosts.is_allowed(url))

    async def admit(self, authorization: str | None) -> Claims:
        """Return the claims of a token that Teams signed for us. Raises `Refused`."""
        if self._anonymous:
            if authorization is not None:
                raise Refused(401, "a token where none is expected")
            return {}
        claims = await self._claims(_bearer(authorization))
        if claims.get("iss") != ISSUER:
            raise Refused(401, "issuer")
        if not isinstance(claims.get("exp"), int | float):
            raise Refused(401, "no end")
        return claims

    def same_service(self, claims: Claims, service_url: str) -> bool:
        """Whether the token was made for the service address that the activity names; an answer goes there."""
        claimed = claims.get("serviceurl")
        return self._anonymous or (bool(service_url) and isinstance(claimed, str) and _alike(claimed, service_url))

    async def _claims(self, token: str) -> Claims:
        try:
            if not self._may_be_for_us(token):
                raise Refused(401, "issuer or audience")
            return dict((await self._validator.validate_token(token)).claims)
        except OutOfReach:
            raise Refused(503, "Microsoft's keys are out of reach") from None
        except NotForTeams:
            raise Refused(403, "signed for another channel") from None
        except (NoSuchKey, PyJWTError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            # a header without a key id, a claim of the wrong shape: the SDK would answer 500
            raise Refused(401, type(wrong).__name__) from None

    def _may_be_for_us(self, token: str) -> bool:
        """Whether a token says that it is, which nothing proves yet: for any other no list of keys is fetched.

        Anybody may write one, and the SDK would look to Entra ID for the keys of a strange issuer.
        """
        said = decode(token, options={"verify_signature": False})
        audience = said.get("aud")
        return said.get("iss") == ISSUER and isinstance(audience, str) and audience.casefold() == self._app_id

    async def run(self, claims: Claims, body: Json, hear: Hear) -> Reply:
        """Let *hear* answer an activity; its answer comes back only when it was asked for. Raises `Refused`."""
        agent = _Agent(hear, body)
        try:
            answer = await self._adapter.process_request(_Request(_needed(body), claims), agent)
        except ValidationError:
            raise Refused(400, "not an activity") from None
        return agent.answered or Reply(int(answer.status_code), answer.body)


def host_validator(*, enabled: bool) -> OutboundHostValidator:
    """Return who says where something may be sent: https, no address of a machine, Teams' hosts."""
    return OutboundHostValidator([*HOSTS], enabled=enabled, include_default_microsoft_hosts=False)


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.casefold() != "bearer" or not token.strip() or len(token.split()) != 1:
        raise Refused(401, "no token")
    return token.strip()


def _alike(claimed: str, service_url: str) -> bool:
    """Whether two addresses are the same but for capitals and a slash at the end, as Microsoft's libraries see it."""
    return claimed.rstrip("/").casefold() == service_url.rstrip("/").casefold()


def _needed(body: Json) -> Json:
    """Return what the SDK's adapter cannot do without of an activity; the rest is read by our own code alone."""
    needed = {name: body[name] for name in ("type", "id", "name", "channelId", "serviceUrl") if body.get(name)}
    for name in ("from", "recipient"):
        part = body.get(name)
        if isinstance(part, dict) and part.get("id"):
            needed[name] = {"id": part["id"]}
    place = body.get("conversation")
    return {**needed, "conversation": {"id": (place.get("id") if isinstance(place, dict) else None) or NOWHERE}}


class _Lists:
    """Microsoft's public keys. The SDK's own would wait half a minute for them, and ask none whom it may sign for."""

    def __init__(self) -> None:
        self._lists: dict[str, Keys] = {}

    async def get_signing_key(self, url: str, header: Mapping[str, Any]) -> PyJWK:
        """Return the key a token names. Raises `OutOfReach`, `NoSuchKey`, `NotForTeams`."""
        return await self._lists.setdefault(url, Keys(url)).key(header["kid"])


class _Validator(JwtTokenValidator):
    """The SDK's check of a token, with keys of our own."""

    def __init__(self, configuration: AgentAuthConfiguration) -> None:
        super().__init__(configuration)
        self._jwk_client_manager = _Lists()  # type: ignore[assignment]  # of the same shape, as far as it is used


class _Request:
    """A request as the adapter wants it: parsed and let in already."""

    method = "POST"
    headers: Mapping[str, str] = {}

    def __init__(self, body: Json, claims: Claims) -> None:
        self._body = body
        self._claims = claims

    async def json(self) -> Json:
        return self._body

    def get_claims_identity(self) -> ClaimsIdentity:
        return ClaimsIdentity(dict(self._claims))

    def get_path_param(self, name: str) -> str:
        raise KeyError(name)


class _Agent:
    """One turn: the activity goes to our own code as it came, and the answer to an invoke stays in `answered`.

    Handed to the SDK it would be copied to its last word and read again: a millisecond for a card.
    """

    answered: Reply | None = None

    def __init__(self, hear: Hear, body: Json) -> None:
        self._hear = hear
        self._body = body

    async def on_turn(self, context: TurnContext) -> None:
        reply = await self._hear(self._body)
        if context.activity.type == ActivityTypes.invoke:
            self.answered = reply


class _NoClient:
    """Stands where the SDK would keep a client with a token of its own: nothing is sent within a turn (D33)."""

    async def close(self) -> None:
        await asyncio.sleep(0)


class _NoClients:
    """Makes no client, asks for no token."""

    async def create_connector_client(
        self,
        context: object,
        claims_identity: object,
        service_url: str,
        audience: str,
        scopes: object = None,
        use_anonymous: object = None,
    ) -> Any:
        del context, claims_identity, service_url, audience, scopes, use_anonymous
        return _NoClient()

    async def create_user_token_client(
        self, context: object, claims_identity: object, use_anonymous: object = None
    ) -> Any:
        del context, claims_identity, use_anonymous
        return _NoClient()


async def _failed(_context: TurnContext, error: Exception) -> NoReturn:
    """Say where it failed, never what: the SDK would send the exception's words to the chat."""
    if isinstance(error, Unreadable):
        raise Refused(400, f"unreadable {error}") from None
    where = extract_tb(error.__traceback__)[-1]
    log.error("teams request failed: %s in %s:%s", type(error).__name__, where.name, where.lineno)
    raise Refused(500, "failed") from None
