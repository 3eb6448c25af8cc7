"""Who has which work address in Teams, as the roster of the desk's own channel says.

Asked by jobs only. A guest's address is verified by somebody else's directory, so guests
are nobody here; nor is anyone of another directory than ours. Names come with the roster
and are not read. Fields: learn.microsoft.com, "Get Teams specific context for your bot".
"""

from collections.abc import Iterator
from typing import Final

from bot.domain.errors import NeedsHuman
from bot.domain.people import same_address
from bot.domain.roster import Account
from handlers.teams.connector import Connector, Json, Spot
from handlers.teams.references import CHAT, References
from handlers.teams.trouble import SYSTEM, ConversationGone

#: What Teams calls those who are not of our directory.
NOT_OURS: Final = frozenset({"guest", "anonymous"})
GUEST: Final = "#ext#"


class TeamsDirectory:
    """The `Directory` of Teams. *tenant* is ours; "" for a playground, whose people have none."""

    def __init__(self, connector: Connector, references: References, channel: str, tenant: str) -> None:
        self._connector = connector
        self._references = references
        self._channel = channel
        self._tenant = tenant.casefold()

    @property
    def chat(self) -> str:
        """The chat's name."""
        return CHAT

    async def handle_of(self, email: str) -> str:
        """Return the directory's id of who has that work address; "" when nobody has. Raises `SystemTrouble`."""
        spot, after = await self._roster(), ""
        while True:
            page = await self._connector.members(spot, after)
            for member in _members(page):
                if any(same_address(one, email) for one in self._addresses(member)):
                    return _handle(member)
            after = _word(page, "continuationToken")
            if not after:
                return ""

    async def account(self, handle: str) -> Account:
        """Return what Teams says of an id, to hold against who has it by the people file. Raises `SystemTrouble`.

        Of who is not in the channel's team it says nothing: they may work from their own chat with the desk.
        """
        try:
            member = await self._connector.member(await self._roster(), handle)
        except ConversationGone:
            return Account(ours=True)
        theirs = _word(member, "tenantId").casefold()
        elsewhere = bool(self._tenant and theirs) and theirs != self._tenant
        other = _handle(member) not in {"", handle.casefold()}
        return Account(not (elsewhere or other or _is_guest(member)), self._addresses(member))

    async def address_of(self, handle: str) -> str:
        """Return somebody's work address; "" for who is not one of our own. Raises `SystemTrouble`."""
        try:
            member = await self._connector.member(await self._roster(), handle)
        except ConversationGone:  # not in the team
            return ""
        return next(iter(self._addresses(member)), "") if _handle(member) == handle.casefold() else ""

    async def others_read(self) -> bool:
        """Whether people of another directory read the channel: then it is shared. Raises `SystemTrouble`."""
        spot, after = await self._roster(), ""
        while True:
            page = await self._connector.members(spot, after)
            if any(_word(member, "tenantId").casefold() not in {"", self._tenant} for member in _members(page)):
                return True
            after = _word(page, "continuationToken")
            if not after:
                return False

    async def _roster(self) -> Spot:
        known = await self._references.spot(self._channel)
        if known is not None:
            return known
        service_url = await self._references.service_url()
        if not service_url:
            raise NeedsHuman("trouble.teams_never_met", {"system": SYSTEM})
        return Spot(service_url, self._channel)

    def _addresses(self, member: Json) -> tuple[str, ...]:
        """Return a member's work addresses, the mail address first; nothing for who is not of our directory."""
        principal, tenant = _word(member, "userPrincipalName"), _word(member, "tenantId").casefold()
        if _is_guest(member) or tenant != self._tenant:
            return ()
        return tuple(one for one in (_word(member, "email"), principal) if one)


def _members(page: Json) -> Iterator[Json]:
    members = page.get("members")
    yield from (one for one in (members if isinstance(members, list) else []) if isinstance(one, dict))


def _is_guest(member: Json) -> bool:
    return GUEST in _word(member, "userPrincipalName").casefold() or _word(member, "userRole").casefold() in NOT_OURS


def _handle(member: Json) -> str:
    return (_word(member, "aadObjectId") or _word(member, "objectId")).casefold()


def _word(holder: Json, name: str) -> str:
    word = holder.get(name)
    return word if isinstance(word, str) else ""
