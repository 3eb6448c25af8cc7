"""The lines below a card: one per ledger entry, from facts as the services write them."""

from collections.abc import Mapping

import pytest

from bot.cards.history import QUIET, history_line
from bot.domain.ledger import Entry, LedgerEvent, linked
from bot.domain.request import Language
from tests.cards.scenes import scene
from tests.cards.tickets import HOUR, MONDAY

E = LedgerEvent
TOLD: list[tuple[LedgerEvent, str, Mapping[str, str | int], str]] = [
    (E.TICKET_OPENED, "desk", {"channel": "mail", "rights": "access"}, "Ärendet öppnades."),
    (E.TICKET_JOINED, "desk", {"item": "i"}, "Ett nytt mejl lades till ärendet."),
    (
        E.TICKET_JOINED,
        "sara",
        {"ref": "PR-2026-0043", "parts": 1},
        "Sara la ihop PR-2026-0043 med det här ärendet: 1 ny begäran.",
    ),
    (
        E.JOINED_TO,
        "sara",
        {"ref": "PR-2026-0040", "parts": 0},
        "Sara la ihop ärendet med PR-2026-0040, där det fortsätter.",
    ),
    (
        E.PARTED,
        "sara",
        {"ref": "PR-2026-0040", "mails": 1, "parts": 2, "stay": 0},
        "Sara skilde det här från PR-2026-0040. Tillbaka flyttades 1 mejl och 2 nya begäranden.",
    ),
    (
        E.PARTED,
        "sara",
        {"ref": "PR-2026-0040", "mails": 0, "parts": 0, "stay": 1},
        (
            "Sara skilde det här från PR-2026-0040. Kvar där arbetet pågår: 1 begäran, med sitt mejl. "
            "Tillbaka flyttades 0 nya begäranden."
        ),
    ),
    (E.KEPT_APART, "maria", {}, "Maria låter ärendet vara skilt från andra."),
    (E.REGRET_SETTLED, "sara", {}, "Sara läste det senare mejlet: begäran gäller som förut."),
    (E.PART_ADDED, "desk", {"part": 2, "right": "access"}, "Tillgång: ny begäran i ärendet, med egen mottagningstid."),
    (E.CONFIRMED, "sara", {"rights": "access", "right": "access", "part": 2}, "Tillgång: bekräftad av Sara."),
    (E.CHANGED, "sara", {"changed": "rights", "right": "access", "part": 2}, "Tillgång: ändrad av Sara."),
    (
        E.DISMISSED,
        "sara",
        {"reason": "duplicate", "right": "access", "part": 2},
        "Tillgång: avfärdad av Sara, samma begäran finns redan.",
    ),
    (E.REOPENED, "sara", {"right": "access", "part": 2}, "Tillgång: öppnad igen av Sara."),
    (E.CONFIRMED, "sara", {"rights": "access"}, "Sara bekräftade begäran."),
    (E.CHANGED, "sara", {"changed": "rights"}, "Sara ändrade begäran."),
    (E.CHANGED, "maria", {"system": "hubspot", "ground": ""}, "Maria lät beslutet stå öppet i HubSpot."),
    (E.DISMISSED, "sara", {"reason": "newsletter"}, "Sara avfärdade begäran: nyhetsbrev eller reklam."),
    (E.REOPENED, "maria", {}, "Maria öppnade ärendet igen."),
    (
        E.REOPENED,
        "maria",
        {"reason": "another_person"},
        "Maria öppnade ärendet igen. Skäl: det gällde en annan person.",
    ),
    (E.WITHDRAWN, "person", {}, "Personen tog tillbaka begäran."),
    (E.WITHDRAWN, "sara", {"how": "call", "parts": 1}, "Sara antecknade att personen tog tillbaka begäran i telefon."),
    (
        E.EXTENDED,
        "maria",
        {"reasons": "complexity,number", "until": "2026-06-05", "parts": 1},
        "Maria beslutade att förlänga till 5 juni 2026: begäran är komplicerad och vi har fått många begäranden.",
    ),
    (
        E.WRONG_PERSON,
        "sara",
        {"found": "recipient", "letter": "T5"},
        (
            "Sara anmälde att brev T5 (svar på begäran om tillgång) gått till fel person: den som fick det hörde "
            "av sig. Alla länkar i ärendet stängdes."
        ),
    ),
    (E.HANDED_OVER, "sara", {"to": "maria"}, "Sara lämnade över till Maria."),
    (E.STAGE, "desk", {"part": 1, "right": "access", "stage": "locating"}, "Tillgång: Söks."),
    (E.CLOSED, "desk", {"part": 1, "right": "access", "outcome": "fulfilled"}, "Tillgång: uppfylld."),
    (E.IDENTITY_SETTLED, "desk", {"tier": 1, "doubts": "", "state": "asked"}, "Identitet: frågan är skickad."),
    (E.IDENTITY_FAILED, "sara", {}, "Identiteten kunde inte bekräftas."),
    (E.UNCONFIRMED, "sara", {}, "Sara avslutade utan radering: personen bekräftade den inte."),
    (
        E.SEARCHED,
        "desk",
        {"system": "hubspot", "operation": "find", "state": "done", "records": 18},
        "HubSpot: sökt, 18 poster.",
    ),
    (E.SEARCHED, "desk", {"records": 1}, "Systemen kontrollerades igen: 1 post."),
    (
        E.APPROVED,
        "karin",
        {"system": "hubspot", "operation": "erase", "of": 2, "yes": 1, "ground": ""},
        "Karin godkände raderingen i HubSpot, 1 av 2.",
    ),
    (
        E.APPROVED,
        "karin",
        {"system": "hubspot", "operation": "export", "of": 1, "yes": 1, "ground": ""},
        "Karin godkände kopian i HubSpot.",
    ),
    (
        E.DECLINE_PROPOSED,
        "jonas",
        {"system": "office365", "operation": "erase", "ground": "legal_claims"},
        "Jonas föreslog avslag i Office 365.",
    ),
    (
        E.CARRIED_OUT,
        "desk",
        {"system": "hubspot", "operation": "erase", "state": "done", "records": 18},
        "HubSpot: raderat, 18 poster.",
    ),
    (E.RETRIED, "jonas", {"system": "office365", "operation": "erase"}, "Jonas bad om ett nytt försök i Office 365."),
    (
        E.BY_HAND,
        "sara",
        {"system": "eventbrite", "operation": "erase", "state": "done"},
        "Sara avslutade steget i Eventbrite: klart.",
    ),
    (E.BY_HAND, "sara", {"system": "eventbrite", "files": 1}, "Sara lade till en fil i Eventbrite."),
    (E.LETTER_SENT, "desk", {"letter": "CODE"}, "Brev ”engångskod” skickades."),
    (E.LETTER_SENT, "desk", {"letter": "T15B"}, "Brev T15 (fråga om id) skickades."),
    (E.LETTER_SENT, "desk", {"letter": "T15"}, "Brev T15 (kan inte identifiera) skickades."),
    (E.LETTER_SENT, "desk", {"letter": "T5"}, "Brev T5 (svar på begäran om tillgång) skickades."),
    (E.PACKAGE_FETCHED, "person", {"part": 1}, "Paketet hämtades."),
    (E.REMINDED, "desk", {"kind": "deadline"}, "En påminnelse skickades."),
    (
        E.CLEARED,
        "jonas",
        {"system": "office365", "year": 2027, "to": "jonas"},
        "Jonas sa att kopiorna i Office 365 är rensade, 2027.",
    ),
    (E.FORGOTTEN, "desk", {"item": "i"}, "Innehållet raderades som planerat."),
    (E.FORGOTTEN, "desk", {"shelf": "case"}, "Innehållet raderades som planerat (mejl och brev)."),
]
#: What the services write beside each event, for those told in one way only.
ALL_FACTS: Mapping[str, str | int] = {
    "system": "hubspot",
    "operation": "erase",
    "state": "done",
    "records": 2,
    "right": "access",
    "stage": "deciding",
    "outcome": "partly",
    "method": "link",
    "shelf": "findings",
    "hours": 48,
    "reference": "IMY-2026-1234",
    "reasons": "complexity,number",
    "found": "recipient",
    "how": "call",
    "because": "risk_unlikely",
    "way": "send_again",
    "letter": "T7",
    "blanked": 2,
    "left_out": 1,
    "reason": "duplicate",
    "to": "maria",
    "until": "2026-04-08",
    "year": 2027,
    "yes": 1,
    "of": 2,
    "ref": "PR-2026-0040",
    "mails": 1,
    "parts": 1,
}


