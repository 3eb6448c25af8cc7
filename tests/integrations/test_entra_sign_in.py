"""Signing in against a login server that checks what Entra ID checks: who is believed, and why not."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from yarl import URL

from bot.domain.errors import CredentialsRefused, NotAllowedNow, NotYours, PrivacyDeskError, TryLater
from bot.ports import Account, Begun
from integrations.entra import Application
from integrations.entra_sign_in import EntraSignIn, refused
from tests.fakes import FixedClock
from tests.standins.entra import CLIENT, SECRET, TENANT, EntraStandIn, Person, serve_entra

REDIRECT = "https://desk.gotowork.example/sign-in/back"
KARIN = Person("0f0f0f0f-1111-4222-8333-000000000001", "Karin@gotowork.example")
ELSEWHERE = "99999999-1111-4222-8333-444444444444"


@dataclass
class Entra:
    """The login server and the desk's side of it."""

    server: EntraStandIn
    session: aiohttp.ClientSession
    clock: FixedClock

    def ours(self, secret: str = SECRET, certificate: Path | None = None, url: str = "") -> EntraSignIn:
        application = Application(
            "Entra ID",
            "PRIVACY_SIGN_IN__",
            TENANT,
            CLIENT,
            SecretStr(secret),
            certificate,
            "",
            url or self.server.url,
        )
        return EntraSignIn(application, REDIRECT, self.session, self.clock)

    async def signed_in(self, ours: EntraSignIn | None = None, person: Person = KARIN) -> Account:
        """Sign in as a person, all the way."""
        ours = ours or self.ours()
        begun = await ours.begin()
        return await ours.finish(begun.flow, self.server.agree(begun.url, person))

    async def refusal(self, ours: EntraSignIn | None = None, person: Person = KARIN) -> PrivacyDeskError:
        """Return what a sign-in is refused with; nothing of what was said or sent hangs on to it."""
        with pytest.raises(PrivacyDeskError) as caught:
            await self.signed_in(ours, person)
        assert caught.value.__context__ is None
        return caught.value


@pytest.fixture
async def entra(session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Entra]:
    """A login server that knows the desk."""
    async with serve_entra(EntraStandIn(clock, REDIRECT)) as server:
        yield Entra(server, session, clock)


async def test_who_signs_in_is_known_by_id_and_sign_in_name(entra: Entra) -> None:
    assert await entra.signed_in() == Account(KARIN.oid, KARIN.address)
    (form,) = entra.server.forms
    assert form["redirect_uri"] == REDIRECT
    assert len(form["code_verifier"]) >= 43


async def test_what_is_asked_for_is_the_least_and_every_time_another(entra: Entra) -> None:
    """Neither address nor code holds anything about a person, and no refresh token is asked for."""
    ours = entra.ours()
    first, second = URL((await ours.begin()).url), URL((await ours.begin()).url)
    assert set(first.query["scope"].split()) == {"openid", "profile"}
    assert first.query["response_mode"] == "form_post"
    for name in ("state", "nonce", "code_challenge"):
        assert first.query[name] != second.query[name]
        assert len(first.query[name]) >= 16
    assert not entra.server.forms


async def test_a_certificate_signs_in_the_place_of_a_secret(entra: Entra, tmp_path: Path) -> None:
    path, entra.server.certificate = make_certificate(tmp_path / "desk.pem")
    assert (await entra.signed_in(entra.ours(certificate=path))).oid == KARIN.oid
    assert "client_secret" not in entra.server.forms[0]
    other, _ = make_certificate(tmp_path / "other.pem")
    assert (await entra.refusal(entra.ours(certificate=other))).key == "refusal.sign_in_settings"
    path.write_bytes(b"no certificate")
    assert isinstance(await entra.refusal(entra.ours(certificate=path)), CredentialsRefused)


async def test_many_sign_in_at_once_and_nobody_becomes_another(entra: Entra) -> None:
    ours = entra.ours()
    people = [Person(f"0f0f0f0f-1111-4222-8333-{n:012}", f"p{n}@gotowork.example") for n in range(12)]
    found = await asyncio.gather(*(entra.signed_in(ours, one) for one in people))
    assert [account.oid for account in found] == [one.oid for one in people]
    assert entra.server.keys_asked == 1


BENT: list[tuple[Mapping[str, Any], str]] = [
    ({"tid": ELSEWHERE}, "foreign"),
    ({"tid": None}, "foreign"),
    ({"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"}, "foreign"),
    ({"iss": "https://login.evil.example/v2.0"}, "foreign"),
    ({"idp": f"https://sts.windows.net/{ELSEWHERE}/"}, "guest"),
    ({"idp": "live.com"}, "guest"),
    ({"acct": 1}, "guest"),
    ({"preferred_username": "kim_other.example#EXT#@gotowork.example"}, "guest"),
    ({"aud": ELSEWHERE}, "not_ours"),
    ({"aud": None}, "not_ours"),
    ({"nonce": "another"}, "not_ours"),
    ({"nonce": None}, "not_ours"),
    ({"oid": None}, "not_ours"),
    ({"oid": " "}, "not_ours"),
    ({"exp": None}, "not_ours"),
    ({"iat": None}, "not_ours"),
    ({"exp": "soon"}, "not_ours"),
]


