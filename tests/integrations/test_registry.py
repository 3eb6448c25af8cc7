"""The folders: every system found, none silent, none without words, none built from bad settings."""

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import Formatter

import aiohttp
import pytest

import integrations
from bot.domain.errors import NeedsHuman
from bot.domain.request import Language
from bot.domain.system import (
    SPOKEN_OF,
    Identifier,
    IdentifierKind,
    Manifest,
    Mode,
    Operation,
    Record,
    automatic,
    manual,
)
from bot.ports import PreparesSearch, System
from integrations.registry import (
    Found,
    SettingsProblem,
    build_systems,
    discover,
    settings_problems,
    stand_ins,
)
from integrations.strings import read_strings, require, steps
from tests.fakes import FixedClock
from tests.readme_table import stanza_of

#: The policy's five, Office 365 in two: what the desk may search, and what its holders search themselves (D18).
FIVE = ["eventbrite", "google_analytics", "google_display", "hubspot", "office365", "office365_personal"]
STANZAS: dict[str, dict[str, object]] = {
    "hubspot": {"token": "t"},
    "eventbrite": {"token": "t", "organization_id": "1"},
}
#: Whoever adds a system changes no test: it is told what its own stand-in says.
STANZAS |= {key: dict(stanza_of(folder)[1]) for key, folder in discover().items() if key not in FIVE}
ASTRID = Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se")
ADDRESS = re.compile(r"[\w.]+@[\w.]*\w")
#: A vendor's own, and what a colleague writes over somebody's.
NOBODYS = {"privacy@eventbrite.com", "raderad@example.org", "erased@example.org"}


