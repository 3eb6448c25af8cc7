"""Microsoft's public keys: kept while they do not come, fetched once for all, never for a stranger's sake."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from microsoft_agents.hosting.core.authorization import _entra_issuers

from handlers.teams import keys as ours
from tests.handlers.slack.small_desk import SmallDesk
from tests.handlers.teams.door.conftest import Client, bearer
from tests.standins.botframework import APP_ID, ISSUER, LEFT_OUT, TENANT, Keys, signed

PRESS = "confirm|t1|0"
Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Move the clock by which a list's age is told."""
    passed = 0.0

    def move(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr("handlers.teams.keys.monotonic", lambda: time.monotonic() + passed)
    return move


async def until(reached: Callable[[], bool]) -> None:
    for _ in range(200):
        if reached():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def was_asked(keys: Keys, times: int) -> bool:
    return keys.asked["botframework"] == times


def crowd(guarded: Client, tokens: list[str]) -> Awaitable[list[int]]:
    async def one(token: str) -> int:
        return (await guarded.post(guarded.execute(PRESS), {"Authorization": f"Bearer {token}"})).status

    return asyncio.gather(*(one(token) for token in tokens))


async def test_an_outage_of_the_list_closes_nothing_for_a_day(guarded: Client, keys: Keys, later: Later) -> None:
    assert (await guarded.post(guarded.execute(PRESS), bearer())).status == 200
    keys.broken = True
    for seconds, asked in ((ours.FRESH, 2), (ours.KEPT - ours.FRESH - 60, 3)):
        later(seconds)
        assert (await guarded.post(guarded.execute("confirm|t1|1"), bearer())).status == 200
        await until(partial(was_asked, keys, asked))
    later(120)
    assert (await guarded.post(guarded.execute("confirm|t1|1"), bearer())).status == 503, "older than a day"
    keys.broken = False
    later(ours.PAUSE)
    assert (await guarded.post(guarded.execute("confirm|t1|1"), bearer())).status == 200


async def test_a_list_is_renewed_behind_whoever_asks(guarded: Client, keys: Keys, later: Later) -> None:
    assert (await guarded.post(guarded.execute(PRESS), bearer())).status == 200
    keys.newest, keys.pause = "next", 0.5
    later(ours.FRESH)
    answer = await guarded.post(guarded.execute("confirm|t1|1"), bearer())
    assert answer.status == 200
    assert answer.seconds < 0.4
    await until(partial(was_asked, keys, 2))
    assert (await crowd(guarded, [signed(by="next")] * 3)) == [200] * 3, "who needs the new one waits for it"
    assert keys.asked["botframework"] == 2


async def test_all_who_wait_for_a_list_wait_for_one(
    guarded: Client, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.teams.keys.PATIENCE", 0.5)
    keys.pause = 3.0
    began = time.monotonic()
    assert set(await crowd(guarded, [signed()] * 10)) == {503}
    assert (await crowd(guarded, [signed()])) == [503], "and shortly after it did not come it is not fetched again"
    assert time.monotonic() - began < 1.5
    assert keys.asked["botframework"] == 1


@pytest.mark.parametrize(
    "differs",
    [
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"iss": "https://api.botframework.us"},
        {"iss": [ISSUER]},
        {"iss": LEFT_OUT},
        {"aud": TENANT},
        {"aud": [APP_ID]},
        {"aud": LEFT_OUT},
    ],
    ids=["Entra's", "the government's", "a list", "no issuer", "another's", "a list of ours", "nobody's"],
)
async def test_for_a_token_that_cannot_be_ours_nothing_is_fetched(
    guarded: Client, keys: Keys, differs: dict[str, Any]
) -> None:
    tokens = [signed(by="somebody", kid=f"k{number}", **differs) for number in range(5)]
    assert set(await crowd(guarded, tokens)) == {401}
    assert keys.asked == {}


@pytest.mark.parametrize("told", ["[]", '{"keys": 1}', '{"keys": [7]}', '{"keys": [{"kty": "oct"}]}', "<html>", "\x00"])
async def test_a_list_that_is_none_is_out_of_reach(
    guarded: Client, keys: Keys, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr(keys, "instead", told)
    assert (await guarded.post(guarded.execute(PRESS), bearer())).status == 503
    assert desk == SmallDesk()


def test_the_list_is_where_the_sdk_would_look_for_it() -> None:
    assert _entra_issuers.BOTFRAMEWORK_JWKS_URIS[ISSUER] == ours.LIST
