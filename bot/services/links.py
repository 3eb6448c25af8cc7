"""Single-use links: the person's page and a colleague's one-time page (D7c, D15).

Only keyed digests are kept. A GET changes nothing, because scanners follow links; a POST
exchanges the token, once, for a short session.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import NotAllowedNow, NotFound
from bot.domain.identity import LINK_LIVES
from bot.ports import Link, LinkPurpose, Unit
from bot.services.person_views import KnockState

REVIEW_LIVES: Final = timedelta(minutes=10)
#: Where colleagues sign in a link only names the page: it need not hurry them, and nobody else can use it.
REVIEW_LIVES_SIGNED_IN: Final = timedelta(hours=8)
SESSION_LIVES: Final = {
    LinkPurpose.SUBJECT: timedelta(minutes=30),
    LinkPurpose.UNDO: timedelta(minutes=30),
    LinkPurpose.REVIEW: timedelta(minutes=10),
}
PATHS: Final = {LinkPurpose.SUBJECT: "c", LinkPurpose.UNDO: "undo", LinkPurpose.REVIEW: "review"}
TOKEN, SESSION = "link", "session"


async def new_link(unit: Unit, purpose: LinkPurpose, about: str, now: datetime) -> str:
    """Keep a new link about something and return its path, "/c/<token>" or "/undo/<token>"."""
    return await _kept(unit, Link("", purpose, about, now + LINK_LIVES))


async def review_link(unit: Unit, about: str, now: datetime, colleague: str, *, signs_in: bool) -> str:
    """Keep a new link to a colleague's page and return its path, "/review/<token>"."""
    lives = REVIEW_LIVES_SIGNED_IN if signs_in else REVIEW_LIVES
    return await _kept(unit, Link("", LinkPurpose.REVIEW, about, now + lives, colleague))


async def _kept(unit: Unit, link: Link) -> str:
    token = secrets.token_urlsafe(24)
    await unit.links.add(replace(link, digest=unit.index.digest(TOKEN, token)))
    return f"/{PATHS[link.purpose]}/{token}"


async def known(unit: Unit, purpose: LinkPurpose, token: str) -> Link | None:
    """Return the link a token opens, used or not, expired or not."""
    link = await unit.links.by_digest(unit.index.digest(TOKEN, token))
    return link if link is not None and link.purpose is purpose else None


def state_of(link: Link, now: datetime) -> KnockState:
    """Return what a known link is worth: opened before, too late, or still to be opened."""
    if link.used_at is not None:
        return KnockState.USED
    return KnockState.EXPIRED if now >= link.expires_at else KnockState.FRESH


async def exchange(unit: Unit, purpose: LinkPurpose, token: str, now: datetime) -> tuple[Link, str]:
    """Use the link up and return it with a fresh session value; raises `NotAllowedNow`."""
    link = await known(unit, purpose, token)
    if link is None or state_of(link, now) is not KnockState.FRESH:
        raise NotAllowedNow("refusal.link_spent")
    session = secrets.token_urlsafe(24)
    used = replace(
        link,
        used_at=now,
        session_digest=unit.index.digest(SESSION, session),
        session_until=now + SESSION_LIVES[purpose],
    )
    await unit.links.save(used)
    return used, session


async def opened_by(unit: Unit, link: Link, colleague: str, now: datetime, until: datetime) -> str:
    """Return a session for the page a link names, for a colleague who signed in; the link itself is not used up."""
    session, token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    digest = unit.index.digest(SESSION, session)
    page = Link(unit.index.digest(TOKEN, token), link.purpose, link.about, until, colleague, now, digest, until)
    await unit.links.add(page)
    return session


async def by_session(unit: Unit, purpose: LinkPurpose, session: str, now: datetime) -> Link:
    """Return the link whose session this is; raises `NotFound` when it is over."""
    link = await unit.links.by_digest(unit.index.digest(SESSION, session))
    if link is None or link.purpose is not purpose or link.session_until is None or now >= link.session_until:
        raise NotFound("refusal.session_over")
    return link


async def stands(unit: Unit, session: str) -> bool:
    """Whether nobody has closed what a session opened, be its time over or not (R64)."""
    return await unit.links.by_digest(unit.index.digest(SESSION, session)) is not None
