"""The transport: what each status means, what is asked again, and that no address ever leaves in words."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from integrations.http import Api, Lane, NotHeld, Nothing, Place, ServiceUrl, Vendor, Window, at, both, link, together
from integrations.http.verdict import retry_after
from integrations.sandbox import serve
from integrations.tokens import FixedToken
from tests.fakes import FixedClock

ADDRESS = "astrid.lundgren@example.se"
PLACE = at("/contacts/{}", ADDRESS)
NOW = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)


class Word(BaseModel):
    word: str


class Server:
    """A server that answers what it is told; `came` counts requests."""

    def __init__(self) -> None:
        self.answers: list[web.Response | None] = []
        self.came: list[web.Request] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer the next, the last one over again; None drops the connection."""
        self.came.append(request)
        await request.read()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def word(status: int = 200, text: str = '{"word": "hej"}', kind: str = "application/json") -> web.Response:
    return web.Response(status=status, text=text, content_type=kind)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server."""
    one = Server()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", one.answer)
    async with serve(app) as url:
        one.url = url
        yield one


@pytest.fixture
def waits() -> list[float]:
    """The seconds the transport has slept."""
    return []


@pytest.fixture
def api(server: Server, session: aiohttp.ClientSession, clock: FixedClock, waits: list[float]) -> Api:
    """The transport to it; its sleeps are noted and not slept."""

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    vendor = Vendor("acme", server.url, seconds=1.0)
    return Api(session, vendor, FixedToken("acme", SecretStr("key")), clock, sleep=sleep)


async def test_reads(api: Api, server: Server) -> None:
    server.answers = [word()]
    assert (await api.get(PLACE, Word, {"limit": "5"})).word == "hej"
    request = server.came[0]
    assert request.headers["Authorization"] == "Bearer key"
    assert request.raw_path == "/contacts/astrid.lundgren%40example.se?limit=5"


async def test_what_fills_a_place_is_one_segment(api: Api, server: Server) -> None:
    server.answers = [word()]
    await api.get(at("/contacts/{}/notes", "../../admin?x=1#y"), Word)
    assert server.came[0].raw_path == "/contacts/..%2F..%2Fadmin%3Fx%3D1%23y/notes"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
async def test_a_write_is_sent_once_even_when_the_connection_breaks(api: Api, server: Server, method: str) -> None:
    """The HTTP library would send PUT and DELETE again by itself on a kept connection."""
    server.answers = [word()]
    await api.get(PLACE, Word)
    server.answers = [None]
    with pytest.raises(OutcomeUnknown):
        await _write(api, method)
    assert len(server.came) == 2


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
async def test_a_write_needs_no_answer_worth_reading(api: Api, server: Server, method: str) -> None:
    server.answers = [web.Response(status=204)]
    await _write(api, method)
    assert server.came[0].method == method.upper()


async def _write(api: Api, method: str) -> None:
    match method:
        case "post":
            await api.post(PLACE, Nothing, {"a": 1})
        case "put":
            await api.put(PLACE, Nothing, {"a": 1})
        case "patch":
            await api.patch(PLACE, Nothing, {"a": 1})
        case _:
            await api.delete(PLACE)


async def test_nothing_listens_there(session: aiohttp.ClientSession, clock: FixedClock) -> None:
    """Nobody heard a write either, so it may be asked again."""
    api = Api(session, Vendor("acme", "http://127.0.0.1:9"), FixedToken("acme", SecretStr("key")), clock)
    with pytest.raises(TryLater) as caught:
        await api.post(PLACE, Nothing)
    assert caught.value.key == "trouble.unreachable"


async def test_reads_are_asked_three_times_and_wait_as_told(api: Api, server: Server, waits: list[float]) -> None:
    server.answers = [web.Response(status=503, headers={"Retry-After": "2"})]
    with pytest.raises(TryLater):
        await api.get(PLACE, Word)
    assert len(server.came) == 3
    assert all(2 <= wait <= 3 for wait in waits)


async def test_a_long_wait_is_the_jobs(api: Api, server: Server, waits: list[float]) -> None:
    server.answers = [web.Response(status=429, headers={"Retry-After": "30"})]
    with pytest.raises(TryLater) as caught:
        await api.ask(PLACE, Word, {})
    assert caught.value.after == timedelta(seconds=30)
    assert len(server.came) == 1
    assert not waits


async def test_a_slow_vendor_is_not_asked_again_at_once(server: Server, api: Api) -> None:
    async def slow(request: web.Request) -> web.Response:
        server.came.append(request)
        await asyncio.sleep(1.3)
        return word()

    server.answer = slow  # type: ignore[method-assign]  # the same server, slower
    app = web.Application()
    app.router.add_get("/{rest:.*}", slow)
    async with serve(app) as url:
        api._vendor = Vendor("acme", url, seconds=0.2)
        with pytest.raises(TryLater) as caught:
            await api.get(PLACE, Word)
    assert caught.value.key == "trouble.slow"
    assert len(server.came) == 1


class Renewing:
    """A source of tokens that can make a fresh one."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    async def token(self, *, fresh: bool = False) -> str:
        self.asked.append(fresh)
        return "fresh" if fresh else "stale"


