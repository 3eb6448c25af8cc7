"""What the letter and the page say of proof is what the desk then takes as proof, tier by tier (2.7)."""

import pytest

from bot.card import Verb
from bot.domain.identity import IdentityState
from tests.journeys.furnished import Furnished, SentMail
from tests.journeys.walks import PRIYA

YUSUF = "yusuf.demir@example.org"
ONE_OF = {"sv": "Det räcker att du gör något av det här:", "en": "It is enough to do one of these:"}
BY_NUMBER = {"sv": "svara där och ange ordernumret", "en": "answer there and give the order number"}
ALONE = {"sv": "– öppna länken i det här mejlet och följ", "en": "– open the link in this mail and follow"}
WORDS = {
    "sv": "Hej, jag begär en kopia av alla mina personuppgifter som ni har om mig.",
    "en": "Hello, I request a copy of all my personal data that you hold about me.",
}


async def asked(desk: Furnished, address: str, language: str, *roles: str) -> SentMail:
    """Walk a request to the question of identity; return its letter."""
    head = f"From: <{address}>\nTo: info@goto.work\nSubject: GDPR\nDate: Mon, 09 Mar 2026 09:00:00 +0100\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    await desk.mail(f"{head}{kind}\n{WORDS[language]}\n".encode())
    if roles:
        await desk.fill("sara", Verb.CHANGE, {"roles": roles})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    letter = desk.letters()[-1]
    assert letter.link
    return letter


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_tier_2_the_link_alone_is_not_offered(desk: Furnished, language: str) -> None:
    letter = await asked(desk, YUSUF, language)
    offered = letter.text.partition(ONE_OF[language])[2]
    assert BY_NUMBER[language] in offered
    assert ALONE[language] not in letter.text
    person = await desk.person(letter)
    _, page = await person.get("/c/page")
    told = {"sv": "räcker inte ensamt", "en": "not enough by itself"}[language]
    assert told in page
    _, page = await person.post("/c/confirm")
    assert (await desk.ticket()).identity.state is IdentityState.ASKED, "as the page said"
    assert {"sv": "Skriv ett ordernummer", "en": "order number"}[language] in page


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_tier_3_what_colleagues_must_do_is_asked_for(desk: Furnished, language: str) -> None:
    letter = await asked(desk, PRIYA, language, "candidate")
    offered = letter.text.partition(ONE_OF[language])[2]
    for way in ({"sv": "BankID", "en": "BankID"}, {"sv": "vårt kontor", "en": "our office"}):
        assert way[language] in offered
    assert ALONE[language] not in letter.text
    assert {"sv": "Länken i sig visar inte vem du är", "en": "The link itself does not show"}[language] in letter.text
    _, page = await (await desk.person(letter)).get("/c/page")
    assert {"sv": "räcker inte ensamt", "en": "not enough by itself"}[language] in page
