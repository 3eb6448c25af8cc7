"""Items, links, posts and reviews in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.errors import NotFound, StaleCard
from bot.ports import COLLEAGUES, Clock, IncomingItem, ItemState, Link, Post, RetentionReview, ReviewState
from tests.memory.shelves import Shelves


class MemoryItems:
    def __init__(self, shelves: Shelves) -> None:
        self._items = shelves.items

    async def add(self, item: IncomingItem) -> bool:
        if any(known.source_key == item.source_key for known in self._items.values()):
            return False
        self._items[item.id] = item
        return True

    async def load(self, item_id: str) -> IncomingItem:
        try:
            return self._items[item_id]
        except KeyError:
            raise NotFound("refusal.not_found") from None

    async def by_source(self, source_key: str) -> IncomingItem | None:
        return next((item for item in self._items.values() if item.source_key == source_key), None)

    async def save(self, before: IncomingItem, after: IncomingItem) -> IncomingItem:
        if (await self.load(before.id)).version != before.version:
            raise StaleCard("refusal.stale")
        self._items[before.id] = replace(after, version=before.version + 1)
        return self._items[before.id]

    async def waiting(self, before: datetime | None = None) -> Sequence[IncomingItem]:
        found = [
            item
            for item in self._items.values()
            if item.state is ItemState.WAITING and (before is None or item.received < before)
        ]
        return sorted(found, key=lambda item: (item.received, item.id))

    async def older(self) -> Sequence[IncomingItem]:
        found = [item for item in self._items.values() if item.state is ItemState.OLDER]
        return sorted(found, key=lambda item: (item.received, item.id))


class MemoryLinks:
    def __init__(self, shelves: Shelves) -> None:
        self._links = shelves.links

    async def add(self, link: Link) -> None:
        self._links[link.digest] = link

    async def by_digest(self, digest: str) -> Link | None:
        matches = (link for link in self._links.values() if digest in (link.digest, link.session_digest))
        return next(matches, None) if digest else None

    async def save(self, link: Link) -> None:
        stored = self._links.get(link.digest)
        if stored is None:
            raise NotFound("refusal.not_found")
        if stored.used_at is not None and link.used_at != stored.used_at:
            raise StaleCard("refusal.stale")
        self._links[link.digest] = replace(
            stored, used_at=link.used_at, session_digest=link.session_digest, session_until=link.session_until
        )

    async def sweep(self, before: datetime) -> None:
        for link in [link for link in self._links.values() if link.purpose in COLLEAGUES]:
            if link.expires_at < before and (link.session_until is None or link.session_until < before):
                del self._links[link.digest]

    async def drop(self, about: str) -> None:
        for link in [link for link in self._links.values() if link.about == about]:
            del self._links[link.digest]

    async def drop_of(self, colleague: str) -> None:
        for link in [one for one in self._links.values() if one.purpose in COLLEAGUES and one.colleague == colleague]:
            del self._links[link.digest]


class MemoryPosts:
    def __init__(self, shelves: Shelves, clock: Clock) -> None:
        self._posts = shelves.posts
        self._clock = clock

    async def put(self, post: Post) -> None:
        stored = self._posts.get(post.id)
        created = (stored.created_at if stored else post.created_at) or self._clock.now()
        self._posts[post.id] = replace(post, created_at=created)

    async def about(self, about: str) -> Sequence[Post]:
        return [post for post in self._posts.values() if post.about == about]

    async def known(self, chat: str, address: str, message_id: str) -> bool:
        wanted = (chat, address, message_id)
        return any((post.chat, post.address, post.message_id) == wanted for post in self._posts.values())

    async def feed(self, chat: str, address: str, limit: int = 100) -> Sequence[Post]:
        here = [post for post in self._posts.values() if (post.chat, post.address) == (chat, address)]
        return here[::-1][:limit]

    async def drop(self, about: str) -> None:
        for post in await self.about(about):
            del self._posts[post.id]

    async def remove(self, post_id: str) -> None:
        self._posts.pop(post_id, None)


class MemoryReviews:
    def __init__(self, shelves: Shelves) -> None:
        self._reviews = shelves.reviews

    async def add(self, review: RetentionReview) -> None:
        self._reviews[review.id] = review

    async def load(self, review_id: str) -> RetentionReview:
        try:
            return self._reviews[review_id]
        except KeyError:
            raise NotFound("refusal.not_found") from None

    async def save(self, before: RetentionReview, after: RetentionReview) -> RetentionReview:
        if (await self.load(before.id)).version != before.version:
            raise StaleCard("refusal.stale")
        self._reviews[before.id] = replace(after, version=before.version + 1)
        return self._reviews[before.id]

    async def open_for(self, rule: str) -> Sequence[RetentionReview]:
        found = [r for r in self._reviews.values() if r.rule == rule and r.state is not ReviewState.DONE]
        return sorted(found, key=lambda review: (review.started_at, review.id))
