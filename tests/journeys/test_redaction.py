"""A copy that concerns others too: gone through by a colleague, blanked out, and the letter says so (R34, mail 038)."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.redaction import Judging, awaited, judging_of
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage, Ticket
from bot.services.records.packing import pieces_of, seal_package
from integrations.eventbrite.seed import SEMINAR, Booking, Guest
from integrations.hubspot.seed import Activity, Person
from integrations.office365.sandbox import Office365Sandbox
from integrations.office365.seed import COLLEAGUE, DRIVE, JOBS
from integrations.office365.tenant import Mail, Paper
from tests.journeys.copies import copy_page, leaking, section_of, values_of
from tests.journeys.furnished import Furnished, buttons, verbs, words
from tests.journeys.sixth import mail
from tests.journeys.walks import states

MAIL = (Path(__file__).parents[1] / "mails" / "038.eml").read_bytes()
TOMASZ = "tomasz.zielinski@example.com"
CHOSEN = "Björn Öhman"
REFEREE = "Gunilla Karlström"
SCRIPT = "<script>alert(1)</script>"


def office(desk: Furnished) -> Office365Sandbox:
    sandbox = desk.vendors["office365"].sandbox
    assert isinstance(sandbox, Office365Sandbox)
    return sandbox


def furnish(desk: Furnished) -> None:
    """Put in what we hold of Tomasz: a note, a reference call, colleagues' mails, his CV and a referee's letter."""
    notes = (
        Activity(
            "notes", f"<p>Calm and exact, {SCRIPT}. Weaker than Bj&ouml;rn&nbsp;<b>Öhman</b>, says BJÖRN ÖHMAN.</p>"
        ),
        Activity("calls", f"Reference: {REFEREE} praised his work"),
    )
    desk.hubspot.account.seed([Person(TOMASZ, "Tomasz", "Zieliński", activities=notes)])
    at = datetime(2026, 9, 1, 9, tzinfo=UTC)
    jobs, library = office(desk).tenant.box(JOBS), office(desk).tenant.drive(DRIVE)
    jobs.add(
        Mail(TOMASZ, (JOBS,), "Application", "Hello, here is my CV.", at),
        Mail(COLLEAGUE, (JOBS,), "Two left", f"Tomasz Zieliński or {CHOSEN}? I would take {CHOSEN}.", at),
    )
    library.add(Paper("Reference Tomasz Zieliński.pdf", b"%PDF-1.4 secret words of the referee", f"Tomasz {TOMASZ}"))


async def at_copy(desk: Furnished, *, furnished: bool = True) -> None:
    """Walk mail 038 to where its copy waits for a colleague."""
    if furnished:
        furnish(desk)
    desk.clock.at = datetime(2026, 10, 26, 9, tzinfo=UTC)
    await desk.raw_mail(MAIL)
    await to_execution(desk)
    ticket = await desk.ticket()
    done = {system for system, state in states(ticket, "export").items() if state is TaskState.DONE}
    assert done >= ({"hubspot", "office365"} if furnished else {"hubspot"})
    assert ticket.stage is Stage.EXECUTING


async def to_execution(desk: Furnished, *deciders: str) -> None:
    """Confirm, search, attest and decide (everybody, or some), until what was approved is taken out."""
    await desk.press("sara", Verb.CONFIRM)
    while (await desk.ticket()).stage is Stage.LOCATING:
        await desk.finish("jonas")
    for name in ("sara", "maria"):
        given = {"method": "visit", "checked": ["id_seen_not_copied"]}
        if Verb.ATTEST in verbs(await desk.card(name)):
            await desk.fill(name, Verb.ATTEST, given)
    for name in deciders or ("karin", "jonas", "sara"):
        with suppress(NotYours, AssertionError):  # no row of theirs
            await desk.decide(name)
    await desk.later(timedelta(minutes=1), steps=2)


def export(ticket: Ticket, system: str) -> str:
    return next(one.id for one in ticket.tasks if one.operation is Operation.EXPORT and one.system == system)


async def package_of(desk: Furnished) -> bytes:
    ticket = await desk.ticket()
    return b"".join([piece async for piece in pieces_of(desk.opened.house, ticket.id, ticket.parts[0])])


async def test_the_copy_waits_and_the_chat_only_counts(desk: Furnished) -> None:
    await at_copy(desk)
    for name in ("karin", "jonas", "sara"):
        said = words(await desk.card(name))
        assert "Gå igenom kopian från HubSpot: 2 poster kan röra andra" in said
        assert "Björn" not in said
        assert "Gunilla" not in said
    assert [one.label for one in buttons(await desk.card("karin"))].count("Gå igenom kopian…") == 1
    assert not [one for one in (await desk.ticket()).letters if one.answers], "nothing is written before"


async def test_from_mail_to_package_nothing_of_others_is_left(desk: Furnished) -> None:
    """Blanked out or replaced: what is gone is gone in every file, and the letter says what and why."""
    await at_copy(desk)
    page = await copy_page(desk, "karin")
    assert SCRIPT not in page.html, "content is shown, never run"
    assert "Two left" not in page.html, "an owner sees what is theirs to decide on"
    status, said = await page.judge("Calm and exact", way="blank", words=CHOSEN)
    assert (status, said) == (200, "Sparat."), said
    assert (await page.judge("praised his work", way="blank", words=f"{REFEREE}\nGunilla"))[0] == 200
    assert (await desk.ticket()).stage is Stage.EXECUTING
    theirs = await copy_page(desk, "jonas")
    assert (await theirs.judge("I would take", way="blank", words=CHOSEN))[0] == 200
    file = ("Reference.pdf", b"%PDF-1.4 blanked")
    assert (await theirs.judge("Reference Tomasz", file, way="blank"))[0] == 200
    assert (await desk.ticket()).stage is Stage.REPLYING
    card = words(await desk.card("sara"))
    assert "uppgifter maskerade (rör andra)" in card
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(TOMASZ)[-1]
    assert "details in the copy are blanked out" in letter.text
    assert "Article 15(4)" in letter.text
    assert "lodge a complaint" in letter.text
    package = await (await desk.person(letter)).package()
    assert leaking(package, *CHOSEN.split(), *REFEREE.split(), "secret words") == []
    held = ZipFile(BytesIO(package))
    notes = json.loads(held.read("data/hubspot.json"))["records"]
    assert any("Weaker than █████" in str(one["fields"]) for one in notes)
    assert "█████" in held.read("index.html").decode()
    assert any(held.read(name) == b"%PDF-1.4 blanked" for name in held.namelist())
    assert not any(name.endswith(".eml") and b"I would take" in held.read(name) for name in held.namelist())
    judged = [one for one in await desk.events() if one.event is LedgerEvent.COPY_JUDGED]
    assert [(one.actor, one.facts["records"]) for one in judged] == [("karin", 1)] * 2 + [("jonas", 1)] * 2
    assert judged[0].facts["blanked"] == 2
    over = [one for one in await desk.events() if one.event is LedgerEvent.COPY_REVIEWED]
    assert [(one.actor, one.facts["system"], one.facts["left_out"]) for one in over] == [
        ("karin", "hubspot", 0),
        ("jonas", "office365", 0),
    ]


async def test_a_record_is_left_out_by_two_and_the_letter_gives_the_reason(desk: Furnished) -> None:
    """To leave a record out declines a part: an owner proposes, an officer says the same (D9, R33, R51)."""
    await at_copy(desk)
    page = await copy_page(desk, "jonas")
    await page.let_all_out("Office 365")
    page = await copy_page(desk, "karin")
    status, said = await page.judge("praised", way="leave_out")
    assert (status, said) == (422, "Välj varför posten lämnas utanför. Skälet står i brevet.")
    assert (await page.judge("praised", way="leave_out", reason="rights_of_others"))[0] == 200
    status, said = await page.judge("praised", way="leave_out", reason="rights_of_others")
    assert status == 403, "not by the same person twice"
    page = await copy_page(desk, "karin")
    await page.judge("Calm", way="as_it_is")
    assert (await desk.ticket()).stage is Stage.EXECUTING
    assert "1 post föreslagen att lämnas utanför" in words(await desk.card("maria"))
    page = await copy_page(desk, "maria")
    assert "Karin föreslår" in section_of(page.record("praised"))
    await page.judge("praised", way="leave_out", reason="rights_of_others")
    assert (await desk.ticket()).stage is Stage.REPLYING
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(TOMASZ)[-1]
    assert "1 record is left out because it concerns other people" in letter.text
    assert "court" in letter.text
    package = await (await desk.person(letter)).package()
    assert leaking(package, *REFEREE.split()) == []
    assert b"secret words" in b"".join(
        ZipFile(BytesIO(package)).read(one) for one in ZipFile(BytesIO(package)).namelist()
    )
    assert (await desk.ticket()).parts[0].outcome is Outcome.PARTLY


async def test_bad_input_is_refused_in_one_sentence_and_loses_nothing(desk: Furnished) -> None:
    await at_copy(desk)
    page = await copy_page(desk, "karin")
    before = (await desk.ticket()).flags
    refused = {
        "Det som står på rad 2 finns inte i posten": {"way": "blank", "words": "Calm\nNobody Here"},
        "Skriv vad som ska maskeras": {"way": "blank", "words": " \n "},
        "Skriv minst två tecken": {"way": "blank", "words": "C"},
        "Högst 100 rader": {"way": "blank", "words": "x" * 401},
        "Välj varför": {"way": "leave_out", "reason": "because"},
    }
    for sentence, given in refused.items():
        status, said = await page.judge("Calm", None, **given)
        assert (status, sentence in said) == (422, True), (sentence, said)
    status, _ = await page.judge("Calm", way="burn")
    assert status == 422
    status, _ = await page.send({"csrf": "x"})
    assert status in (403, 409, 422)
    theirs = await copy_page(desk, "jonas")
    status, said = await theirs.judge("Reference Tomasz", way="blank", words="Tomasz")
    assert (status, "inte går att maskera här" in said) == (422, True), said
    assert (await desk.ticket()).flags == before
    _, html = await page.browser.get(page.path)
    assert "Nobody Here" not in html


async def test_what_was_typed_stands_there_again(desk: Furnished) -> None:
    await at_copy(desk)
    page = await copy_page(desk, "karin")
    status, _ = await page.judge("Calm", way="blank", words="Nobody <b>Here</b>")
    assert status == 422
    assert "Nobody &lt;b&gt;Here&lt;/b&gt;</textarea>" in page.html


async def test_a_stale_page_and_another_persons_list_change_nothing(desk: Furnished) -> None:
    """What was decided meanwhile is not written over, and nobody lets out what they were not shown (D29)."""
    await at_copy(desk)
    page, late = await copy_page(desk, "karin"), await copy_page(desk, "maria")
    await page.judge("Calm", way="blank", words="Calm")
    status, said = await late.judge("Calm", way="as_it_is")
    assert (status, bool(said)) == (409, True)
    theirs = await copy_page(desk, "jonas")
    assert (await theirs.let_all_out("Office 365", numbers="0,1,2,3"))[0] == 409
    assert (await theirs.let_all_out("Office 365", numbers=""))[0] == 409
    stage = (await desk.ticket()).stage
    assert stage is Stage.EXECUTING
    own = await copy_page(desk, "sara")
    assert not own.forms, "who approves in none of the systems is shown nothing"


async def test_a_file_is_fetched_by_its_owner_alone_and_that_is_written_down(desk: Furnished) -> None:
    await at_copy(desk)
    page, theirs = await copy_page(desk, "jonas"), await copy_page(desk, "karin")
    asked = values_of(page.record("Reference Tomasz")) | {"place": "0"}
    assert await page.fetch(asked) == (200, b"%PDF-1.4 secret words of the referee")
    looked = [one.actor for one in await desk.events() if one.event is LedgerEvent.LOOKED and "files" in one.facts]
    assert looked == ["jonas"]
    csrf = values_of(theirs.forms[0])["csrf"]
    assert (await theirs.fetch(asked | {"csrf": csrf}))[0] == 404
    assert (await page.fetch(asked | {"place": "7"}))[0] == 404
    assert (await page.fetch(asked | {"number": "7000"}))[0] == 404
    assert (await page.fetch(asked | {"number": "x"}))[0] == 422


async def test_owners_are_reminded_and_nothing_happens_by_itself(desk: Furnished) -> None:
    await at_copy(desk)
    await desk.until(datetime(2026, 11, 25, 6, tzinfo=UTC))
    await desk.tick("morning")
    ticket = await desk.ticket()
    assert ticket.stage is Stage.EXECUTING
    for name in ("karin", "jonas"):
        card = await desk.card(name, f"reminder:deadline:{ticket.id}:2026-11-25")
        assert "Poster i kopian från" in words(card)
        assert Verb.REVIEW in verbs(card)
    async with desk.opened.house.work() as unit:
        posted = [about for name in ("U0KARIN", "U0JONAS") for about in await unit.posts.feed("slack", name, 50)]
    assert {one.address for one in posted if one.about.startswith("reminder:deadline")} == {"U0KARIN", "U0JONAS"}


async def test_one_press_lets_out_what_is_shown(desk: Furnished) -> None:
    await at_copy(desk)
    for name, system in (("karin", "HubSpot"), ("jonas", "Office 365")):
        assert (await (await copy_page(desk, name)).let_all_out(system))[0] == 200
    assert (await desk.ticket()).stage is Stage.REPLYING
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Nothing is blanked out." in desk.letters(TOMASZ)[-1].text
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


# --- what follows, and what does not ----------------------------------------------------------------


async def test_nothing_unjudged_is_ever_packed_and_the_same_is_packed_twice(desk: Furnished) -> None:
    """The package is built from what was decided, whoever asks for it, and however often."""
    await at_copy(desk)
    house, ticket = desk.opened.house, await desk.ticket()
    with pytest.raises(NotAllowedNow, match="unjudged"):
        await seal_package(house, ticket, ticket.parts[0])
    await (await copy_page(desk, "karin")).judge("Calm", way="blank", words=CHOSEN)
    for name, system in (("karin", "HubSpot"), ("jonas", "Office 365")):
        await (await copy_page(desk, name)).let_all_out(system)
    ticket = await desk.ticket()
    first = await package_of(desk)
    await seal_package(house, ticket, ticket.parts[0])
    assert await package_of(desk) == first
    assert "█████" in ZipFile(BytesIO(first)).read("index.html").decode()


async def test_once_the_copy_is_on_its_way_nothing_of_it_changes(desk: Furnished) -> None:
    await at_copy(desk)
    late, later = await copy_page(desk, "karin"), await copy_page(desk, "karin")
    for name, system in (("karin", "HubSpot"), ("jonas", "Office 365")):
        await (await copy_page(desk, name)).let_all_out(system)
    before = await package_of(desk)
    status, said = await late.judge("Calm", way="blank", words="Calm")
    assert (status, "redan på väg" in said) == (422, True)
    status, said = await later.let_all_out("HubSpot")
    assert (status, "redan på väg" in said) == (422, True)
    assert await package_of(desk) == before
    assert not (await copy_page(desk, "karin")).forms


async def test_one_systems_copy_is_gone_through_while_another_is_still_decided_on(desk: Furnished) -> None:
    furnish(desk)
    desk.clock.at = datetime(2026, 10, 26, 9, tzinfo=UTC)
    await desk.raw_mail(MAIL)
    await to_execution(desk, "karin")
    assert (await desk.ticket()).stage is Stage.DECIDING
    assert "Gå igenom kopian från HubSpot: 2 poster" in words(await desk.card("karin"))
    await (await copy_page(desk, "karin")).let_all_out("HubSpot")
    await desk.decide("jonas")
    await desk.later(timedelta(minutes=1), steps=2)
    await (await copy_page(desk, "jonas")).let_all_out("Office 365")
    assert (await desk.ticket()).stage is Stage.REPLYING


async def test_a_decision_can_be_changed_while_the_rest_is_gone_through(desk: Furnished) -> None:
    await at_copy(desk)
    page = await copy_page(desk, "karin")
    await page.judge("Calm", way="blank", words=f"{CHOSEN}\nCalm")
    assert "Bestämt: maskera ord" in section_of(page.record("exact"))
    assert "copy:" in "".join((await desk.ticket()).flags)
    await page.judge("exact", way="as_it_is")
    judging = judging_of(await desk.ticket(), export(await desk.ticket(), "hubspot"))
    assert judging == Judging(judging.task_id, undecided=1)
    await page.judge("praised", way="as_it_is")
    await (await copy_page(desk, "jonas")).let_all_out("Office 365")
    records = json.loads(ZipFile(BytesIO(await package_of(desk))).read("data/hubspot.json"))["records"]
    assert any("Calm" in str(one["fields"]) for one in records)


async def test_nobody_goes_through_the_copy_of_their_own_data(desk: Furnished) -> None:
    await at_copy(desk)
    page, ticket = await copy_page(desk, "karin"), await desk.ticket()
    async with desk.opened.house.work() as unit:
        await unit.index.remember(ticket.id, unit.index.digest("email", desk.who("karin").email))
    with pytest.raises(NotYours, match="own_request"):
        await copy_page(desk, "karin")
    assert (await page.fetch(values_of(page.record("Calm")) | {"place": "0"}))[0] == 404
    assert (await page.judge("Calm", way="as_it_is"))[0] == 403
    assert not (await page.browser.get(page.path))[1].count("/copy")
    assert (await desk.ticket()).flags == ticket.flags


async def test_opened_again_the_copy_is_gone_through_again(desk: Furnished) -> None:
    """What was found is forgotten and looked for anew: no decision outlives what it was about."""
    await at_copy(desk)
    for name, system in (("karin", "HubSpot"), ("jonas", "Office 365")):
        await (await copy_page(desk, name)).let_all_out(system)
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED
    await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"})
    assert not [mark for mark in (await desk.ticket()).flags if mark.startswith("copy:")]


async def test_many_are_gone_through_a_page_at_a_time(desk: Furnished) -> None:
    """One press lets out what was shown and no more; the rest stands there then (D29)."""
    notes = tuple(Activity("notes", f"Note {number:03}") for number in range(130))
    desk.hubspot.account.seed([Person(TOMASZ, "Tomasz", "Z", activities=notes)])
    await at_copy(desk, furnished=False)
    shown = []
    page = await copy_page(desk, "karin")
    while page.forms:
        undecided = [form for form in page.forms if "Bestämt" not in section_of(form)]
        if not undecided:
            break
        shown.append(len(undecided))
        assert (await page.let_all_out("HubSpot"))[0] == 200
    assert shown == [100, 30]
    assert (await desk.ticket()).stage is Stage.REPLYING
    judged = [one.facts["records"] for one in await desk.events() if one.event is LedgerEvent.COPY_JUDGED]
    assert judged == shown


async def test_a_mail_with_something_attached_is_replaced_or_stays_whole(desk: Furnished) -> None:
    attached = Mail(
        COLLEAGUE, (JOBS,), "His papers", f"Tomasz Zieliński, as {CHOSEN} asked", datetime(2026, 9, 2, tzinfo=UTC)
    )
    attached.attached = "CV"
    office(desk).tenant.box(JOBS).add(attached)
    await at_copy(desk)
    page = await copy_page(desk, "jonas")
    status, said = await page.judge("His papers", way="blank", words=CHOSEN)
    assert (status, "inte går att maskera här" in said) == (422, True)
    status, said = await page.judge("His papers", ("m.pdf", b""), way="blank")
    assert (status, "behöver fyllas i" in said) == (422, True)
    status, said = await page.judge("His papers", ("mejl.pdf", b"%PDF blanked mail"), way="blank")
    assert status == 200, said


async def test_a_portable_order_is_gone_through_and_its_letter_says_so(desk: Furnished) -> None:
    """What the person gave may name others: T13 says what was blanked out or left out, and how to complain."""
    guests = (Guest("Tomasz Zieliński", TOMASZ), Guest(CHOSEN, "bjorn.ohman@example.com"))
    desk.eventbrite.seed([Booking(SEMINAR, "Tomasz Zieliński", TOMASZ, guests)])
    text = "I want my personal data in a machine-readable format under the right to data portability."
    await desk.mail(mail(text, TOMASZ))
    await desk.fill("sara", Verb.CHANGE, {"rights": ["portability"], "roles": ["attendee"]})
    await to_execution(desk)
    ticket = await desk.ticket()
    assert [one.undecided for part in ticket.parts for one in awaited(ticket, part)] == [1]
    await (await copy_page(desk, "sara")).judge("Tomasz", way="leave_out", reason="rights_of_others")
    await (await copy_page(desk, "maria")).judge("Tomasz", way="leave_out", reason="rights_of_others")
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(TOMASZ)[-1]
    assert "1 record is left out because it concerns other people" in letter.text
    assert "court" in letter.text
    person = await desk.person(letter)
    assert leaking(await person.package(), TOMASZ, *CHOSEN.split()) == []