@pytest.mark.parametrize(("claims", "why"), BENT, ids=[f"{next(iter(c))}-{n}" for n, (c, _) in enumerate(BENT)])
async def test_a_token_that_is_not_wholly_ours_lets_nobody_in(
    entra: Entra, claims: Mapping[str, Any], why: str
) -> None:
    entra.server.claims = dict(claims)
    assert (await entra.refusal()).key == f"refusal.sign_in_{why}"


@pytest.mark.parametrize(
    "home", [f"https://sts.windows.net/{TENANT}/", f"https://sts.windows.net/{TENANT.upper()}/", None]
)
async def test_a_colleague_whose_home_is_named_is_no_guest(entra: Entra, home: str | None) -> None:
    entra.server.claims = {"idp": home, "acct": 0}
    assert (await entra.signed_in()).oid == KARIN.oid


async def test_the_clocks_may_differ_a_little_and_not_much(entra: Entra) -> None:
    now = int(entra.clock.now().timestamp())
    for claims, fine in (
        ({"nbf": now + 240, "iat": now + 240}, True),
        ({"nbf": now + 360, "iat": now + 360}, False),
        ({"nbf": None, "exp": now - 240}, True),
        ({"exp": now - 360}, False),
    ):
        entra.server.claims = claims
        if fine:
            assert (await entra.signed_in()).oid == KARIN.oid
        else:
            assert (await entra.refusal()).key == "refusal.sign_in_clock"


async def test_a_signature_that_is_not_the_directorys_lets_nobody_in(entra: Entra) -> None:
    """Another key under our key's name, a key nobody published, no key at all, and one's own secret as the key."""
    ours = entra.ours()
    entra.server.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert (await entra.refusal(ours)).key == "refusal.sign_in_not_ours"
    entra.server.signs_with = entra.server.key
    entra.server.header = {"kid": "unpublished"}
    assert (await entra.refusal(ours)).key == "refusal.sign_in_not_ours"
    entra.server.header = {"alg": "none"}
    assert (await entra.refusal(ours)).key == "refusal.sign_in_not_ours"
    assert entra.server.keys_asked == 1, "a forged key's name does not make us ask for every request"
    forged = jwt.encode({"aud": CLIENT, "nonce": "n"}, SECRET * 4, "HS256", headers={"kid": entra.server.kid})
    entra.server.token_text = f'{{"access_token": "a", "id_token": "{forged}"}}'
    assert (await entra.refusal(ours)).key == "refusal.sign_in_not_ours"


