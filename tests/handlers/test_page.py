"""What the pages share: languages, links, who asks, forms with files, and the bound on wrong links."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import make_mocked_request

from bot.domain.request import Language
from bot.services.person_views import Parcel
from handlers.guesses import REMEMBERED, WINDOW, Guesses
from handlers.page import PARTS_LIMIT, Pages, language_of, linked, remote_of, send_parcel, typed_with_files
from tests.handlers.conftest import Serve
from tests.handlers.stand_ins import TEXTS


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        ("", Language.SV),
        ("sv-SE,sv;q=0.9,en;q=0.8", Language.SV),
        ("en-GB,en;q=0.9", Language.EN),
        ("de-DE,de;q=0.9,en;q=0.5,sv;q=0.4", Language.EN),
        ("en;q=0.2,sv;q=0.9", Language.SV),
        ("fr", Language.SV),
        ("en;q=loud,,;", Language.SV),
    ],
)
def test_language_follows_the_browser(wished: str, language: Language) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Language": wished})
    assert language_of(request) is language


def test_links_are_made_of_addresses_only_and_everything_is_escaped() -> None:
    html = linked('<b>Hej</b> se http://127.0.0.1:8080/c/aB-_9. Och "https://imy.se/x?a=1&b=2"!')
    assert "&lt;b&gt;Hej" in html
    assert '<a href="http://127.0.0.1:8080/c/aB-_9" target="_blank" rel="noopener">' in html
    assert 'href="https://imy.se/x?a=1&amp;b=2"' in html
    assert linked("javascript:alert(1)") == "javascript:alert(1)"
    assert linked('http://x.example/"onclick="y') == (
        '<a href="http://x.example/" target="_blank" rel="noopener">http://x.example/</a>&#34;onclick=&#34;y'
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "remote"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("10.1.2.3", "203.0.113.7", "203.0.113.7"),
        ("8.8.4.4", "203.0.113.7", "8.8.4.4"),
        ("127.0.0.1", "nonsense", "nonsense"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("", "", ""),
    ],
)
def test_who_asks_is_the_peer_or_what_our_own_proxy_says(peer: str, forwarded: str, remote: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert remote_of(make_mocked_request("GET", "/", headers=headers).clone(remote=peer)) == remote


def test_wrong_links_are_counted_within_a_window_and_forgotten_in_turn() -> None:
    moment = [0.0]
    guesses = Guesses(allowed=2, tick=lambda: moment[0])
    for _ in range(2):
        guesses.refuse_too_many("a")
        guesses.wrong("a")
    with pytest.raises(web.HTTPTooManyRequests) as refused:
        guesses.refuse_too_many("a")
    assert refused.value.headers["Retry-After"] == "600"
    guesses.refuse_too_many("b")
    moment[0] = WINDOW
    guesses.refuse_too_many("a")
    moment[0] = 0.0
    for n in range(REMEMBERED):
        guesses.wrong(f"other-{n}")
    guesses.refuse_too_many("a")


async def test_a_file_keeps_its_name_and_is_never_shown_in_the_browser(serve: Serve) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"P"
        yield b"K"

    async def noted() -> None:
        notes.append("whole")

    notes: list[str] = []

    async def give(request: web.Request) -> web.StreamResponse:
        return await send_parcel(request, Parcel("p", request.query["name"], 2, pieces()), noted)

    client = await serve([[web.get("/give", give)]])
    answer = await client.get("/give", params={"name": 'Bilaga "å".zip'})
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Bilaga____.zip\"; filename*=UTF-8''Bilaga%20%22%C3%A5%22.zip"
    )
    assert answer.content_type == "application/zip"
    assert await answer.read() == b"PK"
    assert notes == ["whole"]
    assert (await client.get("/give", params={"name": "x.html"})).content_type == "application/octet-stream"


def counting() -> list[web.RouteDef]:
    """A door that says what it was sent, taking at most 1000 bytes of files."""

    async def count(request: web.Request) -> web.Response:
        values, files = await typed_with_files(request, 1000)
        sizes = [[name, upload.name, len(upload.content)] for name, upload in files]
        return web.json_response({"values": {name: list(value) for name, value in values.items()}, "files": sizes})

    return [web.post("/count", count)]


async def test_a_form_with_files_is_read_in_order(serve: Serve) -> None:
    form = FormData(quote_fields=False)  # as browsers do
    form.add_field("a", "1")
    form.add_field("mail", b"x" * 600, filename="ett.eml")
    form.add_field("a", "två")
    form.add_field("mail", b"y" * 400, filename="två.eml")
    answer = await (await serve([counting()])).post("/count", data=form)
    assert await answer.json() == {
        "values": {"a": ["1", "två"]},
        "files": [["mail", "ett.eml", 600], ["mail", "två.eml", 400]],
    }


async def test_files_beyond_the_limit_are_refused_together_too(serve: Serve) -> None:
    form = FormData()
    form.add_field("mail", b"x" * 600, filename="ett.eml")
    form.add_field("mail", b"y" * 401, filename="två.eml")
    assert (await (await serve([counting()])).post("/count", data=form)).status == 413


async def test_a_huge_body_is_refused_before_it_is_read(serve: Serve) -> None:
    form = FormData()
    form.add_field("mail", BytesIO(bytes(3_000_000)), filename="stor.eml")
    assert (await (await serve([counting()])).post("/count", data=form)).status == 413


async def test_endless_fields_are_not_read(serve: Serve) -> None:
    form = FormData()
    for n in range(PARTS_LIMIT + 5):
        form.add_field("a", str(n), filename=None, content_type="text/plain")
    answer = await (await serve([counting()])).post("/count", data=form)
    assert answer.status in {200, 422}
    if answer.status == 200:
        assert len((await answer.json())["values"]["a"]) == PARTS_LIMIT


async def test_what_is_no_form_is_refused_in_words(serve: Serve) -> None:
    assert (await (await serve([counting()])).post("/count", data={"a": "1"})).status == 422


def test_a_sentence_that_lacks_a_fact_becomes_a_plain_one() -> None:
    page = Pages(TEXTS).notice(Language.SV, "refusal.not_yours_handler", 403, {})
    assert page.status == 403
    assert TEXTS.say(Language.SV, "web.refused") in (page.text or "")