async def test_a_quota_that_a_403_speaks_of_asks_for_no_fresh_token(
    server: Server, session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    tokens = Renewing()
    vendor = Vendor("acme", server.url, overused=lambda answer: answer.get("reason") == "quota")
    api = Api(session, vendor, tokens, clock)
    server.answers = [word(403, '{"reason": "quota"}')]
    with pytest.raises(TryLater):
        await api.post(PLACE, Nothing)
    assert (len(server.came), tokens.asked) == (1, [False])
    server.answers = [word(403, '{"reason": "scope"}')]
    with pytest.raises(CredentialsRefused):
        await api.post(PLACE, Nothing)
    assert (len(server.came), tokens.asked) == (3, [False, False, True])


async def test_a_refused_token_is_made_afresh_once(
    server: Server, session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    tokens = Renewing()
    api = Api(session, Vendor("acme", server.url), tokens, clock)
    server.answers = [word(401), web.Response(status=204)]
    await api.delete(PLACE)
    assert [one.headers["Authorization"] for one in server.came] == ["Bearer stale", "Bearer fresh"]
    server.answers = [word(403)]
    with pytest.raises(CredentialsRefused):
        await api.delete(PLACE)
    assert tokens.asked == [False, True, False, True]


async def test_not_held_is_told_from_a_page_at_a_wrong_address(api: Api, server: Server) -> None:
    for answer in (word(404, '{"category": "OBJECT_NOT_FOUND"}'), web.Response(status=404), word(410, "{}")):
        server.answers = [answer]
        with pytest.raises(NotHeld):
            await api.get(PLACE, Word)
    server.answers = [word(404, "<h1>Not found</h1>", "text/html")]
    with pytest.raises(NeedsHuman) as caught:
        await api.get(PLACE, Word)
    assert not isinstance(caught.value, NotHeld)


async def test_an_answer_of_another_shape_is_a_persons(api: Api, server: Server) -> None:
    server.answers = [word(text='{"words": ["hej"]}')]
    with pytest.raises(NeedsHuman):
        await api.get(PLACE, Word)
    with pytest.raises(OutcomeUnknown):
        await api.post(PLACE, Word)


async def test_an_endless_answer_is_cut_off(api: Api, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.http.api.MOST_OCTETS", 1000)
    server.answers = [word(text='{"word": "' + "x" * 2000 + '"}')]
    with pytest.raises(NeedsHuman) as caught:
        await api.get(PLACE, Word)
    assert caught.value.key == "trouble.too_large"


@pytest.mark.parametrize("place", [link("https://elsewhere.example/x"), Place("<link>", "http://[bad/")])
async def test_only_known_hosts_are_called(api: Api, server: Server, place: Place) -> None:
    with pytest.raises(NeedsHuman) as caught:
        await api.get(place, Word)
    assert caught.value.key == "trouble.strange_host"
    assert not server.came


async def test_a_whole_link_of_the_vendor_is_followed(api: Api, server: Server) -> None:
    server.answers = [word()]
    await api.get(link(f"{server.url}/page?after=2"), Word)
    assert server.came[0].raw_path == "/page?after=2"


async def test_redirects_are_not_followed(api: Api, server: Server) -> None:
    server.answers = [web.Response(status=307, headers={"Location": f"{server.url}/elsewhere"})]
    with pytest.raises(NeedsHuman) as caught:
        await api.post(PLACE, Nothing, {"a": 1})
    assert caught.value.key == "trouble.redirected"
    assert len(server.came) == 1


async def test_the_vendors_code_is_passed_on_and_its_words_are_not(api: Api, server: Server) -> None:
    server.answers = [word(400, f'{{"category": "VALIDATION_ERROR", "message": "{ADDRESS} is bad"}}')]
    with pytest.raises(NeedsHuman) as caught:
        await api.post(PLACE, Nothing)
    assert caught.value.facts == {
        "system": "acme",
        "asked": "POST /contacts/{}",
        "answer": "400",
        "code": "VALIDATION_ERROR",
    }
    server.answers = [word(400, f'{{"error": {{"code": "{ADDRESS}"}}}}')]
    with pytest.raises(NeedsHuman) as caught:
        await api.post(PLACE, Nothing)
    assert caught.value.facts["code"] == ""


def _everything_wrong() -> Iterator[web.Response | None]:
    yield None
    yield from (word(status, f'{{"message": "{ADDRESS}"}}') for status in (302, 400, 401, 404, 409, 423, 429, 477, 500))
    yield word(text=f'{{"word": {{"{ADDRESS}": 1}}}}')
    yield word(text=f'{{"{ADDRESS}')
    yield word(text=ADDRESS, kind="text/html")


@pytest.mark.parametrize("answer", list(_everything_wrong()))
async def test_no_address_in_logs_or_exceptions(
    api: Api, server: Server, answer: web.Response | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in what is logged at the finest level, nor in an exception, its facts or anything that hangs on it."""
    caplog.set_level(logging.DEBUG)
    said = []
    for call in (
        api.get(PLACE, Word, {"q": ADDRESS}),
        api.ask(PLACE, Word, {"q": ADDRESS}),
        api.post(PLACE, Word, {"q": ADDRESS}),
    ):
        server.answers = [answer]
        with pytest.raises(SystemTrouble) as caught:
            await call
        said.append(_all_of(caught.value))
    for text in (*said, caplog.text):
        assert ADDRESS not in text
        assert "astrid" not in text.lower()


def _all_of(error: BaseException) -> str:
    parts = [*traceback.format_exception(error), repr(error)]
    hanging: BaseException | None = error
    while hanging is not None:
        parts += [str(hanging), repr(hanging.args), repr(getattr(hanging, "facts", ""))]
        hanging = hanging.__context__
    return "\n".join(parts)


async def test_no_address_when_nothing_listens(
    session: aiohttp.ClientSession, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api = Api(session, Vendor("acme", "http://127.0.0.1:9"), FixedToken("acme", SecretStr("key")), clock)
    with pytest.raises(TryLater) as caught:
        await api.post(PLACE, Nothing, {"q": ADDRESS})
    assert "astrid" not in (_all_of(caught.value) + caplog.text).lower()


def test_values_of_places_and_calls_do_not_show() -> None:
    assert "astrid" not in repr(PLACE)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta(0)),
        ("99999999", timedelta(days=1)),
        ("Mon, 09 Mar 2026 09:06:00 GMT", timedelta(minutes=1)),
        ("Mon, 09 Mar 2026 09:00:00 GMT", timedelta(0)),
        ("", None),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after(header: str, expected: timedelta | None) -> None:
    assert retry_after(header, NOW) == expected


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://api.hubapi.com", True),
        ("https://api.hubapi.com/v3/", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("http://api.hubapi.com", False),
        ("api.hubapi.com", False),
        ("https://", False),
        ("https://user:word@api.hubapi.com", False),
        ("https://api.hubapi.com?x=1", False),
        ("ftp://127.0.0.1", False),
    ],
)
def test_a_base_url_is_https_or_this_machine(url: str, *, good: bool) -> None:
    adapter = TypeAdapter(ServiceUrl)
    if good:
        assert adapter.validate_python(url) == url.rstrip("/")
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(url)


def test_a_window_lets_its_calls_through_at_once_and_the_next_when_the_first_has_left() -> None:
    window = Window(3, 10)
    assert [window.take(now) for now in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert window.take(2.0) == pytest.approx(8.2)
    assert window.take(2.0) == pytest.approx(9.2)
    assert window.wait(100.0) == 0.0


def test_no_stretch_of_a_windows_length_holds_more_calls() -> None:
    window, moments, now = Window(5, 10), [], 0.0
    for number in range(60):
        now += (number * 7 % 5) / 10
        moments.append(now + window.take(now))
    assert all(later - earlier >= 10 for earlier, later in zip(moments, moments[5:], strict=False))
    assert moments[-1] < 60 / 5 * 10 * 1.03


async def test_a_call_waits_its_turn_or_leaves_it_to_the_job(
    server: Server, session: aiohttp.ClientSession, clock: FixedClock, waits: list[float]
) -> None:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    tokens, vendor = FixedToken("acme", SecretStr("key")), Vendor("acme", server.url)
    server.answers = [word()]
    api = Api(session, vendor, tokens, clock, window=Window(1, 10), sleep=sleep)
    await api.get(PLACE, Word)
    await api.get(PLACE, Word)
    assert waits == [pytest.approx(10.2, abs=0.5)]
    with pytest.raises(TryLater) as caught:
        await api.post(PLACE, Nothing)
    assert caught.value.after is not None
    assert caught.value.after > timedelta(seconds=15)
    assert len(server.came) == 2


def test_a_way_slows_down_when_the_vendor_says_how_little_is_left() -> None:
    """SharePoint says so from four fifths of its minute on: what is left is spread over what must pass."""
    lane = Lane()
    assert lane.take(0.0) == 0.0
    lane.heed({"RateLimit-Remaining": "20", "RateLimit-Reset": "30"}, 100.0)
    assert [lane.take(100.0) for _ in range(3)] == [3.0, 6.0, 9.0], "a call may cost two of what is left"
    lane.heed({"RateLimit-Remaining": "0", "RateLimit-Reset": "10"}, 110.0)
    assert lane.wait(110.0) == 10.0
    assert lane.wait(131.0) == 0.0
    assert [lane.take(131.0) for _ in range(3)] == [0.0, 0.0, 0.0], "a new minute"


@pytest.mark.parametrize(("remaining", "reset"), [("", "3"), ("5", ""), ("-5", "3"), ("many", "soon")])
def test_a_way_heeds_nothing_it_does_not_understand(remaining: str, reset: str) -> None:
    lane = Lane()
    lane.heed({"RateLimit-Remaining": remaining, "RateLimit-Reset": reset}, 0.0)
    assert [lane.take(0.0) for _ in range(3)] == [0.0, 0.0, 0.0]


async def test_together_ends_the_others_at_the_first_trouble() -> None:
    ended = asyncio.Event()

    async def long() -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.set()
            raise
        return 1

    async def wrong() -> int:
        await asyncio.sleep(0)
        raise NeedsHuman("trouble.refused")

    with pytest.raises(NeedsHuman):
        await together(long(), wrong())
    assert ended.is_set()
    with pytest.raises(NeedsHuman):
        await both(wrong(), long())


async def test_together_keeps_the_order() -> None:
    async def after(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    assert list(await together(after(0.02), after(0.0), after(0.01))) == [0.02, 0.0, 0.01]
    assert await both(after(0.01), after(0.0)) == (0.01, 0.0)
    assert list(await together()) == []
