"""The Teams app's manifest agrees with the schema and the code, asks for no more than it needs, and can be packed."""

import json
import re
import struct
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft4Validator

from bot import commands
from bot.__main__ import main
from bot.app.teams_package import FOLDER, NOBODYS_APP, NOBODYS_HOST, package
from bot.domain.request import Language
from bot.i18n import Texts
from config.settings import SettingsError
from config.texts import load_catalogue
from handlers.teams.messages import FROM_MESSAGE, NEW

SCHEMAS = Path(__file__).parents[2] / "standins" / "schemas"
MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
ENGLISH: dict[str, str] = json.loads((FOLDER / "en.json").read_text(encoding="utf-8"))
BOT = MANIFEST["bots"][0]
EXTENSION = MANIFEST["composeExtensions"][0]
TEXTS = Texts(load_catalogue())
APP = "a1b2c3d4-1111-4222-8333-0123456789ab"
#: Answers with what only the asker may see (D16): not offered where others read along.
FOR_ONE_ALONE = {"find", "home"}


def validator(name: str) -> Draft4Validator:
    return Draft4Validator(json.loads((SCHEMAS / name).read_text(encoding="utf-8")))


def in_english(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest as a reader of English has it: each text put where its key points."""
    translated: dict[str, Any] = json.loads(json.dumps(manifest))
    for key, text in ENGLISH.items():
        if key != "$schema":
            *steps, last = re.findall(r"[^.\[\]]+", key)
            place: Any = translated
            for step in steps:
                place = place[int(step)] if step.isdigit() else place[step]
            assert last in place, key
            place[last] = text
    return translated


IN = {Language.SV: MANIFEST, Language.EN: in_english(MANIFEST)}


def test_it_is_what_the_schema_asks_for() -> None:
    assert list(validator("teams-manifest-1.29.json").iter_errors(MANIFEST)) == []
    assert list(validator("teams-localization-1.29.json").iter_errors(ENGLISH)) == []
    assert "/v1.29/" in MANIFEST["$schema"]
    assert "/v1.29/" in ENGLISH["$schema"]


def test_the_schema_would_tell() -> None:
    wrong = {**MANIFEST, "name": {"short": "P" * 31, "full": "P"}, "more": 1}
    assert len(list(validator("teams-manifest-1.29.json").iter_errors(wrong))) == 2


def test_every_text_is_there_in_both_languages() -> None:
    """What is left after translating is not in words: ids, and the product's name."""
    assert MANIFEST["localizationInfo"] == {
        "defaultLanguageTag": "sv",
        "additionalLanguages": [{"languageTag": "en", "file": "en.json"}],
    }
    pairs = zip(texts(IN[Language.SV]), texts(IN[Language.EN]), strict=True)
    assert {swedish for swedish, english in pairs if swedish == english} == {"Privacy Desk"}


def texts(manifest: Mapping[str, Any]) -> list[str]:
    """Return every text people read in the manifest."""
    shown = [*manifest["name"].values(), *manifest["description"].values()]
    for some in manifest["bots"][0]["commandLists"]:
        shown += [text for one in some["commands"] for text in (one["title"], one["description"])]
    for one in manifest["composeExtensions"][0]["commands"]:
        shown += [one["title"], one["description"]]
    return shown


def spelled(language: Language) -> dict[str, str]:
    """Return the desk's commands by how a language spells them."""
    names = [key.split(".")[1] for key in TEXTS.catalogue[language] if re.fullmatch(r"command\.\w+\.example", key)]
    return {TEXTS.say(language, f"command.{name}.example").split()[0]: name for name in names}


@pytest.mark.parametrize("language", Language)
def test_its_commands_are_those_the_desk_understands(language: Language) -> None:
    """Spelled and explained as the desk's own help does it."""
    for some in IN[language]["bots"][0]["commandLists"]:
        for one in some["commands"]:
            name = spelled(language)[one["title"]]
            assert not isinstance(commands.parse(one["title"], 2026), commands.Unknown)
            assert one["description"].startswith(TEXTS.say(language, f"command.{name}.does"))
            example = TEXTS.say(language, f"command.{name}.example")
            assert one["description"].endswith(example) == (" " in example)


def test_each_place_has_a_list_of_its_own() -> None:
    listed = {tuple(some["scopes"]): some for some in BOT["commandLists"]}
    assert set(listed) == {("personal",), ("team",), ("groupChat",)}
    assert {scope for scopes in listed for scope in scopes} == set(BOT["scopes"])
    assert all(len(some["commands"]) <= 12 for some in listed.values())
    words = {
        scopes: {spelled(Language.SV)[one["title"]] for one in some["commands"]} for scopes, some in listed.items()
    }
    assert words["personal",] >= FOR_ONE_ALONE
    assert not FOR_ONE_ALONE & words["team",]
    assert words["team",] == words["groupChat",]


def test_what_is_typed_with_a_slash_is_answered_to_one_alone() -> None:
    """Teams shows slash commands only of bots that take targeted messages, and only where others read along."""
    assert BOT["supportsTargetedMessages"] is True
    triggers = {some["scopes"][0]: some["triggers"] for some in BOT["commandLists"]}
    assert triggers == {"personal": ["mention"], "team": ["mention", "slash"], "groupChat": ["mention", "slash"]}


def test_its_actions_open_a_form_and_are_the_two_that_are_answered() -> None:
    asked = {one["id"]: (one["context"], one.get("triggers", [])) for one in EXTENSION["commands"]}
    assert asked == {
        "requestFromMessage": (["message"], []),
        "requestNew": (["compose", "commandBox"], ["slash"]),
    }
    assert all((one["type"], one["fetchTask"]) == ("action", True) for one in EXTENSION["commands"])
    for language in Language:
        for one in IN[language]["composeExtensions"][0]["commands"]:
            assert len(one["title"]) <= 32
            assert len(one["description"]) <= 128


def test_its_actions_have_the_names_the_door_listens_to() -> None:
    assert [one["id"] for one in EXTENSION["commands"]] == [FROM_MESSAGE, NEW]


def test_it_asks_for_no_more_than_it_needs() -> None:
    """No consent to read a team or a chat: the desk hears what is said to it, and writes to who installed it."""
    assert MANIFEST["permissions"] == ["identity", "messageTeamMembers"]
    assert not {"authorization", "webApplicationInfo", "devicePermissions", "connectors", "staticTabs"} & set(MANIFEST)
    assert not any(BOT[name] for name in ("supportsFiles", "supportsCalling", "supportsVideo", "isNotificationOnly"))
    assert MANIFEST["validDomains"] == [NOBODYS_HOST]


def test_it_may_stand_in_the_channels_that_teams_lets_it_stand_in() -> None:
    """Of an app for teams the admin centre takes no manifest from 1.25 on without this, though the schema does.

    It is the one word for private and for shared channels; of a shared one `check` says that others read it.
    """
    assert "team" in BOT["scopes"]
    assert MANIFEST["supportsChannelFeatures"] == "tier1"
    assert "supportedChannelTypes" not in MANIFEST, "what said it before, of each kind of channel"


@pytest.mark.parametrize(("name", "side", "colours"), [("color", 192, {2, 6}), ("outline", 32, {6})])
def test_its_icons_have_the_size_teams_wants(name: str, side: int, colours: set[int]) -> None:
    """PNG: signature, then width, height, depth and kind of colour (6: with transparency)."""
    picture = (FOLDER / MANIFEST["icons"][name]).read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth) == (side, side, 8)
    assert kind in colours


