"""What Google's systems share: key files, tokens, quotas, spellings."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, SystemTrouble, TryLater
from integrations.google.account import ServiceAccount, ServiceAccountTokens, read_key_file
from integrations.google.naming import hashed, spellings, without_dots
from integrations.google.quota import overused, until_anew
from integrations.google.sandbox import key_file
from integrations.google_analytics.sandbox import GoogleAnalyticsSandbox
from integrations.http import open_session
from integrations.registry import Found, settings_problems
from integrations.sandbox import serve
from tests.fakes import FixedClock

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SCOPE = GoogleAnalyticsSandbox.scope


def account(path: str) -> ServiceAccount:
    read = read_key_file(path)
    assert isinstance(read, ServiceAccount)
    return read


# --- key files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "there is no such file"),
        ("", "the file is no service account's key"),
        ("not json", "the file is no service account's key"),
        (json.dumps({"type": "authorized_user", "client_id": "s3cret"}), "the file is no service account's key"),
        (json.dumps({**key_file(), "type": "external_account"}), "the file is no service account's key"),
        (json.dumps({**key_file(), "token_uri": "http://elsewhere"}), "the file is no service account's key"),
        (json.dumps({**key_file(), "private_key": "s3cret"}), "the private key in the file is damaged"),
        (json.dumps(key_file()).replace("BEGIN", "BEGUN"), "the private key in the file is damaged"),
    ],
    ids=["missing", "empty", "text", "a person's", "another kind", "plain http", "no key", "damaged"],
)
@pytest.mark.parametrize("key", ["google_analytics", "google_display"])
def test_a_bad_key_file_is_one_line_at_start(
    found: dict[str, Found], tmp_path: Path, key: str, content: str | None, line: str
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    ids = {"property_ids": "1"} if key == "google_analytics" else {"account_id": "1", "list_ids": "1"}
    stanzas = {"hubspot": {"token": "t"}, "eventbrite": {"token": "t", "organization_id": "1"}}
    problems = settings_problems(found, {**stanzas, key: {"credentials_path": str(path), **ids}})
    said = [one for one in problems if key.upper() in one]
    assert said == [
        f"PRIVACY_SYSTEMS__{key.upper()}__CREDENTIALS_PATH: {line} – the path of a service account's key file (JSON)"
    ]
    assert "s3cret" not in said[0]


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the file cannot be read"):
        account(str(tmp_path))


def test_the_key_stands_in_no_representation(today_sandbox: GoogleAnalyticsSandbox) -> None:
    shown = repr(account(today_sandbox.credentials_path))
    assert "PRIVATE" not in shown
    assert "signer" not in shown


# --- tokens -----------------------------------------------------------------------------------


@pytest.fixture
def today_sandbox(clock: FixedClock) -> GoogleAnalyticsSandbox:
    return GoogleAnalyticsSandbox(today=clock.now().date())


def tokens(
    sandbox: GoogleAnalyticsSandbox, session: aiohttp.ClientSession, clock: FixedClock, url: str, scope: str = SCOPE
) -> ServiceAccountTokens:
    read = account(sandbox.credentials_path)
    return ServiceAccountTokens("google_analytics", read, scope, session, clock, login_url=url, seconds=1)


async def test_a_token_is_kept_until_shortly_before_it_ends(
    today_sandbox: GoogleAnalyticsSandbox, session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    async with serve(today_sandbox.application()) as url:
        source = tokens(today_sandbox, session, clock, url)
        assert {await source.token() for _ in range(3)} == {today_sandbox.token}
        assert today_sandbox.grants == 1
        clock.advance(timedelta(minutes=54))
        await source.token()
        assert today_sandbox.grants == 1
        clock.advance(timedelta(minutes=1))
        await source.token()
        assert today_sandbox.grants == 2
        today_sandbox.revoke()
        assert await source.token() != today_sandbox.token
        assert await source.token(fresh=True) == today_sandbox.token
        assert today_sandbox.grants == 3


async def test_google_hears_only_a_wish_it_can_check(
    today_sandbox: GoogleAnalyticsSandbox, session: aiohttp.ClientSession, clock: FixedClock
) -> None:
    """Another scope, or another account's key: refused, and the owner must look."""
    async with serve(today_sandbox.application()) as url:
        with pytest.raises(CredentialsRefused):
            await tokens(today_sandbox, session, clock, url, scope="https://elsewhere").token()
        async with session.post(f"{url}/token", data={"grant_type": "password", "assertion": "a.b.c"}) as answer:
            assert answer.status == 400
        async with session.post(f"{url}/token", data={"assertion": "no token"}) as answer:
            assert answer.status == 400
    assert today_sandbox.grants == 0
    assert today_sandbox.seen == []


