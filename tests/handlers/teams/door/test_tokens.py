"""Who is let in: forged and odd tokens against keys of our own, each with its status, and the desk untouched."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from multidict import CIMultiDict

from tests.fakes import MemoryWork
from tests.handlers.slack.small_desk import SmallDesk
from tests.handlers.teams.door.conftest import Client, bearer
from tests.standins.botframework import APP_ID, LEFT_OUT, SERVICE_URL, TENANT, Keys, key, signed

PRESS = "confirm|t1|0"
MICROSOFTS_OWN = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
#: Whose tokens the old Bot Framework Emulator carried.
EMULATORS = "d6d49420-f39b-4df7-a1dc-d59a935871db"


def untouched(desk: SmallDesk, work: MemoryWork) -> bool:
    """Whether nothing reached the desk, nor was anything remembered of where it came from."""
    return desk == SmallDesk() and not work.shelves.places


def unsigned(word: str = "none") -> str:
    """Return a token that says it needs no signature."""
    head, body, _ = signed().split(".")
    bare = base64.urlsafe_b64encode(json.dumps({"alg": word, "kid": "botframework", "typ": "JWT"}).encode())
    assert head
    return f"{bare.decode().rstrip('=')}.{body}."


def signed_with_the_public_key() -> str:
    """Return a token whose shared secret is the key everybody may read (PyJWT itself refuses to make one)."""
    public = key("botframework").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, body, _ = signed().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"botframework","typ":"JWT"}').decode().rstrip("=")
    mark = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def changed_after_signing() -> str:
    """Return a token whose words are not those that were signed."""
    head, _, mark = signed().split(".")
    return f"{head}.{signed(aud=APP_ID.replace('5', '6')).split('.')[1]}.{mark}"


def of_entra(**differs: Any) -> str:
    """Return a token any program registered in a directory can get for the bot's id."""
    tenant = differs.pop("tenant", TENANT)
    own = {"iss": f"https://login.microsoftonline.com/{tenant}/v2.0", "tid": tenant, "azp": "another-app", "ver": "2.0"}
    return signed(by="entra", **{**own, **differs})