def test_a_package_is_for_one_installation() -> None:
    made = package(APP.upper(), "https://desk.goto.work/some/where")
    with ZipFile(BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["color.png", "en.json", "manifest.json", "outline.png"]
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("color.png") == (FOLDER / "color.png").read_bytes()
    assert list(validator("teams-manifest-1.29.json").iter_errors(manifest)) == []
    assert {manifest["id"], manifest["bots"][0]["botId"], manifest["composeExtensions"][0]["botId"]} == {APP}
    assert manifest["validDomains"] == ["desk.goto.work"]
    assert not {NOBODYS_APP, NOBODYS_HOST} & set(re.findall(r'[^"\s]+', json.dumps(manifest)))
    assert package(APP, "https://desk.goto.work") == made, "the same settings make the same bytes"


@pytest.mark.parametrize(
    ("app_id", "public_url", "named"),
    [
        ("", "https://desk.goto.work", "PRIVACY_TEAMS__APP_ID"),
        ("my-bot", "https://desk.goto.work", "PRIVACY_TEAMS__APP_ID"),
        (APP, "http://127.0.0.1:8080", "PRIVACY_PUBLIC_URL"),
        (APP, "desk.goto.work", "PRIVACY_PUBLIC_URL"),
    ],
)
def test_what_teams_would_not_take_is_one_line(app_id: str, public_url: str, named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        package(app_id, public_url)
    (line,) = refused.value.lines
    assert line.startswith(f"{named}: ")
    assert "–" in line


def test_it_is_made_from_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "var" / "desk.zip"
    monkeypatch.setenv("PRIVACY_PUBLIC_URL", "https://desk.goto.work")
    for name, value in (("APP_ID", APP), ("APP_SECRET", "s"), ("TENANT_ID", APP)):
        monkeypatch.setenv(f"PRIVACY_TEAMS__{name}", value)
    assert main(["teams-package", "--out", str(made)]) == 0
    assert str(made) in capsys.readouterr().out
    assert made.read_bytes() == package(APP, "https://desk.goto.work")
    assert main(["teams-package", "--out", str(made), "--public-url", "https://other.goto.work"]) == 0
    assert made.read_bytes() == package(APP, "https://other.goto.work")


def test_without_settings_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PRIVACY_PUBLIC_URL", raising=False)
    assert main(["teams-package", "--out", str(tmp_path / "desk.zip"), "--app-id", APP]) == 1
    assert capsys.readouterr().err.startswith("PRIVACY_PUBLIC_URL: ")
    assert not (tmp_path / "desk.zip").exists()
