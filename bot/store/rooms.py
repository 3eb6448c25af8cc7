"""The smaller stores: incoming items, links, posts, retention reviews, the blind index."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from bot.domain.errors import NotFound, StaleCard
from bot.ports import COLLEAGUES, Clock, IncomingItem, ItemState, Link, Post, RetentionReview, ReviewState
from bot.store.index import keyed_digest
from bot.store.rows import IndexRow, ItemRow, LinkRow, PostRow, ReviewRow
from bot.store.session import Session
from bot.store.shape import Shape, plain

ITEM: Final = Shape(IncomingItem)
LINK: Final = Shape(Link)
POST: Final = Shape(Post)
REVIEW: Final = Shape(RetentionReview, nested=("exempt", "opened_by", "approved_by"))

NEW_ITEM: Final = """
INSERT INTO item (id, source_key, received, state, route, ticket_id, broken, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source_key) DO NOTHING RETURNING id
"""
PUT_POST: Final = """
INSERT INTO post (id, chat, address, about, message_id, told_seq, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET chat = excluded.chat, address = excluded.address, about = excluded.about,
message_id = excluded.message_id, told_seq = excluded.told_seq
"""
FIND_REVIEW: Final = "SELECT * FROM review WHERE id = $1"


class StoredItems:
    """The incoming items of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, item: IncomingItem) -> bool:
        """Keep the item; False (and nothing kept) when its source is known already."""
        columns = ITEM.columns(item)
        names = ("id", "source_key", "received", "state", "route", "ticket_id", "broken", "version")
        return bool(await self._session.rows(NEW_ITEM, *(columns[name] for name in names)))

    async def load(self, item_id: str) -> IncomingItem:
        """Return the item, or raise `NotFound`."""
        for row in await ItemRow.filter(id=item_id).using_db(self._session.db).values():
            return ITEM.value(row)
        raise NotFound("refusal.not_found")

    async def by_source(self, source_key: str) -> IncomingItem | None:
        """Return the item that was made from a source, None when nothing was."""
        rows = await ItemRow.filter(source_key=source_key).using_db(self._session.db).values()
        return ITEM.value(rows[0]) if rows else None

    async def save(self, before: IncomingItem, after: IncomingItem) -> IncomingItem:
        """Write it; `StaleCard` when it moved meanwhile."""
        saved = replace(after, version=before.version + 1)
        rows = ItemRow.filter(id=before.id, version=before.version).using_db(self._session.db)
        if await rows.update(**ITEM.changed(before, saved)) != 1:
            raise StaleCard("refusal.stale")
        return saved

    async def waiting(self, before: datetime | None = None) -> Sequence[IncomingItem]:
        """Return waiting items, oldest first (those received before a moment)."""
        rows = ItemRow.filter(state=ItemState.WAITING.value).using_db(self._session.db)
        if before is not None:
            rows = rows.filter(received__lt=plain(before))
        return [ITEM.value(row) for row in await rows.order_by("received", "id").values()]

    async def older(self) -> Sequence[IncomingItem]:
        """Return what a backfill found and nobody has decided on, oldest first."""
        rows = ItemRow.filter(state=ItemState.OLDER.value).using_db(self._session.db)
        return [ITEM.value(row) for row in await rows.order_by("received", "id").values()]


class StoredLinks:
    """The links of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, link: Link) -> None:
        """Keep a link."""
        await LinkRow.bulk_create([LinkRow(**LINK.columns(link))], using_db=self._session.db)

    async def by_digest(self, digest: str) -> Link | None:
        """Return the link by its token's or its session's digest."""
        sql = "SELECT * FROM link WHERE digest = $1 OR (session_digest = $1 AND session_digest <> '')"
        rows = await self._session.rows(sql, digest)
        return LINK.value(rows[0]) if rows else None

    async def save(self, link: Link) -> None:
        """Write its use and session. Raises `StaleCard` if it was already used and this use is new, or `NotFound`."""
        moves = {name: LINK.columns(link)[name] for name in ("used_at", "session_digest", "session_until")}
        sql = (
            "UPDATE link SET used_at = $2, session_digest = $3, session_until = $4 "
            "WHERE digest = $1 AND (used_at IS NULL OR used_at = $2) RETURNING digest"
        )
        if await self._session.rows(sql, link.digest, *moves.values()):
            return
        if await self.by_digest(link.digest) is None:
            raise NotFound("refusal.not_found")
        raise StaleCard("refusal.stale")

    async def drop(self, about: str) -> None:
        """Forget every link about something."""
        await LinkRow.filter(about=about).using_db(self._session.db).delete()

    async def drop_of(self, colleague: str) -> None:
        """Forget every link and session of a colleague's, signing in and open pages alike; harmless twice."""
        theirs = LinkRow.filter(purpose__in=[one.value for one in COLLEAGUES], colleague=colleague)
        await theirs.using_db(self._session.db).delete()

    async def sweep(self, before: datetime) -> None:
        """Forget colleagues' sign-ins and links that were over by then."""
        over = LinkRow.filter(purpose__in=[one.value for one in COLLEAGUES], expires_at__lt=plain(before)).filter(
            Q(session_until__isnull=True) | Q(session_until__lt=plain(before))
        )
        await over.using_db(self._session.db).delete()