FORGED: dict[str, tuple[Callable[[], str], int]] = {
    "a key of somebody else's": (lambda: signed(by="somebody", kid="botframework"), 401),
    "alg none": (unsigned, 401),
    "HS256 with the public key": (signed_with_the_public_key, 401),
    "words changed after signing": (changed_after_signing, 401),
    "another algorithm of the right key": (lambda: signed(algorithm="RS512"), 401),
    "expired": (lambda: signed(exp=-600), 401),
    "not yet valid": (lambda: signed(nbf=3_000), 401),
    "no exp": (lambda: signed(exp=LEFT_OUT), 401),
    "exp is no number": (lambda: signed(exp="tomorrow"), 401),
    "another audience": (lambda: signed(aud=TENANT), 401),
    "no audience": (lambda: signed(aud=LEFT_OUT), 401),
    "several audiences": (lambda: signed(aud=[APP_ID, TENANT]), 401),
    "a foreign issuer": (lambda: signed(iss="https://issuer.example.org"), 401),
    "a foreign issuer, Entra's key": (lambda: signed(by="entra", iss="https://issuer.example.org"), 401),
    "no issuer": (lambda: signed(iss=LEFT_OUT), 401),
    "issuer is a list": (lambda: signed(iss=["https://api.botframework.com"]), 401),
    "the government cloud's issuer": (lambda: signed(iss="https://api.botframework.us"), 401),
    "our own directory, app-only, v2": (of_entra, 401),
    "our own directory, app-only, v1": (lambda: of_entra(iss=f"https://sts.windows.net/{TENANT}/"), 401),
    "our own directory, service address put in": (lambda: of_entra(serviceurl=SERVICE_URL), 401),
    "Microsoft's own directory, which the SDK trusts": (lambda: of_entra(tenant=MICROSOFTS_OWN), 401),
    "another service address": (lambda: signed(serviceurl="https://smba.trafficmanager.net/amer/"), 401),
    "another host": (lambda: signed(serviceurl="https://evil.botframework.com/"), 401),
    "no service address": (lambda: signed(serviceurl=LEFT_OUT), 401),
    "an empty service address": (lambda: signed(serviceurl=""), 401),
    "the service address is a list": (lambda: signed(serviceurl=[SERVICE_URL]), 401),
    "an unknown key id": (lambda: signed(kid="unheard-of"), 401),
    "no key id": (lambda: signed(kid=LEFT_OUT), 401),
    "a key id that is no word": (lambda: signed(kid="../../etc/passwd"), 401),
    "two parts": (lambda: ".".join(signed().split(".")[:2]), 401),
    "no token at all": (lambda: "garbage", 401),
    "alg None, in capitals": (lambda: unsigned("NONE"), 401),
    "an empty signature": (lambda: ".".join([*signed().split(".")[:2], ""]), 401),
    "the audience in a list of one, of somebody else": (lambda: signed(aud=[TENANT]), 401),
    "another bot's": (lambda: signed(aud="5d1b7a3c-1f0e-4c55-9a7e-0d4f3b2a1cab"), 401),
    "the issuer with a slash behind": (lambda: signed(iss="https://api.botframework.com/"), 401),
    "the issuer in capitals": (lambda: signed(iss="HTTPS://API.BOTFRAMEWORK.COM"), 401),
    "the emulator's issuer, v1": (lambda: of_entra(tenant=EMULATORS, iss=f"https://sts.windows.net/{EMULATORS}/"), 401),
    "the emulator's issuer, v2": (lambda: of_entra(tenant=EMULATORS), 401),
    "the service address in a claim within a claim": (
        lambda: signed(serviceurl={"serviceurl": SERVICE_URL}),
        401,
    ),
    "a key that may sign for other channels only": (lambda: signed(by="webchat"), 403),
    "a key that may sign for no channel": (lambda: signed(by="bare"), 403),
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_forged_token_is_refused(guarded: Client, desk: SmallDesk, memory_work: MemoryWork, case: str) -> None:
    make, status = FORGED[case]
    answer = await guarded.post(guarded.execute(PRESS), {"Authorization": f"Bearer {make()}"})
    assert answer.status == status
    assert answer.text == ""
    assert untouched(desk, memory_work)


HEADERS = {
    "none": {},
    "empty": {"Authorization": ""},
    "another scheme": {"Authorization": "Basic YW5uYTpwYXNzd29yZA=="},
    "a token without a scheme": {"Authorization": "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"},
    "a scheme without a token": {"Authorization": "Bearer"},
    "two tokens": {"Authorization": "Bearer one two"},
    "a very long one": {"Authorization": "Bearer " + "a" * 7_000},
}


@pytest.mark.parametrize("case", HEADERS)
async def test_without_a_token_nobody_is_let_in(
    guarded: Client, desk: SmallDesk, memory_work: MemoryWork, case: str
) -> None:
    answer = await guarded.post(guarded.execute(PRESS), HEADERS[case])
    assert answer.status == 401
    assert untouched(desk, memory_work)


ELSEWHERE: dict[str, tuple[dict[str, Any], int]] = {
    "another directory": ({"channelData": {"tenant": {"id": MICROSOFTS_OWN}}}, 403),
    "another directory in the conversation": ({"conversation": {"id": "19:x", "tenantId": MICROSOFTS_OWN}}, 403),
    "no directory": ({"channelData": {}, "conversation": {"id": "19:x"}}, 403),
    "another channel than Teams": ({"channelId": "directline"}, 403),
    "no channel": ({"channelId": None}, 403),
    "another service address": ({"serviceUrl": "https://smba.trafficmanager.net/amer/"}, 401),
    "no service address": ({"serviceUrl": None}, 401),
    "the directory is no text": ({"channelData": {"tenant": {"id": 7}}}, 400),
}


@pytest.mark.parametrize("case", ELSEWHERE)
async def test_a_good_token_with_an_activity_from_elsewhere_is_refused(
    guarded: Client, desk: SmallDesk, memory_work: MemoryWork, case: str
) -> None:
    differs, status = ELSEWHERE[case]
    answer = await guarded.post(guarded.execute(PRESS, **differs), bearer())
    assert answer.status == status
    assert untouched(desk, memory_work)


@pytest.mark.parametrize(
    "differs",
    [
        {"channelData": None},
        {"channelData": {"channel": {"id": "19:x", "type": "shared"}, "team": {"id": "19:y"}}},
        {"conversation": {"id": "19:x", "conversationType": "channel"}},
        {"channelData": {"tenant": {"id": TENANT.upper()}}},
    ],
    ids=["no channel data", "a shared channel", "no directory in the conversation", "in capitals"],
)
async def test_one_word_of_our_own_directory_is_enough(
    guarded: Client, desk: SmallDesk, differs: dict[str, Any]
) -> None:
    assert (await guarded.post(guarded.execute(PRESS, **differs), bearer())).status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)


