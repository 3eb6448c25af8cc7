"""`check` says what keeps colleagues from signing in, in one line each, before the first of them finds out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app.entrance import sign_in_problems
from bot.i18n import Texts
from bot.store import new_key
from config.settings import Settings, load
from config.texts import load_catalogue
from tests.fakes import FixedClock
from tests.standins.entra import CLIENT, SECRET, TENANT, EntraStandIn, serve_entra

TEXTS = Texts(load_catalogue())
HTTPS = "https://desk.gotowork.example"


@pytest.fixture
async def entra(clock: FixedClock) -> AsyncIterator[EntraStandIn]:
    """A login server."""
    async with serve_entra(EntraStandIn(clock)) as server:
        yield server


def settings(entra: EntraStandIn, public_url: str = HTTPS, **differs: Any) -> Settings:
    """Return settings of a desk that signs in there, but for what differs."""
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    own = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET, "login_url": entra.url}
    return load({**keys, "public_url": public_url, "sign_in": {**own, **differs}})


async def test_nothing_is_said_while_all_is_well(entra: EntraStandIn) -> None:
    assert await sign_in_problems(TEXTS, settings(entra), offline=False) == []
    assert [form["grant_type"] for form in entra.forms] == ["client_credentials"], "the secret was tried, nobody's name"
    assert await sign_in_problems(TEXTS, settings(entra, "http://localhost:8080"), offline=True) == []
    assert len(entra.forms) == 1


async def test_without_sign_in_the_links_are_spoken_of(entra: EntraStandIn) -> None:
    (line,) = await sign_in_problems(
        TEXTS, settings(entra, client_id="", tenant_id="", client_secret=""), offline=False
    )
    assert "once within ten minutes" in line
    assert "PRIVACY_SIGN_IN__CLIENT_ID" in line or "PRIVACY_SIGN_IN__TENANT_ID" in line


@pytest.mark.parametrize("url", ["http://desk.gotowork.example", "http://127.0.0.1:8080"])
async def test_a_way_back_that_entra_does_not_take_is_named(entra: EntraStandIn, url: str) -> None:
    (line,) = await sign_in_problems(TEXTS, settings(entra, url), offline=True)
    assert f"{url}/sign-in/back" in line


@pytest.mark.parametrize(("number", "word"), [(7000215, "secret"), (7000222, "secret"), (700016, "CLIENT_ID")])
async def test_a_refused_secret_is_one_line(entra: EntraStandIn, number: int, word: str) -> None:
    entra.refuses_token = number
    (line,) = await sign_in_problems(TEXTS, settings(entra), offline=False)
    assert line.startswith("Colleagues cannot sign in: ")
    assert word.lower() in line.lower()
    assert SECRET not in line


async def test_a_certificate_that_is_none_and_a_server_that_is_not_there(entra: EntraStandIn, tmp_path: Path) -> None:
    (line,) = await sign_in_problems(TEXTS, settings(entra, certificate_path=str(tmp_path / "none.pem")), offline=False)
    assert "PRIVACY_SIGN_IN__CERTIFICATE_PATH" in line
    (line,) = await sign_in_problems(TEXTS, settings(entra, login_url="http://127.0.0.1:9"), offline=False)
    assert line.startswith("Colleagues cannot sign in: ")
