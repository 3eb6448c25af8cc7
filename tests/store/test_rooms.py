"""Items, links, posts, reviews: the same promises from memory, SQLite and PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.errors import NotFound, StaleCard
from bot.domain.request import Route
from bot.ports import IncomingItem, ItemState, Link, LinkPurpose, Post, RetentionReview, ReviewState, Work
from tests.fakes import FixedClock
from tests.store.samples import AT, LATER


def an_item(item_id: str = "i1", source_key: str = "s1", days: int = 0) -> IncomingItem:
    """Return an item that waits."""
    return IncomingItem(item_id, source_key, AT + timedelta(days=days), ItemState.WAITING, Route.HUMAN_REVIEW)


async def test_an_item_comes_back_as_it_was(work: Work) -> None:
    item = replace(
        an_item(), state=ItemState.TICKET, route=Route.ATTACH_TO_CASE, ticket_id="t1", broken=True, version=3
    )
    async with work() as unit:
        assert await unit.items.add(item)
    async with work() as unit:
        assert await unit.items.load("i1") == item
        with pytest.raises(NotFound):
            await unit.items.load("i2")


async def test_the_same_mail_read_twice_is_one_item(work: Work) -> None:
    async with work() as unit:
        assert await unit.items.add(an_item("i1"))
        assert not await unit.items.add(an_item("i2"))
        with pytest.raises(NotFound):
            await unit.items.load("i2")


async def test_the_same_mail_read_by_many_at_once_is_one_item(work: Work) -> None:
    async def read(n: int) -> bool:
        async with work() as unit:
            return await unit.items.add(an_item(f"i{n}"))

    assert sum(await asyncio.gather(*(read(n) for n in range(6)))) == 1


async def test_an_item_is_found_by_what_it_was_made_from(work: Work) -> None:
    async with work() as unit:
        await unit.items.add(an_item("i1", "s1"))
        await unit.items.add(an_item("i2", "s2"))
    async with work() as unit:
        assert await unit.items.by_source("s2") == an_item("i2", "s2")
        assert await unit.items.by_source("s3") is None


async def test_waiting_items_are_listed_oldest_first(work: Work) -> None:
    async with work() as unit:
        for n, days in enumerate((2, 0, 1)):
            await unit.items.add(an_item(f"i{n}", f"s{n}", days))
        await unit.items.add(replace(an_item("done", "s9"), state=ItemState.DISMISSED))
    async with work() as unit:
        assert [item.id for item in await unit.items.waiting()] == ["i1", "i2", "i0"]
        assert [item.id for item in await unit.items.waiting(AT + timedelta(days=2))] == ["i1", "i2"]


async def test_an_item_is_dismissed_once(work: Work) -> None:
    async with work() as unit:
        await unit.items.add(an_item())
    async with work() as unit:
        saved = await unit.items.save(an_item(), replace(an_item(), state=ItemState.DISMISSED))
        assert (saved.state, saved.version) == (ItemState.DISMISSED, 2)
        assert await unit.items.load("i1") == saved
    with pytest.raises(StaleCard):
        async with work() as unit:
            await unit.items.save(an_item(), replace(an_item(), state=ItemState.TICKET))


LINK = Link("d" * 64, LinkPurpose.REVIEW, "t1", LATER, colleague="karin")
USED = replace(LINK, used_at=AT, session_digest="s" * 64, session_until=LATER)


async def test_a_link_is_found_by_its_token_and_by_its_session(work: Work) -> None:
    async with work() as unit:
        await unit.links.add(LINK)
        assert await unit.links.by_digest(LINK.digest) == LINK
        assert await unit.links.by_digest("") is None
        await unit.links.save(USED)
    async with work() as unit:
        assert await unit.links.by_digest(USED.session_digest) == USED
        assert await unit.links.by_digest(LINK.digest) == USED
        assert await unit.links.by_digest("unknown") is None


async def test_a_link_is_used_once(work: Work) -> None:
    async with work() as unit:
        await unit.links.add(LINK)
        await unit.links.save(USED)
        await unit.links.save(replace(USED, session_until=LATER + timedelta(hours=1)))
    with pytest.raises(StaleCard):
        async with work() as unit:
            await unit.links.save(replace(USED, used_at=LATER, session_digest="other"))
    with pytest.raises(NotFound):
        async with work() as unit:
            await unit.links.save(replace(USED, digest="unknown"))


async def test_of_two_opening_a_link_at_once_one_succeeds(work: Work) -> None:
    async with work() as unit:
        await unit.links.add(LINK)

    async def use(n: int) -> bool:
        try:
            async with work() as unit:
                await unit.links.save(replace(USED, used_at=AT + timedelta(seconds=n), session_digest=f"s{n}"))
        except StaleCard:
            return False
        return True

    assert sum(await asyncio.gather(*(use(n) for n in range(4)))) == 1


async def test_two_unused_links_stand_side_by_side_and_go_together(work: Work) -> None:
    async with work() as unit:
        await unit.links.add(LINK)
        await unit.links.add(replace(LINK, digest="e" * 64))
        await unit.links.add(replace(LINK, digest="f" * 64, about="t2"))
        await unit.links.drop("t1")
        found = [await unit.links.by_digest(letter * 64) for letter in "def"]
    assert [link is not None for link in found] == [False, False, True]


async def test_a_colleagues_links_and_sessions_go_together_and_no_one_elses(work: Work) -> None:
    theirs = {
        "a": replace(LINK, digest="a" * 64, colleague="karin"),
        "b": replace(LINK, digest="b" * 64, purpose=LinkPurpose.SIGN_IN, colleague="karin", session_until=LATER),
    }
    others = {
        "c": replace(LINK, digest="c" * 64, colleague="maria"),
        "d": replace(LINK, purpose=LinkPurpose.SUBJECT, colleague=""),
    }
    async with work() as unit:
        for link in (*theirs.values(), *others.values()):
            await unit.links.add(link)
        await unit.links.drop_of("karin")
        await unit.links.drop_of("")
        found = [letter for letter in "abcd" if await unit.links.by_digest(letter * 64)]
    assert found == sorted(others)


async def test_what_colleagues_opened_is_swept_once_it_is_over_and_nothing_of_the_persons(work: Work) -> None:
    """A sign-in whose limit has passed but that is in use still, or the other way round, stays."""
    kept = {
        "a": replace(LINK, digest="a" * 64, purpose=LinkPurpose.SUBJECT, expires_at=AT),
        "b": replace(LINK, digest="b" * 64, purpose=LinkPurpose.SIGN_IN),
        "c": replace(LINK, digest="c" * 64, expires_at=AT, used_at=AT, session_until=LATER),
    }
    over = {
        "d": replace(LINK, expires_at=AT),
        "e": replace(LINK, digest="e" * 64, purpose=LinkPurpose.SIGN_IN, expires_at=AT, session_until=AT),
    }
    async with work() as unit:
        for link in (*kept.values(), *over.values()):
            await unit.links.add(link)
        await unit.links.sweep(AT + timedelta(seconds=1))
        found = [letter for letter in "abcde" if await unit.links.by_digest(letter * 64)]
    assert found == sorted(kept)


async def test_a_post_is_replaced_by_id_and_keeps_its_moment_and_place(work: Work, clock: FixedClock) -> None:
    first = Post("p1", "console", "tickets", "t1")
    async with work() as unit:
        await unit.posts.put(first)
        await unit.posts.put(Post("p2", "console", "tickets", "t2"))
        await unit.posts.put(Post("p3", "slack", "tickets", "t1"))
    posted = clock.now()
    clock.advance(timedelta(hours=1))
    async with work() as unit:
        await unit.posts.put(replace(first, message_id="m7", told_seq=4))
        told = replace(first, message_id="m7", told_seq=4, created_at=posted)
        assert await unit.posts.about("t1") == [told, Post("p3", "slack", "tickets", "t1", created_at=posted)]
        assert [post.id for post in await unit.posts.feed("console", "tickets")] == ["p2", "p1"]
        assert [post.id for post in await unit.posts.feed("console", "tickets", limit=1)] == ["p2"]
        assert await unit.posts.known("console", "tickets", "m7")
        assert not await unit.posts.known("slack", "tickets", "m7")
        assert not await unit.posts.known("console", "elsewhere", "m7")
        await unit.posts.remove("p3")
        await unit.posts.remove("p3")
        assert await unit.posts.about("t1") == [told]
        await unit.posts.drop("t1")
        assert await unit.posts.about("t1") == []


REVIEW = RetentionReview(
    id="r1",
    rule="no_interest",
    system="hubspot",
    state=ReviewState.POSTPONED,
    started_at=AT,
    count=212,
    exempt={"hold": 3, "open_ticket": 2},
    opened_by=("karin",),
    approved_by=("karin", "vera"),
    postponed_until=date(2026, 4, 1),
    done=7,
    version=2,
)


async def test_a_review_comes_back_as_it_was_and_moves_once(work: Work) -> None:
    async with work() as unit:
        await unit.reviews.add(REVIEW)
    async with work() as unit:
        assert await unit.reviews.load("r1") == REVIEW
        saved = await unit.reviews.save(REVIEW, replace(REVIEW, state=ReviewState.APPROVED, postponed_until=None))
        assert saved.version == 3
        assert await unit.reviews.load("r1") == saved
        with pytest.raises(NotFound):
            await unit.reviews.load("r2")
    with pytest.raises(StaleCard):
        async with work() as unit:
            await unit.reviews.save(REVIEW, replace(REVIEW, state=ReviewState.DONE))


async def test_a_list_that_many_open_at_once_knows_each_of_them(work: Work) -> None:
    """Whoever opened it may approve it: nobody is turned away because another looked at the same moment."""
    async with work() as unit:
        await unit.reviews.add(REVIEW)

    async def look(who: str) -> None:
        async with work() as unit:
            review = await unit.reviews.load(REVIEW.id)
            await asyncio.sleep(0)
            await unit.reviews.save(review, replace(review, opened_by=(*review.opened_by, who)))

    await asyncio.gather(*(look(f"c{n}") for n in range(6)))
    async with work() as unit:
        assert {f"c{n}" for n in range(6)} <= set((await unit.reviews.load(REVIEW.id)).opened_by)


async def test_the_reviews_of_a_rule_that_are_not_done(work: Work) -> None:
    async with work() as unit:
        await unit.reviews.add(replace(REVIEW, id="young", started_at=LATER))
        await unit.reviews.add(replace(REVIEW, id="old"))
        await unit.reviews.add(replace(REVIEW, id="done", state=ReviewState.DONE))
        await unit.reviews.add(replace(REVIEW, id="other", rule="candidates"))
        assert [review.id for review in await unit.reviews.open_for("no_interest")] == ["old", "young"]
