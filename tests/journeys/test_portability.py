"""Portability (Art. 20, R35-R36): what the person gave, in files another program can read, and why not the rest."""

import csv
import json
import re
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from aiohttp import FormData

from bot.card import Verb
from bot.domain.system import Mode, Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from integrations.office365.seed import ELIN
from tests.journeys.furnished import Furnished, verbs
from tests.journeys.sixth import ASTRID, mail
from tests.journeys.walks import PRIYA, states

SWEDISH = "Jag vill ha ut mina uppgifter i ett maskinläsbart format enligt rätten till dataportabilitet."
ENGLISH = "I want my personal data in a machine-readable format under the right to data portability."


async def at_decision(desk: Furnished, text: str, sender: str) -> None:
    """Walk a wish for portability to where owners decide; a colleague attests who asks where that is needed."""
    await desk.mail(mail(text, sender))
    if "portability" not in [part.type for part in (await desk.ticket()).parts]:
        await desk.fill("sara", Verb.CHANGE, {"rights": ["portability"]})
    await desk.press("sara", Verb.CONFIRM)
    while (await desk.ticket()).stage is Stage.LOCATING:
        await desk.finish("jonas")
    for name in ("sara", "maria"):
        if Verb.ATTEST in verbs(await desk.card(name)):
            await desk.fill(name, Verb.ATTEST, {"method": "bankid", "checked": ["bankid_matches"]})


@pytest.mark.parametrize(("text", "key"), [(SWEDISH, "faltforklaring.csv"), (ENGLISH, "field_key.csv")])
async def test_the_file_holds_what_was_given_and_nothing_else(desk: Furnished, text: str, key: str) -> None:
    await at_decision(desk, text, ASTRID)
    found = states(await desk.ticket(), "export")
    assert found["hubspot"] is TaskState.NOT_APPLICABLE, "a marketing register rests on legitimate interest"
    assert found["eventbrite"] is TaskState.PROPOSED
    await desk.decide("sara")
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket()).tasks):
        await desk.finish("maria", result="not_found")
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1]
    person = await desk.person(letter)
    archive = ZipFile(BytesIO(await person.package()))
    assert set(archive.namelist()) == {"eventbrite.json", "eventbrite.csv", key}
    records = json.loads(archive.read("eventbrite.json"))["records"]
    assert records
    assert {name for one in records for name in one["fields"]} <= {
        "name",
        "first_name",
        "last_name",
        "email",
        "profile.name",
        "profile.first_name",
        "profile.last_name",
        "profile.email",
        "profile.cell_phone",
        "answers",
    }
    rows = list(csv.reader(StringIO(archive.read("eventbrite.csv").decode("utf-8-sig"))))
    assert rows[0] == ["record", "kind", "field", "value"]
    assert any(ASTRID in row for row in rows)
    explained = {row[2] for row in csv.reader(StringIO(archive.read(key).decode("utf-8-sig")))}
    assert {row[2] for row in rows[1:]} <= explained
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_a_candidates_files_are_picked_out_by_a_colleague(desk: Furnished) -> None:
    """In the library lie her papers, what was written about her, and lists with other candidates in them (R35)."""
    await at_decision(desk, SWEDISH, ELIN)
    ticket = await desk.ticket()
    (task,) = (one for one in ticket.tasks if (one.system, one.operation) == ("office365", Operation.EXPORT))
    assert ticket.part(task.part_id).type == "portability"
    assert task.found["file"] == 2, "her CV, and a list with others in it"
    assert task.mode is Mode.MANUAL, "nothing about a file tells who gave it"
    await desk.decide("jonas")
    steps = str(await desk.form("jonas", Verb.FINISH_BY_HAND))
    assert "ingen fil där andra personer står" in steps
    browser, at, page = await desk.review("jonas")
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    form = FormData({"csrf": csrf, "task": task.id})
    form.add_field("file", b"%PDF-1.4 Elin", filename="CV Elin.pdf")
    async with browser.session.post(f"{browser.url}{at}/upload", data=form) as answer:
        assert answer.status == 200
    await desk.fill("jonas", Verb.FINISH_BY_HAND, {"result": "done", "masked": "0"})
    while any(one.state is TaskState.BY_HAND for one in (await desk.ticket()).tasks):
        await desk.finish("jonas", result="not_found")
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1]
    assert "Filer som vi inte vet att du har lämnat, eller där andra personer står, ingår inte heller." in letter.text
    assert "Det du själv har lämnat till oss ligger i filen." in letter.text
    assert "mejl, möten, kontaktkort" not in letter.text, "that would be said of a copy of everything"
    archive = ZipFile(BytesIO(await (await desk.person(letter)).package()))
    files = [name for name in archive.namelist() if name.startswith("files/")]
    assert [archive.read(name) for name in files] == [b"%PDF-1.4 Elin"]
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"PK lista" not in whole
    assert b"intyg" not in whole


async def test_who_gave_nothing_is_told_why_and_offered_a_copy(desk: Furnished) -> None:
    await at_decision(desk, SWEDISH, PRIYA)
    ticket = await desk.ticket()
    assert set(states(ticket, "export").values()) == {TaskState.NOT_APPLICABLE}
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1].text
    assert "eftersom vi inte har någon uppgift om dig som rätten omfattar" in letter
    assert "HubSpot: ingår inte." in letter
    assert "kopia av allt" in letter
    assert "klagomål" in letter
    assert (await desk.ticket()).parts[0].outcome is Outcome.REFUSED
