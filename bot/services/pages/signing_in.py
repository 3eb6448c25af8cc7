"""Colleagues sign in with the directory before a page shows content (D15).

What a sign-in needs on its way (state, PKCE verifier, the page they came for) travels sealed in a cookie of the
browser that began it: a stranger who begins a thousand sign-ins writes nothing here, any web process can finish one,
and nobody finishes one that another browser began. The session is ours: a random value of which only a keyed digest
is kept, so that signing out ends it everywhere at once and a colleague who left is out with the next request.
"""

import base64
import hmac
import json
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from bot.domain.errors import NotAllowedNow, NotFound, NotYours
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague, same_address
from bot.ports import Account, Begun, ChatIdentity, Entrance, Link, LinkPurpose, Unit
from bot.services.house import House
from bot.services.pages.admission import SignedIn

log = logging.getLogger(__name__)

#: How long a sign-in may take, with a second factor to be found.
FLOW_LIVES: Final = timedelta(minutes=15)
#: A session ends after so long without a request, and after a working day whatever is done.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)
#: A request moves the end of the idle time only when that is worth a write.
WORTH_A_WRITE: Final = timedelta(minutes=1)
SESSION: Final = "sign_in"
CHAT: Final = "teams"  # its id of a colleague is the directory's
#: Where a sign-in may lead: a link's token, an opened page's place, or nowhere.
PAGE: Final = re.compile(r"((at/)?[A-Za-z0-9_-]{6,64})?")


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that has begun: where the browser goes, and what it keeps meanwhile."""

    url: str
    state: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that holds: the session's value, and the page they came for ("" for none)."""

    session: str = field(repr=False)
    page: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Signing in and out, as the handlers see it."""

    house: House
    entrance: Entrance

    async def begin(self, page: str, *, choose: bool = False) -> Started:
        """Begin a sign-in that leads to a page; keeps nothing. *choose*: with another account than the last one."""
        if not PAGE.fullmatch(page):
            raise NotFound("refusal.not_found")
        begun: Begun = await self.entrance.begin(choose=choose)
        sealed = self._seal().encrypt_at_time(json.dumps([begun.flow, page]).encode(), self._second())
        return Started(begun.url, begun.state, sealed.decode())

    def page_of(self, sealed: str) -> str:
        """Return the page a sign-in leads to; "" when it is not known any longer."""
        return self._opened(sealed)[1]

    async def finish(self, sealed: str, answer: Mapping[str, str], before: str) -> Finished:
        """Let in who signed in, with a session of its own; the one this browser had *before* ends.

        Raises `NotYours` for who is not of the desk; everything else as `Entrance.finish`.
        """
        flow, page = self._opened(sealed)
        if not flow:
            raise NotAllowedNow("refusal.sign_in_over")
        try:
            account = await self.entrance.finish(flow, answer)
            async with self.house.work() as unit:
                colleague = await self._colleague(unit, account)
        except NotYours as refusal:  # somebody the directory knows; what anybody could bring writes nothing
            async with self.house.work() as unit:
                facts: dict[str, str | int] = {"verb": SESSION, "why": refusal.key}
                await unit.ledger.write(DESK, LedgerEvent.REFUSED, DESK, facts)
            raise
        session, now = secrets.token_urlsafe(32), self.house.now()
        async with self.house.work() as unit:
            await _end(unit, await _session(unit, before), self.house)
            digest = unit.index.digest(SESSION, session)
            link = Link(digest, LinkPurpose.SIGN_IN, DESK, now + LONGEST, colleague.id, now, "", now + IDLE)
            await unit.links.add(link)
            await unit.ledger.write(DESK, LedgerEvent.SIGNED_IN, colleague.id)
        log.info("signed in")
        return Finished(session, page)

    async def who(self, session: str) -> SignedIn | None:
        """Return who a session belongs to, and let it live on; None when it is over or they left."""
        if not session:
            return None
        now = self.house.now()
        async with self.house.work() as unit:
            link = await _session(unit, session)
            if link is None or link.session_until is None or now >= min(link.expires_at, link.session_until):
                return None
            try:
                colleague = self.house.people.by_id(link.colleague)
            except NotFound:
                return None
            if link.session_until < now + IDLE - WORTH_A_WRITE:
                await unit.links.save(replace(link, session_until=now + IDLE))
        return SignedIn(colleague, link.expires_at)

    async def sign_out(self, session: str) -> None:
        """End a session; harmless when there is none."""
        async with self.house.work() as unit:
            link = await _session(unit, session)
            if await _end(unit, link, self.house) and link is not None:
                await unit.ledger.write(DESK, LedgerEvent.SIGNED_OUT, link.colleague)

    async def _colleague(self, unit: Unit, account: Account) -> Colleague:
        """Return whom an account belongs to, and keep what an address told: from then on only the id counts.

        The people file comes first, then what is kept. An address whose colleague is bound to another account is
        worth nothing: it may have been given to somebody new.
        """
        people, refusal = self.house.people.written.colleagues, "refusal.sign_in_unknown"
        for one in people:
            if one.handles.get(CHAT, "").lower() == account.oid:
                return one
        free = {one.id: one for one in people if not one.handles.get(CHAT)}
        kept = await unit.identities.of(CHAT, account.oid)
        if kept is not None and kept.colleague in free:
            return free[kept.colleague]
        bound = {one.colleague for one in await unit.identities.every() if one.chat == CHAT}
        for one in people:
            if same_address(account.address, one.email):
                if one.id in free and one.id not in bound:
                    await unit.identities.put(ChatIdentity(CHAT, account.oid, one.id, self.house.now()))
                    facts: dict[str, str | int] = {"chat": CHAT, "who": one.id, "before": ""}
                    await unit.ledger.write(DESK, LedgerEvent.PERSON_MAPPED, DESK, facts)
                    return one
                refusal = "refusal.sign_in_another_account"
        officers = [one.name for one in self.house.people.officers()]
        raise NotYours(refusal, {"who": self.house.texts.together(self.house.language, officers)})

    def _opened(self, sealed: str) -> tuple[str, str]:
        """Return the flow and the page of a sealed sign-in; two empty strings when it is not ours or too old."""
        try:
            lives = int(FLOW_LIVES.total_seconds())
            flow, page = json.loads(self._seal().decrypt_at_time(sealed.encode(), lives, self._second()))
        except (InvalidToken, ValueError):
            return "", ""
        return str(flow), str(page)

    def _seal(self) -> Fernet:
        key = hmac.new(self.house.signing_key, b"sign-in on its way", sha256).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def _second(self) -> int:
        return int(self.house.now().timestamp())


async def _session(unit: Unit, session: str) -> Link | None:
    link = await unit.links.by_digest(unit.index.digest(SESSION, session)) if session else None
    return link if link is not None and link.purpose is LinkPurpose.SIGN_IN else None


async def _end(unit: Unit, link: Link | None, house: House) -> bool:
    """End a session that is open still; whether it was."""
    now = house.now()
    if link is None or link.session_until is None or link.session_until <= now:
        return False
    await unit.links.save(replace(link, session_until=now))
    return True
