"""Portability: what the person gave, on consent or by contract, and nothing else (Art. 20, R35)."""

from dataclasses import replace

import pytest

from bot.domain.policy_text import Basis, Portable
from bot.domain.portable import NOT_PORTABLE, covered, limited, provided
from bot.domain.request import Language, RequestType, Role
from bot.domain.system import Exported, Mode, Operation, Record
from bot.domain.task import TaskState
from tests.domain.examples import NOW, part, task

SAID = {Language.SV: "x", Language.EN: "x"}


def entry(kind: str = "attendee", basis: Basis = Basis.CONTRACT, *fields: str, system: str = "eventbrite") -> Portable:
    """Return what the policy says of one kind of record."""
    meanings = dict.fromkeys(fields, SAID)
    return Portable("P53", frozenset({Role.ATTENDEE}), SAID, system, kind, basis, meanings)


PLACE = entry("attendee", Basis.CONTRACT, "profile.name", "answers", "profile.missing.deeper")


@pytest.mark.parametrize("basis", Basis)
def test_only_consent_and_contract_give_the_right(basis: Basis) -> None:
    gives = basis in (Basis.CONSENT, Basis.CONTRACT)
    assert bool(covered([entry("attendee", basis)], {Role.ATTENDEE})) is gives


def test_the_role_decides() -> None:
    assert covered([PLACE], {Role.CONTACT}) == ()
    assert covered([PLACE], {Role.CONTACT, Role.ATTENDEE}) == (PLACE,)


def test_a_system_without_anything_portable_says_why() -> None:
    asked = part(RequestType.PORTABILITY)
    there, elsewhere = task(operation=Operation.EXPORT), replace(task(operation=Operation.EXPORT), system="eventbrite")
    gone = replace(there, state=TaskState.NOT_APPLICABLE, reason="reason.export")
    limits = limited(asked, (there, elsewhere, gone), [PLACE], NOW)
    assert [(one.system, one.state) for one in limits] == [
        ("hubspot", TaskState.NOT_APPLICABLE),
        ("eventbrite", TaskState.PROPOSED),
        ("hubspot", TaskState.NOT_APPLICABLE),
    ]
    assert [one.reason for one in limits] == [NOT_PORTABLE, "", "reason.export"]
    assert limited(part(RequestType.ACCESS), (there,), [PLACE], NOW) == (there,)


def test_nothing_but_what_was_given_is_taken() -> None:
    record = Record("eventbrite", "attendee", "1")
    fields = {
        "profile": {"name": "Astrid", "age": 40, "missing": None},
        "answers": [{"answer": "nuts"}],
        "costs": {"gross": 1},
        "barcode": "123",
    }
    given = provided(Exported(record, fields, (("note.pdf", b"x"),)), [PLACE])
    assert given is not None
    assert given.fields == {"profile.name": "Astrid", "answers": [{"answer": "nuts"}]}
    assert given.files == ()


@pytest.mark.parametrize(
    "exported",
    [
        Exported(Record("eventbrite", "attendee", "1"), {"profile": {"name": ""}, "answers": []}),
        Exported(Record("eventbrite", "order", "1"), {"profile": {"name": "Astrid"}}),
        Exported(Record("hubspot", "attendee", "1"), {"profile": {"name": "Astrid"}}),
        Exported(Record("hubspot", "file", "cv.pdf"), {}, (("cv.pdf", b"x"),)),
    ],
)
def test_what_holds_none_of_it_is_left_out(exported: Exported) -> None:
    assert provided(exported, [PLACE]) is None


def test_what_was_found_says_what_the_person_is_to_us_by_the_kind_of_record() -> None:
    assert replace(task(), found={"file": 2, "message": 0}).places == ("hubspot:file",)
    assert replace(task(), found={}).places == ("hubspot",)


WHOLE_FILES = entry("file", Basis.CONSENT, system="office365")


def test_what_a_colleague_chose_goes_along() -> None:
    chosen = Exported(Record("eventbrite", "file", "cv.pdf"), {}, (("cv.pdf", b"x"),))
    assert provided(chosen, [PLACE], chosen=True) == chosen
    assert provided(replace(chosen, record=Record("hubspot", "file", "cv.pdf")), [PLACE], chosen=True) is None


@pytest.mark.parametrize(("shared", "narrative"), [(False, False), (False, True), (True, True)])
def test_a_file_nobody_chose_is_not_handed_out_though_a_system_calls_its_records_files(
    shared: bool, narrative: bool
) -> None:
    """Else a candidate's file would hold interview notes, and lists with the other candidates."""
    notes = Record("office365", "file", "d:1", shared=shared, narrative=narrative)
    exported = Exported(notes, {"name": "Anteckningar.docx"}, (("Anteckningar.docx", b"x"),))
    assert provided(exported, [WHOLE_FILES]) is None


def test_where_whole_files_are_portable_a_colleague_picks_them_out() -> None:
    asked = part(RequestType.PORTABILITY)
    files = replace(task(operation=Operation.EXPORT), system="office365")
    values = replace(files, system="eventbrite")
    assert {files.mode, values.mode} == {Mode.AUTOMATIC}
    limits = limited(asked, (files, values), [WHOLE_FILES, PLACE], NOW)
    assert [one.mode for one in limits] == [Mode.MANUAL, Mode.AUTOMATIC]
    assisted = replace(files, mode=Mode.ASSISTED)
    assert limited(asked, (assisted,), [WHOLE_FILES], NOW) == (assisted,)
    assert limited(part(RequestType.ACCESS), (files,), [WHOLE_FILES], NOW) == (files,)