async def test_new_keys_are_learnt(entra: Entra, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = entra.ours()
    await entra.signed_in(ours)
    entra.server.roll_keys()
    assert (await entra.refusal(ours)).key == "refusal.sign_in_not_ours"
    monkeypatch.setattr("integrations.entra_sign_in.KEYS_PAUSE", 0.0)
    assert (await entra.signed_in(ours)).oid == KARIN.oid


async def test_state_code_and_verifier_belong_together(entra: Entra) -> None:
    """Another's state, another's code, a code used before: each is refused, and a wrong state asks nobody."""
    ours = entra.ours()
    mine, theirs = await ours.begin(), await ours.begin()
    brought = entra.server.agree(theirs.url, KARIN)
    for answer in (brought, {}, {"state": mine.state}, {"state": mine.state, "code": ""}):
        with pytest.raises(NotAllowedNow):
            await ours.finish(mine.flow, answer)
    assert not entra.server.forms
    assert await over(ours, mine, {**brought, "state": mine.state}) == "refusal.sign_in_over"  # the verifier is ours
    answer = entra.server.agree(mine.url, KARIN)
    assert (await ours.finish(mine.flow, answer)).oid == KARIN.oid
    assert await over(ours, mine, answer) == "refusal.sign_in_over"


async def test_a_code_that_lay_too_long_is_over(entra: Entra) -> None:
    ours = entra.ours()
    begun = await ours.begin()
    answer = entra.server.agree(begun.url, KARIN)
    entra.clock.advance(timedelta(minutes=11))
    assert await over(ours, begun, answer) == "refusal.sign_in_over"


async def over(ours: EntraSignIn, begun: Begun, answer: Mapping[str, str]) -> str:
    """Return why a sign-in that has begun does not finish."""
    with pytest.raises(NotAllowedNow) as caught:
        await ours.finish(begun.flow, answer)
    return caught.value.key


@pytest.mark.parametrize(
    ("number", "kind", "key"),
    [
        (65004, NotAllowedNow, "cancelled"),
        (53003, NotAllowedNow, "conditions"),
        (50076, NotAllowedNow, "more_proof"),
        (50105, NotYours, "unassigned"),
        (50057, NotYours, "account"),
        (65001, NotAllowedNow, "consent"),
        (50011, CredentialsRefused, "settings"),
    ],
)
async def test_what_the_login_page_refuses_is_said_in_words(
    entra: Entra, number: int, kind: type[PrivacyDeskError], key: str, caplog: pytest.LogCaptureFixture
) -> None:
    ours = entra.ours()
    begun = await ours.begin()
    with pytest.raises(kind) as caught:
        await ours.finish(begun.flow, entra.server.refuse(begun.url, number))
    assert caught.value.key == f"refusal.sign_in_{key}"
    assert str(number) in caplog.text
    assert "anna@" not in caplog.text
    assert not entra.server.forms


@pytest.mark.parametrize(
    ("number", "key"),
    [(7000215, "settings"), (7000222, "settings"), (700016, "settings"), (53003, "conditions"), (50076, "more_proof")],
)
async def test_what_the_token_endpoint_refuses_is_said_in_words(entra: Entra, number: int, key: str) -> None:
    entra.server.refuses_token = number
    assert (await entra.refusal()).key == f"refusal.sign_in_{key}"


async def test_a_wrong_secret_is_ours_to_mend(entra: Entra) -> None:
    assert isinstance(await entra.refusal(entra.ours(secret="old")), CredentialsRefused)


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ({"error": "access_denied"}, "cancelled"),
        ({"error": "temporarily_unavailable"}, "unreachable"),
        ({"error": "server_error", "error_description": "AADSTS7777777: new"}, "unreachable"),
        ({"error": "unauthorized_client"}, "settings"),
        ({"error": "<b>odd</b>", "error_description": "nothing known"}, "refused"),
        ({"error": "invalid_grant", "error_codes": [70000]}, "over"),
        ({"error": "invalid_grant", "error_codes": ["x"]}, "refused"),
    ],
)
def test_numbers_nobody_has_met_are_read_by_the_protocols_word(
    answer: Mapping[str, Any], key: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert refused(answer).key == f"refusal.sign_in_{key}"
    assert "odd" not in caplog.text


async def test_a_login_server_in_trouble_is_asked_later(entra: Entra) -> None:
    for status in (429, 500, 503):
        entra.server.token_status = status
        assert (await entra.refusal()).key == "refusal.sign_in_unreachable"
    entra.server.token_status = 0
    entra.server.keys_status = 503
    assert isinstance(await entra.refusal(), TryLater)
    entra.server.keys_status = 0
    for text in (
        "<h1>",
        "[]",
        '{"keys": [{"kty": "RSA"}]}',
        '{"keys": [{"kty": "RSA", "kid": "a", "n": "?", "e": ""}]}',
    ):
        entra.server.keys_text = text
        assert isinstance(await entra.refusal(), TryLater)
    entra.server.keys_text = ""
    assert (await entra.signed_in()).oid == KARIN.oid


async def test_a_login_server_that_is_not_there(entra: Entra) -> None:
    nowhere = entra.ours(url="http://127.0.0.1:9")
    begun = await nowhere.begin()
    with pytest.raises(TryLater, match="unreachable"):
        await nowhere.finish(begun.flow, {"state": begun.state, "code": "c"})


@pytest.mark.parametrize("text", ["<h1>", "[]", "{}", '{"access_token": 5}', '{"access_token":"a","id_token":"x.y"}'])
async def test_an_answer_that_is_no_token(entra: Entra, text: str) -> None:
    entra.server.token_text = text
    assert isinstance(await entra.refusal(), NotAllowedNow)


async def test_nothing_of_a_sign_in_is_logged(entra: Entra, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ours = entra.ours()
    begun = await ours.begin()
    answer = entra.server.agree(begun.url, KARIN)
    await ours.finish(begun.flow, answer)
    entra.server.claims = {"nonce": "another"}
    await entra.refusal(ours)
    entra.server.claims = {"aud": "another"}
    await entra.refusal(ours)
    for secret in (
        SECRET,
        answer["code"],
        begun.state,
        KARIN.oid,
        KARIN.address,
        "eyJ",
        entra.server.forms[0]["code_verifier"],
    ):
        assert secret not in caplog.text
    assert KARIN.oid not in repr(Account(KARIN.oid, KARIN.address))
    assert "verifier" not in repr(begun)


def make_certificate(path: Path) -> tuple[Path, x509.Certificate]:
    """Write a key and its certificate into one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = builder.serial_number(1).not_valid_before(begun).not_valid_after(begun + timedelta(days=99))
    signed = made.sign(key, SHA256())
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(plain + signed.public_bytes(Encoding.PEM))
    return path, signed