@pytest.mark.parametrize(
    "address",
    [
        "http://smba.trafficmanager.net/emea/",
        "https://127.0.0.1/",
        "http://127.0.0.1:8080/",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254/metadata/instance",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil.example/?https://smba.trafficmanager.net/",
        "https://somebody@smba.trafficmanager.net/",
        "https://anybody.blob.core.windows.net/",
        "file:///etc/passwd",
        "not an address",
    ],
)
async def test_an_address_that_is_not_teams_own_is_refused_though_the_token_names_it(
    guarded: Client, desk: SmallDesk, memory_work: MemoryWork, address: str
) -> None:
    answer = await guarded.post(guarded.execute(PRESS, serviceUrl=address), bearer(serviceurl=address))
    assert answer.status in {400, 401}
    assert untouched(desk, memory_work)


async def test_what_teams_signed_is_let_in(guarded: Client, desk: SmallDesk, keys: Keys) -> None:
    answer = await guarded.post(guarded.execute(PRESS), bearer())
    assert answer.status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert keys.asked == {"botframework": 1}
    assert (await guarded.post(guarded.execute("confirm|t1|1"), bearer())).status == 200
    assert keys.asked == {"botframework": 1}, "the keys are kept"


@pytest.mark.parametrize(
    "claimed", [SERVICE_URL.rstrip("/"), SERVICE_URL.upper(), "https://SMBA.trafficmanager.net/EMEA"]
)
async def test_the_same_service_address_may_be_spelled_otherwise(
    guarded: Client, desk: SmallDesk, claimed: str
) -> None:
    """Microsoft's own libraries overlook capitals and a slash at the end, so the two need not agree in them."""
    assert (await guarded.post(guarded.execute(PRESS), bearer(serviceurl=claimed))).status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)


async def test_a_new_key_is_found(
    guarded: Client, desk: SmallDesk, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Microsoft changes its keys: one that is not on the list we have is looked for, at most twice a minute."""
    assert (await guarded.post(guarded.execute(PRESS), bearer())).status == 200
    keys.newest = "next"
    turned = bearer(by="next")
    assert (await guarded.post(guarded.execute("confirm|t1|1"), turned)).status == 401, "the list is fresh"
    now = time.monotonic()
    monkeypatch.setattr("handlers.teams.keys.monotonic", lambda: now + 31)
    assert (await guarded.post(guarded.execute("confirm|t1|1"), turned)).status == 200
    assert keys.asked == {"botframework": 2}


async def test_of_two_headers_a_bad_first_one_is_not_made_good(guarded: Client, desk: SmallDesk) -> None:
    for first, second in (("garbage", signed()), (signed(by="somebody", kid="botframework"), signed())):
        headers = CIMultiDict([("Authorization", f"Bearer {first}"), ("Authorization", f"Bearer {second}")])
        async with guarded.session.post(guarded.url, json=guarded.execute(PRESS), headers=headers) as answer:
            assert answer.status == 401
    assert desk == SmallDesk()


async def test_the_scheme_may_be_written_small(guarded: Client) -> None:
    assert (await guarded.post(guarded.execute(PRESS), {"authorization": f"bearer  {signed()} "})).status == 200


async def test_when_microsofts_keys_are_out_of_reach_teams_may_try_again(
    guarded: Client, desk: SmallDesk, keys: Keys
) -> None:
    keys.broken = True
    answer = await guarded.post(guarded.execute(PRESS), bearer())
    assert answer.status == 503
    assert desk == SmallDesk()


async def test_keys_that_do_not_come_are_not_waited_for_longer_than_teams_waits(
    guarded: Client, desk: SmallDesk, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.teams.keys.PATIENCE", 0.1)
    keys.pause = 3.0
    answer = await guarded.post(guarded.execute(PRESS), bearer())
    assert (answer.status, desk) == (503, SmallDesk())
    assert answer.seconds < 2.0


async def test_a_crowd_of_unknown_keys_asks_for_the_list_once(guarded: Client, keys: Keys) -> None:
    for number in range(12):
        assert (await guarded.post(guarded.execute(PRESS), bearer(kid=f"unheard-of-{number}"))).status == 401
    assert keys.asked["botframework"] <= 2
