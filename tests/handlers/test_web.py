"""The guards around every door: headers, clear sentences, bounded bodies, silent logs, health and metrics."""

import logging
from collections.abc import Sequence
from io import BytesIO

import pytest
from aiohttp import ClientSession, web

from bot.domain.errors import (
    CredentialsRefused,
    Incomplete,
    NotAllowedNow,
    NotFound,
    NotYours,
    PrivacyDeskError,
    Shredded,
    StaleCard,
)
from bot.domain.request import Language
from handlers.page import FORM_LIMIT, Pages
from handlers.web import HEADERS, Figure, Vitals, make_application, make_runner
from tests.handlers.conftest import WELL, Client, Serve, few_figures, only, sound, words
from tests.handlers.stand_ins import TEXTS

SECRET = "anna.exempelsson@example.com"


def door(refusal: Exception) -> list[web.RouteDef]:
    """A door behind which something goes wrong."""

    async def refuse(request: web.Request) -> web.Response:
        await request.post()
        raise refusal

    return [web.get("/wrong/{token}", refuse), web.post("/wrong/{token}", refuse)]


async def test_alive_and_ready(serve: Serve) -> None:
    client = await serve([])
    assert await (await client.get("/healthz")).json() == {"alive": True}
    answer = await client.get("/readyz")
    assert answer.status == 200
    assert await answer.json() == {"store": True, "keys": True, "worker": True}


async def test_not_ready_says_which_part_is_not(serve: Serve) -> None:
    async def no_worker() -> dict[str, bool]:
        return {"store": True, "keys": True, "worker": False}

    answer = await (await serve([], Vitals(no_worker, few_figures))).get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["worker"] is False


async def test_metrics_count_in_closed_words(serve: Serve) -> None:
    client = await serve([door(NotFound("web.not_found"))])
    await client.get(f"/wrong/{SECRET}")
    answer = await client.get("/metrics")
    text = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'privacy_desk_parts{right="access",stage="received"} 1.0' in text
    assert 'privacy_desk_http_answers_total{method="GET",route="/wrong/{token}",status="404"} 1.0' in text
    assert SECRET not in text


async def test_metrics_of_an_empty_desk(serve: Serve) -> None:
    async def none() -> Sequence[Figure]:
        return [Figure("parts", "Parts.", ("stage",), {})]

    async def ready() -> dict[str, bool]:
        return {}

    assert (await (await serve([], Vitals(ready, none))).get("/metrics")).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/look/desk.css", "/no/such/page", "/wrong/t"])
async def test_every_answer_carries_the_headers(serve: Serve, path: str) -> None:
    answer = await (await serve([door(RuntimeError())])).get(path)
    for name, value in HEADERS.items():
        kept = name == "Cache-Control" and path.startswith("/look")
        assert kept or answer.headers[name] == value
    assert answer.headers["Cache-Control"].startswith("public" if path.startswith("/look") else "no-store")


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound("refusal.not_found"), 404),
        (NotYours("refusal.not_yours_officer", {"who": "Maria"}), 403),
        (NotAllowedNow("refusal.link_spent"), 409),
        (StaleCard("refusal.stale"), 409),
        (Shredded("refusal.shredded"), 410),
        (Incomplete("refusal.field_missing", {"field": "x"}), 422),
        (CredentialsRefused("web.broken"), 503),
        (PrivacyDeskError("web.refused"), 400),
    ],
)
async def test_refusal_is_one_clear_sentence(serve: Serve, refusal: PrivacyDeskError, status: int) -> None:
    client = await serve([door(refusal)])
    for tag, language in (("sv-SE,sv;q=0.9", "sv"), ("en-GB,en;q=0.8", "en")):
        answer = await client.get("/wrong/t", headers={"Accept-Language": tag})
        page = sound(await answer.text())
        assert answer.status == status
        assert only(page, "html").attributes["lang"] == language
        assert words(page, "main p") == TEXTS.say(Language(language), refusal.key, refusal.facts)


async def test_trouble_tells_outside_nothing_and_the_log_the_place_only(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = await serve([door(RuntimeError(f"no row for {SECRET}"))])
    answer = await client.get(f"/wrong/{SECRET}")
    assert answer.status == 500
    assert "RuntimeError" not in await answer.text()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("handlers")]
    assert any("failed GET /wrong/{token} RuntimeError in door.<locals>.refuse:" in line for line in ours)
    assert SECRET not in caplog.text


async def test_log_knows_routes_by_pattern(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    application = make_application(Pages(TEXTS), WELL, [door(NotFound("web.not_found"))])
    runner = make_runner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            await session.get("/wrong/a-secret-token")
            await session.get("/no-such-place/another-secret")
    finally:
        await runner.cleanup()
    assert "answered GET /wrong/{token} 404" in caplog.text
    assert "answered GET - 404" in caplog.text
    assert "secret" not in caplog.text


async def test_too_large_a_body_is_one_clear_sentence(serve: Serve) -> None:
    client = await serve([door(RuntimeError("never reached"))])
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/wrong/t", data=BytesIO(b"text=" + b"a" * FORM_LIMIT), headers=typed)
    assert answer.status == 413
    assert "50 MB" in words(sound(await answer.text()), "main p")


async def test_unknown_method_and_page(serve: Serve) -> None:
    client = await serve([door(NotFound("web.not_found"))])
    assert (await client.get("/no/such")).status == 404
    answer = await client.put("/wrong/t")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET,HEAD,POST"


async def test_other_http_refusals_are_said_in_words(serve: Serve) -> None:
    client: Client = await serve([door(web.HTTPUnsupportedMediaType())])
    answer = await client.get("/wrong/t")
    assert answer.status == 415
    sound(await answer.text())


async def test_redirects_pass(serve: Serve) -> None:
    client = await serve([door(web.HTTPSeeOther("/elsewhere"))])
    answer = await client.get("/wrong/t", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/elsewhere")


async def test_the_look_is_served_with_its_kind(serve: Serve) -> None:
    client = await serve([])
    for name, kind in (("desk.css", "text/css"), ("console.js", "text/javascript"), ("desk.svg", "image/svg+xml")):
        answer = await client.get(f"/look/{name}")
        assert answer.status == 200
        assert answer.content_type == kind
    assert (await client.get("/look/../web.py")).status == 404