ANSWERS: list[tuple[int, str, type[SystemTrouble], str]] = [
    (401, "{}", CredentialsRefused, "trouble.credentials"),
    (403, "{}", CredentialsRefused, "trouble.credentials"),
    (500, "{}", TryLater, "trouble.busy"),
    (302, "", TryLater, "trouble.busy"),
    (200, "<h1>Log in</h1>", TryLater, "trouble.later"),
    (200, '{"access_token": "", "expires_in": 1}', TryLater, "trouble.later"),
]


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: f"{case[0]} {case[3]}")
async def test_what_the_token_endpoint_may_answer(
    session: aiohttp.ClientSession,
    clock: FixedClock,
    today_sandbox: GoogleAnalyticsSandbox,
    caplog: pytest.LogCaptureFixture,
    case: tuple[int, str, type[SystemTrouble], str],
) -> None:
    status, text, trouble, key = case
    wishes: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        wishes.append(str((await request.post())["assertion"]))
        return web.Response(status=status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_post("/token", answer)
    caplog.set_level(logging.DEBUG)
    async with serve(app) as url:
        with pytest.raises(trouble) as caught:
            await tokens(today_sandbox, session, clock, url).token()
    assert caught.value.key == key
    assert caught.value.__context__ is None
    assert wishes
    assert wishes[0] not in caplog.text


async def test_nobody_at_the_token_endpoint(clock: FixedClock, today_sandbox: GoogleAnalyticsSandbox) -> None:
    async with open_session() as session:
        with pytest.raises(TryLater) as caught:
            await tokens(today_sandbox, session, clock, "http://127.0.0.1:9").token()
    assert caught.value.key == "trouble.unreachable"


# --- quotas -----------------------------------------------------------------------------------


def refusal(message: str = "", **detail: JsonValue) -> dict[str, JsonValue]:
    return {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message, "details": [detail]}}


@pytest.mark.parametrize(
    ("answer", "otherwise", "wait"),
    [
        (refusal(), "minute", timedelta(minutes=1)),
        (refusal(), "day", timedelta(hours=19, minutes=5)),
        (refusal("Quota exceeded for 'Requests per day per property'"), "minute", timedelta(hours=19, minutes=5)),
        (refusal("Quota exceeded for 'Writes per minute'"), "day", timedelta(minutes=1)),
        (refusal(metadata={"quota_limit": "WritesPerMinutePerProject"}), "day", timedelta(minutes=1)),
        (refusal(metadata={"quota_unit": "1/d/{project}"}), "minute", timedelta(hours=19, minutes=5)),
        (refusal(retryDelay="7.5s"), "day", timedelta(seconds=7.5)),
        (refusal(retryDelay="soon"), "minute", timedelta(minutes=1)),
        (refusal(retryDelay="1e400s"), "minute", timedelta(minutes=1)),
        ({}, "minute", timedelta(minutes=1)),
        ({"error": "nothing we know"}, "day", timedelta(hours=19, minutes=5)),
    ],
)
def test_how_long_to_stay_away(answer: dict[str, JsonValue], otherwise: str, wait: timedelta) -> None:
    """9 March 2026 at noon UTC is 5 in the morning in California: the day there ends in 19 hours."""
    assert until_anew(otherwise)(answer, NOON) == wait


@pytest.mark.parametrize(
    ("answer", "is_quota"),
    [
        ({"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "rateLimitExceeded"}]}}, True),
        ({"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}, True),
        ({"error": {"code": 403, "errors": [{"reason": "insufficientPermissions"}]}}, False),
        ({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, False),
        ({"error": {"code": 403, "status": "RESOURCE_EXHAUSTED"}}, True),
        ({"error": {"code": 403, "details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}}, True),
        ({"error": {"code": 403, "details": [{"reason": "SERVICE_DISABLED"}]}}, False),
        ({}, False),
    ],
)
def test_an_older_403_may_be_a_quota(answer: dict[str, JsonValue], is_quota: bool) -> None:
    assert overused(answer) is is_quota


# --- spellings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "ways"),
    [
        (" Astrid.Lundgren@Example.SE ", ("astrid.lundgren@example.se",)),
        ("a.b+news@example.se", ("a.b+news@example.se",)),
        ("Jane.Doe@gmail.com", ("jane.doe@gmail.com", "janedoe@gmail.com")),
        (
            "jane.doe+x@googlemail.com",
            (
                "jane.doe+x@googlemail.com",
                "janedoe+x@googlemail.com",
                "jane.doe@googlemail.com",
                "janedoe@googlemail.com",
            ),
        ),
        ("janedoe@gmail.com", ("janedoe@gmail.com",)),
    ],
)
def test_every_spelling_and_no_strangers(address: str, ways: tuple[str, ...]) -> None:
    """Of another domain's address a dot less may be another person."""
    assert spellings(address) == ways


def test_analytics_drops_dots_and_nothing_else() -> None:
    assert without_dots("Jane.Doe+x@Gmail.com") == "janedoe+x@gmail.com"
    assert without_dots("Jane.Doe@example.se") == "jane.doe@example.se"


def test_the_hash_is_that_of_the_text() -> None:
    assert hashed("test@example.com") == "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