def entry(event: LedgerEvent, actor: str, facts: Mapping[str, str | int]) -> Entry:
    return linked("ticket-1", None, MONDAY - HOUR, event, actor, facts)


@pytest.mark.parametrize(("event", "actor", "facts", "line"), TOLD)
def test_what_happened_is_told_in_one_line(
    event: LedgerEvent, actor: str, facts: Mapping[str, str | int], line: str
) -> None:
    assert history_line(entry(event, actor, facts), scene()) == f"09:05 · {line}"
    english = history_line(entry(event, actor, facts), scene(Language.EN))
    assert english.startswith("09:05 · ")
    assert english != f"09:05 · {line}"


@pytest.mark.parametrize("event", [event for event in LedgerEvent if event not in QUIET])
@pytest.mark.parametrize("language", Language)
def test_no_event_is_without_words(event: LedgerEvent, language: Language) -> None:
    facts = dict(ALL_FACTS) | ({"state": "proven"} if event is E.IDENTITY_SETTLED else {})
    line = history_line(entry(event, "somebody who left", facts), scene(language))
    assert line.count("\n") == 0
    assert line.endswith(".")
    assert "{" not in line
    assert "somebody" not in line


@pytest.mark.parametrize("event", sorted(QUIET))
def test_what_concerns_nobodys_next_step_is_not_told(event: LedgerEvent) -> None:
    assert history_line(entry(event, "sara", {}), scene()) == ""


def test_an_older_entry_carries_its_day() -> None:
    old = linked("ticket-1", None, MONDAY - 72 * HOUR, E.CONFIRMED, "sara", {})
    assert history_line(old, scene()) == "fre 6 mars 10:05 · Sara bekräftade begäran."
