"""The README tells the truth: its diagram, its table of systems and its settings are compared with the code."""

import re
from pathlib import Path

import pytest

from bot.commands.grammar import WORDS
from bot.domain.roads import ROADS
from bot.domain.ticket import mermaid
from bot.i18n import Texts
from config.chats import SlackSettings, TeamsSettings
from config.mailbox import MailboxSettings
from config.settings import PREFIX, Settings
from config.sign_in import SignInSettings
from config.texts import load_catalogue
from handlers.page import Pages
from handlers.web import Figure, Vitals, make_application
from integrations.registry import discover
from tests.readme_table import manifest_of, rewritten, row

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
IN_DESK_TOML = {"colleague", "rota", "manual_system", "systems"}
GROUPS = {"SLACK": SlackSettings, "TEAMS": TeamsSettings, "SIGN_IN": SignInSettings, "MAILBOX": MailboxSettings}


def test_the_stage_diagram_is_drawn_from_the_table() -> None:
    assert mermaid() in README


@pytest.mark.parametrize("key", sorted(discover()))
def test_a_system_stands_in_the_table_as_its_manifest_says(key: str) -> None:
    assert row(manifest_of(discover()[key])) in README, "run make readme"


def test_the_table_is_written_from_the_manifests() -> None:
    assert rewritten(README) == README, "run make readme"
    assert rewritten(README.replace("| Eventbrite | automatic", "| Eventbrite | by hand")) == README
    with pytest.raises(ValueError, match="no table"):
        rewritten("# Nothing")


def test_every_special_road_stands_there_by_its_letter_in_the_order_of_the_table() -> None:
    rows = re.findall(r"^\| ([TF]\d+[A-Z]?) \|", README, re.MULTILINE)
    assert rows == [rule.letter for rule in ROADS.values()]


def test_every_word_that_can_be_typed_is_documented() -> None:
    table = README.partition("### What can be typed")[2].partition("\n### ")[0]
    assert {word for word in WORDS if f"`{word}" not in table} == set()


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`((?:PRIVACY_|__)[A-Z_]+)`", README))
    for name in set(Settings.model_fields) - IN_DESK_TOML - {name.lower() for name in GROUPS}:
        assert f"{PREFIX}{name.upper()}" in documented
    for group, model in GROUPS.items():
        for name in model.model_fields:
            assert {f"{PREFIX}{group}__{name.upper()}", f"__{name.upper()}"} & documented, f"{group}__{name.upper()}"


def test_every_setting_named_exists() -> None:
    named = re.findall(r"`PRIVACY_([A-Z]+(?:_[A-Z]+)*)(?:__([A-Z_]+))?`", README)
    for top, below in named:
        assert top.lower() in Settings.model_fields, (top, below)


def test_what_monitoring_asks_is_documented_and_nothing_else() -> None:
    async def nothing() -> dict[str, bool]:
        return {}

    async def no_figures() -> list[Figure]:
        return []

    application = make_application(Pages(Texts(load_catalogue())), Vitals(nothing, no_figures), [])
    routes = {route.resource.canonical for route in application.router.routes() if route.resource is not None}
    paragraph = re.search(r"^Monitoring asks .*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert paragraph
    assert set(re.findall(r"`(/[a-z]+)`", paragraph[0])) == {one for one in routes if not one.startswith("/look/")}


def test_the_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert all((Path(__file__).parents[1] / picture).is_file() for picture in pictures)
