"""Who has which id in Slack, by verified work address (docs.slack.dev: users.lookupByEmail, users.info).

Guests, bots, the deactivated and who never confirmed their address are nobody's colleague
here, whatever address their profile shows. Nor are people of other workspaces: in a shared
channel Slack shows them like our own (`is_stranger` is false there), and what address they
have is confirmed by their own workspace's administrators alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import NeedsHuman
from bot.domain.people import same_address
from bot.domain.roster import Account
from handlers.pace import Pace
from handlers.slack.messages import CHAT
from handlers.slack.trouble import asked

#: What Slack answers of somebody it has not: not a trouble, an answer.
NOBODY: Final = frozenset({"users_not_found", "user_not_found", "user_not_visible"})
#: What makes a member somebody else than a colleague with an account of their own.
NOT_OURS: Final = (
    "deleted",
    "is_bot",
    "is_invited_user",
    "is_restricted",
    "is_stranger",
    "is_ultra_restricted",
    "is_workflow_bot",
)


class SlackDirectory:
    """The `Directory` of Slack. Needs the scopes users:read and users:read.email."""

    def __init__(self, client: AsyncWebClient, pace: Pace | None = None) -> None:
        self._client = client
        self._pace = pace or Pace()
        self._homes: frozenset[str] = frozenset()

    @property
    def chat(self) -> str:
        """The chat's name."""
        return CHAT

    async def handle_of(self, email: str) -> str:
        """Return the id of who has that work address, "" when nobody has. Raises `SystemTrouble`."""
        await self._pace.turn("directory")
        member = await self._member("users.lookupByEmail", self._client.users_lookupByEmail(email=email))
        return str(member["id"]) if await self._ours(member) and same_address(address_in(member), email) else ""

    async def account(self, handle: str) -> Account:
        """Return what Slack says of an id, to hold against who has it by the people file. Raises `SystemTrouble`."""
        await self._pace.turn("directory")
        member = await self._member("users.info", self._client.users_info(user=handle))
        ours = member.get("id") == handle and not is_foreign(member)
        if ours and homes_of(member):
            ours = await self._ours(member)
        address = address_in(member) if ours else ""
        return Account(ours, (address,) if address else ())

    async def address_of(self, handle: str) -> str:
        """Return the verified work address of an id, "" for anybody not our own. Raises `SystemTrouble`."""
        await self._pace.turn("directory")
        member = await self._member("users.info", self._client.users_info(user=handle))
        return address_in(member) if await self._ours(member) and member.get("id") == handle else ""

    async def _ours(self, member: Mapping[str, Any]) -> bool:
        """Whether a member is of the workspace our token is for; those of a shared channel are somebody else's word."""
        if not member:
            return False
        if not self._homes:
            answer = await asked("auth.test", self._client.auth_test())
            self._homes = _named(answer.get("team_id"), answer.get("enterprise_id"))
        return bool(self._homes & homes_of(member))

    async def _member(self, method: str, call: Any) -> Mapping[str, Any]:
        try:
            answer = await asked(method, call)
        except NeedsHuman as refused:
            if refused.facts.get("code") in NOBODY:
                return {}
            raise
        member = answer.get("user")
        return member if isinstance(member, dict) else {}


def homes_of(member: Mapping[str, Any]) -> frozenset[str]:
    """Return the workspace a member belongs to, and the organisation that workspace is part of, if any."""
    enterprise = member.get("enterprise_user")
    return _named(member.get("team_id"), enterprise.get("enterprise_id") if isinstance(enterprise, dict) else None)


def _named(*names: object) -> frozenset[str]:
    return frozenset(one for one in names if isinstance(one, str) and one)


def is_foreign(member: Mapping[str, Any]) -> bool:
    """Whether a member is a guest, a bot, closed, or of another company."""
    return any(member.get(sign) for sign in NOT_OURS)


def address_in(member: Mapping[str, Any]) -> str:
    """Return the address by which a member may be our colleague, case-folded; "" for anybody else."""
    profile = member.get("profile")
    address = profile.get("email") if isinstance(profile, dict) else None
    if not isinstance(address, str) or is_foreign(member):
        return ""
    if member.get("is_email_confirmed") is not True or not isinstance(member.get("id"), str):
        return ""
    return address.casefold()