class StoredPosts:
    """The posts of one transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def put(self, post: Post) -> None:
        """Add or replace by id; a new post without a moment gets the present one, a replaced one keeps its own."""
        columns = POST.columns(replace(post, created_at=post.created_at or self._clock.now()))
        names = ("id", "chat", "address", "about", "message_id", "told_seq", "created_at")
        await self._session.rows(PUT_POST, *(columns[name] for name in names))

    async def about(self, about: str) -> Sequence[Post]:
        """Return the posts about something."""
        rows = await self._session.rows("SELECT * FROM post WHERE about = $1 ORDER BY seq", about)
        return [POST.value(row) for row in rows]

    async def known(self, chat: str, address: str, message_id: str) -> bool:
        """Whether a chat's message at an address is a post, whatever about."""
        found = PostRow.filter(chat=chat, address=address, message_id=message_id).using_db(self._session.db)
        return await found.exists()

    async def feed(self, chat: str, address: str, limit: int = 100) -> Sequence[Post]:
        """Return the newest posts at an address, newest first."""
        rows = PostRow.filter(chat=chat, address=address).using_db(self._session.db).order_by("-seq").limit(limit)
        return [POST.value(row) for row in await rows.values()]

    async def drop(self, about: str) -> None:
        """Forget the posts about something."""
        await PostRow.filter(about=about).using_db(self._session.db).delete()

    async def remove(self, post_id: str) -> None:
        """Forget one post; harmless twice."""
        await PostRow.filter(id=post_id).using_db(self._session.db).delete()


class StoredReviews:
    """The retention reviews of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, review: RetentionReview) -> None:
        """Keep a review."""
        await ReviewRow.bulk_create([ReviewRow(**REVIEW.columns(review))], using_db=self._session.db)

    async def load(self, review_id: str) -> RetentionReview:
        """Return it, or raise `NotFound`; on PostgreSQL lock its row, as a ticket's: two may open a list at once."""
        lock = " FOR UPDATE" if self._session.postgres else ""
        for row in await self._session.rows(FIND_REVIEW + lock, review_id):
            return REVIEW.value(row)
        raise NotFound("refusal.not_found")

    async def save(self, before: RetentionReview, after: RetentionReview) -> RetentionReview:
        """Write it; `StaleCard` when it moved meanwhile."""
        saved = replace(after, version=before.version + 1)
        rows = ReviewRow.filter(id=before.id, version=before.version).using_db(self._session.db)
        if await rows.update(**REVIEW.changed(before, saved)) != 1:
            raise StaleCard("refusal.stale")
        return saved

    async def open_for(self, rule: str) -> Sequence[RetentionReview]:
        """Return the reviews of a rule that are not DONE."""
        rows = ReviewRow.filter(rule=rule).exclude(state=ReviewState.DONE.value).using_db(self._session.db)
        return [REVIEW.value(row) for row in await rows.order_by("started_at", "id").values()]


class BlindIndex:
    """The blind index of one transaction."""

    def __init__(self, session: Session, key: bytes) -> None:
        self._session = session
        self._key = key

    def digest(self, kind: str, value: str) -> str:
        """Return the keyed digest of a value (NFKC, trimmed, case-folded)."""
        return keyed_digest(self._key, kind, value)

    async def remember(self, ticket_id: str, *digests: str) -> None:
        """Let the ticket be found by each of *digests*."""
        rows = [IndexRow(ticket_id=ticket_id, digest=digest) for digest in digests]
        if not rows:
            return
        await IndexRow.bulk_create(rows, ignore_conflicts=True, using_db=self._session.db)

    async def leads_to(self, ticket_id: str, digests: Collection[str]) -> bool:
        """Whether the ticket is found by any of *digests*."""
        places = ", ".join(f"${number}" for number in range(2, len(digests) + 2))
        looked = f"SELECT 1 FROM blind_index WHERE ticket_id = $1 AND digest IN ({places}) LIMIT 1"  # noqa: S608 - numbers
        return bool(digests) and bool(await self._session.rows(looked, ticket_id, *digests))

    async def forget(self, ticket_id: str) -> None:
        """Remove every digest of the ticket."""
        await IndexRow.filter(ticket_id=ticket_id).using_db(self._session.db).delete()