@pytest.fixture
def systems(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> dict[str, System]:
    """All five, built."""
    return build_systems(found, STANZAS, session, clock)


async def test_the_street_has_all_five(systems: dict[str, System]) -> None:
    assert [key for key in systems if key in FIVE] == FIVE
    assert all(system.manifest.key == key for key, system in systems.items())


async def test_no_manifest_is_silent(systems: dict[str, System]) -> None:
    for system in systems.values():
        assert set(system.manifest.capabilities) == set(SPOKEN_OF)
        assert system.manifest.known_by
        assert system.manifest.how(Operation.ERASE).mode in (Mode.ABSENT, *_irreversible(system.manifest))


def _irreversible(manifest: Manifest) -> tuple[Mode, ...]:
    how = manifest.how(Operation.ERASE)
    return (how.mode,) if how.irreversible else ()


def test_a_manifest_silent_on_one_raises() -> None:
    with pytest.raises(ValueError, match="silent on suppress"):
        Manifest("x", "X", frozenset(), {one: automatic() for one in SPOKEN_OF if one is not Operation.SUPPRESS})


@pytest.mark.parametrize("key", FIVE)
def test_words_are_there_in_both_languages_and_hold_no_unknown_fact(found: dict[str, Found], key: str) -> None:
    for texts in found[key].said(STANZAS.get(key, {})).values():
        for name, text in texts.items():
            facts = {fact for _, fact, _, _ in Formatter().parse(text) if fact is not None}
            if not name.startswith("prepared."):  # whose facts are held against what fills them in by the system's own
                assert facts == ({"n"} if name.startswith(("kind.", "exempt.")) else set()), name
            assert set(ADDRESS.findall(text)) <= NOBODYS, name


@pytest.mark.parametrize("key", FIVE)
def test_every_kind_has_one_and_other(found: dict[str, Found], key: str) -> None:
    texts = found[key].strings["sv"]
    kinds = {name.rpartition(".")[0] for name in texts if name.startswith("kind.")}
    assert kinds
    assert all(f"{kind}.one" in texts and f"{kind}.other" in texts for kind in kinds)


def test_links_are_https_and_the_same_in_both_languages(found: dict[str, Found]) -> None:
    for folder in found.values():
        links = {name: text for name, text in folder.strings["sv"].items() if name.startswith("link.")}
        assert links
        assert all(url.startswith("https://") and "{" not in url for url in links.values())
        assert all(folder.strings["en"][name] == url for name, url in links.items())


def test_google_display_can_act_only_where_a_list_is_synced(found: dict[str, Found]) -> None:
    """Taking an address off tells Google the address (D19)."""
    folder = found["google_display"]
    idle, syncing = (folder.manifest(folder.read({"list_sync": on, "roles": "contact"})) for on in (False, True))
    assert {how.mode for how in idle.capabilities.values()} == {Mode.ABSENT}
    assert {one for one, how in syncing.capabilities.items() if how.mode is Mode.MANUAL} == {
        *(Operation.ERASE, Operation.SUPPRESS),
    }
    require(folder.strings, idle)
    require(folder.strings, syncing)


async def test_by_hand_refuses_what_it_should_never_be_asked(systems: dict[str, System]) -> None:
    office = systems["office365"]
    record = Record("office365", "message", "1")
    for call in (office.find([ASTRID]), office.export(record), office.erase(record), office.suppress(ASTRID)):
        with pytest.raises(NeedsHuman):
            await call


async def test_where_a_person_looks_the_search_is_written_for_them(systems: dict[str, System]) -> None:
    prepared = {key: one.searches([ASTRID]) for key, one in systems.items() if isinstance(one, PreparesSearch)}
    assert [key for key, lines in prepared.items() if lines] == ["office365_personal"]


@pytest.mark.parametrize(
    ("key", "stanza", "line"),
    [
        ("hubspot", {}, "HUBSPOT__TOKEN: is missing – a service key from HubSpot"),
        ("hubspot", {"token": "t", "tokn": "s3cret"}, "HUBSPOT__TOKN: there is no such setting – known here: token"),
        ("hubspot", {"token": "t", "base_url": "http://api.hubapi.com"}, "HUBSPOT__BASE_URL: must begin with https"),
        ("hubspot", {"token": "t", "account_zone": "Mars/Olympus"}, "HUBSPOT__ACCOUNT_ZONE: invalid timezone"),
        ("eventbrite", {"token": "s3cret"}, "EVENTBRITE__ORGANIZATION_ID: is missing – the organisation"),
        ("eventbrite", {"token": "t", "organization_id": "s3cret"}, "EVENTBRITE__ORGANIZATION_ID: string should"),
        ("salesforce", {"token": "s3cret"}, "SALESFORCE: there is no such system – known: eventbrite"),
    ],
)
async def test_bad_settings_are_one_line_each_without_the_value(
    found: dict[str, Found],
    session: aiohttp.ClientSession,
    clock: FixedClock,
    key: str,
    stanza: dict[str, object],
    line: str,
) -> None:
    stanzas = {**STANZAS, key: stanza}
    (problem,) = settings_problems(found, stanzas)
    assert problem.startswith(f"PRIVACY_SYSTEMS__{line}")
    assert "s3cret" not in problem
    assert "\n" not in problem
    with pytest.raises(SettingsProblem) as caught:
        build_systems(found, stanzas, session, clock)
    assert caught.value.lines == (problem,)
    assert caught.value.__context__ is None


@pytest.fixture
def sixth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder copied in beside the others, and nothing else changed."""
    shutil.copytree(Path(__file__).with_name("sixth_system"), tmp_path / "library")
    monkeypatch.setattr(integrations, "__path__", [*integrations.__path__, str(tmp_path)])
    yield tmp_path / "library"
    for name in [name for name in sys.modules if name.startswith("integrations.library")]:
        del sys.modules[name]


async def test_a_sixth_system_is_one_folder(
    sixth: Path, session: aiohttp.ClientSession, clock: FixedClock, today: date
) -> None:
    found = discover()
    assert {*FIVE, sixth.name} <= found.keys()
    assert list(found) == sorted(found)
    async with stand_ins(found, today) as serving:
        assert {"eventbrite", "google_analytics", "google_display", "hubspot", "library"} <= serving.keys()
        assert {"eventbrite", "hubspot", "library", "office365"} <= serving.keys()
        stanzas = {key: one.stanza for key, one in serving.items()}
        systems = build_systems(found, stanzas, session, clock)
        for key in serving:
            assert systems[key].manifest.unseen or await systems[key].find([ASTRID]), key


@pytest.mark.parametrize(("operation", "port"), [(Operation.RECTIFY, "Corrects"), (Operation.RESTRICT, "Restricts")])
async def test_a_manifest_that_promises_what_its_class_cannot_do_is_refused_at_start(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock, operation: Operation, port: str
) -> None:
    office = found["office365"]
    able = office.manifest(office.read({}))
    promising = replace(able, capabilities={**able.capabilities, operation: automatic()})
    folders = {"office365": replace(office, manifest=lambda _: promising, connect=None)}
    with pytest.raises(SettingsProblem) as refused:
        build_systems(folders, {}, session, clock)
    (line,) = refused.value.lines
    assert line.startswith(f"office365: its manifest says that {operation} is automatic, but ByHand is no {port} – ")


def test_a_sixth_system_without_a_word_is_refused(sixth: Path) -> None:
    path = sixth / "strings.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("absent =", "another ="), encoding="utf-8")
    folder = discover()["library"]
    with pytest.raises(ValueError, match=r"lack, in sv: reason\.absent"):
        require(folder.strings, folder.module.MANIFEST)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[sv]\nname = "X"\nmore = "Y"\n[en]\nname = "X"', "sv and en differ in more"),
        ('[sv]\nname = "X"', "sv and en differ in name"),
        ("[sv]\nname = 7\n[en]\nname = 7", "name is not a text"),
    ],
)
def test_words_that_differ_between_languages_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "strings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        read_strings(path)


def test_no_checklist_is_no_steps() -> None:
    assert steps({"name": "X"}, Operation.ERASE) == ()


def test_a_manual_operation_without_checklist_is_refused(found: dict[str, Found]) -> None:
    capabilities = {one: manual(f"reason.{one}") for one in SPOKEN_OF}
    with pytest.raises(ValueError, match=r"checklist\.find\.1"):
        require(found["hubspot"].strings, Manifest("x", "X", frozenset(), capabilities))


def test_both_languages_are_those_of_letters() -> None:
    assert [language.value for language in Language] == ["sv", "en"]
