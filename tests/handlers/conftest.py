"""The web application around small stand-ins, reached over real HTTP on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from itertools import pairwise

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from selectolax.lexbor import LexborHTMLParser, LexborNode

from handlers.guesses import Guesses
from handlers.page import Pages
from handlers.portal import portal_routes
from handlers.review import review_routes
from handlers.web import Door, Figure, Vitals, make_application
from tests.handlers.stand_ins import TEXTS, SmallPortal, SmallReview

Client = TestClient[Request, Application]
Serve = Callable[..., Awaitable[Client]]


async def all_well() -> dict[str, bool]:
    """Everything works."""
    return {"store": True, "keys": True, "worker": True}


async def few_figures() -> Sequence[Figure]:
    """Two tickets."""
    counts: dict[tuple[str, ...], int] = {("received", "access"): 1, ("closed", "erasure"): 1}
    return [Figure("parts", "Parts by stage and right.", ("stage", "right"), counts)]


WELL = Vitals(all_well, few_figures)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve doors and return a client with a cookie jar of its own; the second takes other vitals."""
    clients: list[Client] = []

    async def served(doors: Iterable[Door], vitals: Vitals = WELL) -> Client:
        server = TestServer(make_application(Pages(TEXTS), vitals, doors))
        await server.start_server(access_log=None)
        client: Client = TestClient(server)
        clients.append(client)
        return client

    yield served
    for client in clients:
        await client.close()


@pytest.fixture
def portal() -> SmallPortal:
    """One link and one ticket."""
    return SmallPortal()


@pytest.fixture
async def person(serve: Serve, portal: SmallPortal) -> Client:
    """The person's browser."""
    return await serve([portal_routes(portal, Pages(TEXTS), secure=False, guesses=Guesses(allowed=5))])


@pytest.fixture
def review() -> SmallReview:
    """One ticket's content."""
    return SmallReview()


@pytest.fixture
async def colleague(serve: Serve, review: SmallReview) -> Client:
    """A colleague's browser."""
    return await serve([review_routes(review, Pages(TEXTS), secure=False, guesses=Guesses(allowed=5))])


def only(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the first match, which must be there."""
    node = page.css_first(selector)
    assert node is not None, f"{selector} is not on the page"
    return node


def words(page: LexborHTMLParser | LexborNode, selector: str) -> str:
    """Return the text of the first match, white space folded."""
    return " ".join(only(page, selector).text().split())


def sound(html: str) -> LexborHTMLParser:
    """Return the page after checking what every page owes a reader.

    Its language, one h1 and no heading a level below the one before it is missing, landmarks, labels, unique ids,
    buttons and links with words, and no script or style of its own.
    """
    page = LexborHTMLParser(html)
    assert only(page, "html").attributes["lang"] in {"sv", "en"}
    assert len(page.css("h1")) == 1
    assert len(page.css("main")) == 1
    assert words(page, "title")
    ids = [node.attributes["id"] or "" for node in page.css("[id]")]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        for node in page.css(f"[{attribute}]"):
            missing = set((node.attributes[attribute] or "").split()) - set(ids)
            assert not missing, f"{attribute} names what is not there: {missing}"
    labelled = {node.attributes.get("for") for node in page.css("label")}
    for field in page.css("input:not([type=hidden]), select, textarea"):
        inside = field.parent is not None and field.parent.tag == "label"
        assert inside or field.attributes.get("id") in labelled, field.html
    for button in page.css("button, a"):
        assert button.text().strip() or button.attributes.get("aria-label"), button.html
    assert skipped(page) == []
    assert own_script(page) == []
    return page


def skipped(page: LexborHTMLParser) -> list[str]:
    """Return the headings that stand more than one level below the heading before them."""
    headings = [
        (int((node.tag or "")[1:]), " ".join(node.text().split())) for node in page.css("h1, h2, h3, h4, h5, h6")
    ]
    return [text for (above, _), (level, text) in pairwise([(0, ""), *headings]) if level > above + 1]


def own_script(page: LexborHTMLParser) -> list[str]:
    """Return what the page's own markup would run, or how it would dress itself: our policy refuses all of it."""
    written = [node.html or "" for node in page.css("script:not([src]), style, [style]")]
    written += [node.html or "" for node in page.css("script[src]") if node.text().strip()]
    for node in page.css("*"):
        for name, value in node.attributes.items():
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                written.append(node.html or "")
    return written
