"""Systems that exist only in desk.toml: read whole, refused in one line each."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.errors import NeedsHuman
from bot.domain.policy_text import PolicyText
from bot.domain.request import Language, Role
from bot.domain.system import Identifier, IdentifierKind, Mode, Operation
from config.policy_file import load_policy
from config.settings import HERE
from integrations.manual import ManualSystem, manual_problems, manual_systems, policy_with
from integrations.registry import SettingsProblem, discover
from integrations.strings import steps
from tests.integrations.manual_entries import LINKEDIN, LOGS, PAPER, WHY_EN

COLLEAGUES = ("sara", "karin", "jonas")


@pytest.fixture
def policy() -> PolicyText:
    """The policy as shipped."""
    return load_policy(HERE / "policy.toml")


def entry(given: Mapping[str, Any], **changed: object) -> ManualSystem:
    """Return an entry, changed."""
    return ManualSystem.model_validate({**given, **changed})


async def test_a_system_that_exists_only_in_the_settings(policy: PolicyText) -> None:
    entries = [entry(one) for one in (PAPER, LINKEDIN, LOGS)]
    systems = manual_systems(entries, discover(), COLLEAGUES, policy)
    assert list(systems) == ["paper_folder", "linkedin", "web_logs"]
    binder, words = systems["paper_folder"]
    assert {how.mode for how in binder.manifest.capabilities.values()} == {Mode.MANUAL}
    assert binder.manifest.how(Operation.ERASE).irreversible
    assert steps(words["sv"], Operation.ERASE) == ("Strimla bladet.", "Bekräfta.")
    assert steps(words["en"], Operation.EXPORT) == ("Go through the binder.",)
    assert words["sv"]["reason.find"] == "Pärmen är av papper."
    assert words["en"]["letter.erase"] == "Your sheet is shredded."
    assert "Pärmen i receptionen {A–Ö}" in words["sv"]["reason.erase"].format_map({})
    logs, words = systems["web_logs"]
    assert {how.mode for how in logs.manifest.capabilities.values()} == {Mode.ABSENT}
    assert words["en"]["reason.find"] == WHY_EN
    assert systems["linkedin"][1]["sv"]["link.home"] == LINKEDIN["link"]
    with pytest.raises(NeedsHuman):
        await binder.find([Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se")])


def test_article_15_knows_of_it(policy: PolicyText) -> None:
    told = policy_with(policy, [entry(PAPER), entry(LINKEDIN)])
    (contact,) = [one for one in told.categories if one.key == "P27"]
    assert contact.held_in[-2:] == ("paper_folder", "linkedin")
    (recipient,) = [one for one in told.recipients if one.key == "linkedin"]
    assert (recipient.name, recipient.third_country) == ("LinkedIn", True)
    assert recipient.text[Language.EN] == "messages and connections"
    assert told.roles_held((Role.UNKNOWN,), ["linkedin"]) == {Role.CONTACT, Role.CANDIDATE}
    assert not [one for one in told.recipients if one.key == "paper_folder"], "it never leaves the house"


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"owner": "bo"}, "paper_folder: bo is no colleague's id – owner and deputy name a [[colleague]]"),
        ({"deputy": "bo"}, "paper_folder: bo is no colleague's id"),
        ({"holds": ["P99"]}, "paper_folder: holds P99, which is no category of policy.toml – known: P21, "),
        ({"key": "hubspot"}, "hubspot: there is a program for that system – choose another key"),
        ({"checklist": {"sv": {"find": ["X."]}}}, "paper_folder: no checklist.en.find – letters and steps need both"),
        ({"checklist": {}}, "paper_folder: no checklist.sv.find and checklist.en.find – write what to look through"),
        ({"reason": {"en": {"erase": "X."}}}, "paper_folder: no reason.sv.erase – letters and steps need both"),
        ({"letter": {"sv": {"erase": "X."}}}, "paper_folder: no letter.en.erase – letters and steps need both"),
        (
            {"checklist": {}, "absent": {"sv": {"find": "Nej."}, "en": {"find": "No."}}},
            "paper_folder: no checklist.sv.export and checklist.en.export – or say under absent why it cannot be",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_in_a_line(
    policy: PolicyText, changed: Mapping[str, object], line: str
) -> None:
    one = entry(PAPER, **changed)
    said = list(manual_problems([one], discover(), COLLEAGUES, policy))
    assert said[0].startswith(f"desk.toml [[manual_system]] {line}")
    assert not any("\n" in one for one in said)
    with pytest.raises(SettingsProblem) as caught:
        manual_systems([one], discover(), COLLEAGUES, policy)
    assert caught.value.lines == tuple(said)


def test_a_key_stands_once(policy: PolicyText) -> None:
    said = list(manual_problems([entry(PAPER), entry(PAPER)], discover(), COLLEAGUES, policy))
    assert said == ["desk.toml [[manual_system]] paper_folder: stands there 2 times – give each a key of its own"]


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "Pärm"},
        {"name": " "},
        {"owner": []},
        {"roles": []},
        {"roles": ["boss"]},
        {"holds": []},
        {"known_by": ["shoe"]},
        {"link": "http://intranet.example"},
        {"link": "https://intranet.example/{id}"},
        {"checklist": {"de": {"find": ["X"]}}},
        {"checklist": {"sv": {"look": ["X"]}}},
        {"checklist": {"sv": {"find": [""]}}},
        {"receives": {"sv": "X"}},
        {"colour": "blue"},
    ],
)
def test_an_entry_that_cannot_be_read_is_refused(changed: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        entry(PAPER, **changed)
