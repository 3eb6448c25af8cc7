"""Settings: read once, refused in one clear line each, and never a secret in what is said."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from config.policy_file import load_policy
from config.settings import HERE, SettingsError, desk_toml, load, unknown_variables
from integrations.manual import manual_systems
from tests.integrations.manual_entries import PAPER

KEYS = {"keys": "k", "index_key": "i", "signing_key": "s"}
GUID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEYS", "INDEX_KEY", "SIGNING_KEY", "CONFIG", "PORT"):
        monkeypatch.delenv(f"PRIVACY_{name}", raising=False)


def lines(**overrides: object) -> tuple[str, ...]:
    """Return what is said of settings that cannot be used."""
    with pytest.raises(SettingsError) as refused:
        load({**KEYS, **overrides})
    return refused.value.lines


def test_a_missing_setting_is_one_line_that_says_what_to_do() -> None:
    with pytest.raises(SettingsError) as refused:
        load({})
    assert [line.partition(":")[0] for line in refused.value.lines] == [
        "PRIVACY_KEYS",
        "PRIVACY_INDEX_KEY",
        "PRIVACY_SIGNING_KEY",
    ]
    assert all("keys new" in line for line in refused.value.lines)


def test_a_malformed_setting_names_its_variable_and_hides_its_value() -> None:
    (line,) = lines(port="eighty")
    assert line.startswith("PRIVACY_PORT: ")
    assert "eighty" not in line


GRAPH = {
    "kind": "graph",
    "tenant_id": "goto.work",
    "client_id": "66666666-7777-4888-8999-aaaaaaaaaaaa",
    "client_secret": "hush",
}


def test_a_graph_mailbox_says_of_each_lacking_setting_what_it_wants() -> None:
    said = lines(mailbox={"kind": "graph"})
    assert [line.partition(":")[0] for line in said] == [
        "PRIVACY_MAILBOX__TENANT_ID",
        "PRIVACY_MAILBOX__CLIENT_ID",
        "PRIVACY_MAILBOX__CLIENT_SECRET",
    ]
    assert all("Entra ID" in line for line in said)
    assert load({**KEYS, "mailbox": GRAPH}).mailbox.kind == "graph"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenant_id", "https://login.microsoftonline.com/x"),
        ("client_id", "goto.work"),
        ("certificate_path", "/nowhere/desk.pem"),
        ("base_url", "http://graph.microsoft.com/v1.0"),
        ("base_url", "https://user@graph.microsoft.com"),
        ("login_url", "login.microsoftonline.com"),
        ("folder_name", ""),
        ("kind", "imap"),
    ],
)
def test_a_malformed_setting_of_a_graph_mailbox_is_one_line(name: str, value: str) -> None:
    (line,) = lines(mailbox={**GRAPH, name: value})
    assert line.startswith(f"PRIVACY_MAILBOX__{name.upper()}: ")
    assert "hush" not in line
    assert "–" in line


def test_a_certificate_does_in_the_place_of_a_secret(tmp_path: Path) -> None:
    (tmp_path / "desk.pem").write_text("")
    settings = load({**KEYS, "mailbox": {**GRAPH, "client_secret": "", "certificate_path": tmp_path / "desk.pem"}})
    assert settings.mailbox.certificate_path == tmp_path / "desk.pem"


def test_a_folder_mailbox_needs_nothing_of_graph() -> None:
    assert load(KEYS).mailbox.kind == "folder"
    assert load({**KEYS, "mailbox": {"certificate_path": "/nowhere"}}).mailbox.kind == "folder"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1/v1.0", "https://recorder.goto.work:8443"])
def test_a_mailbox_can_be_pointed_at_a_sandbox_or_a_recorder(url: str) -> None:
    settings = load({**KEYS, "mailbox": {**GRAPH, "base_url": url, "login_url": url}})
    assert (settings.mailbox.base_url, settings.mailbox.login_url) == (url, url)


def test_a_slack_token_without_a_channel_would_post_nowhere() -> None:
    (line,) = lines(slack={"bot_token": "xoxb-secret", "signing_secret": "shh"})
    assert line.startswith("PRIVACY_SLACK: ")
    assert "__CHANNEL" in line
    assert "secret" not in line
    assert load({**KEYS, "slack": {"bot_token": "xoxb-x", "signing_secret": "y", "channel": "C1"}}).slack.on


@pytest.mark.parametrize(
    "given",
    [
        {"app_token": "xapp-secret", "channel": "C1"},
        {"signing_secret": "secret", "channel": "C1"},
        {"channel": "C1"},
        {"mail_channel": "C2"},
        {"api_url": "http://127.0.0.1:1/api/"},
    ],
)
def test_a_forgotten_slack_token_is_named(given: dict[str, str]) -> None:
    """Slack would be off without a word, and the desk silent."""
    (line,) = lines(slack=given)
    assert line.startswith("PRIVACY_SLACK: ")
    assert "__BOT_TOKEN" in line
    assert all(f"__{name.upper()}" in line for name in given)
    assert "secret" not in line
    assert not load({**KEYS, "slack": {"bot_token": "", "channel": ""}}).slack.on, "off with nothing of Slack set"


def test_another_token_than_the_bots_is_refused() -> None:
    for other in ("xapp-secret", "xoxp-secret", "secret"):
        (line,) = lines(slack={"bot_token": other, "signing_secret": "shh", "channel": "C1"})
        assert "__BOT_TOKEN" in line
        assert "xoxb-" in line
        assert "secret" not in line


@pytest.mark.parametrize("name", ["app_secret", "tenant_id", "channel"])
def test_a_forgotten_teams_id_is_named(name: str) -> None:
    value = "22222222-2222-4222-8222-222222222222" if name == "tenant_id" else "19:secret@thread.tacv2"
    (line,) = lines(teams={name: value})
    assert line.startswith("PRIVACY_TEAMS: ")
    assert "__APP_ID" in line
    assert f"__{name.upper()}" in line
    assert "secret@" not in line
    assert not load({**KEYS, "teams": {name: ""}}).teams.on, "off with nothing of Teams set"


def test_socket_mode_needs_no_signing_secret_but_a_token_of_the_app_itself() -> None:
    slack = {"bot_token": "xoxb-secret", "channel": "C1", "app_token": "xapp-1"}
    assert load({**KEYS, "slack": slack}).slack.on
    (line,) = lines(slack={**slack, "app_token": "xoxb-secret"})
    assert "__APP_TOKEN" in line
    assert "xapp-" in line
    assert "secret" not in line
    (line,) = lines(slack={"bot_token": "xoxb-secret", "channel": "C1"})
    assert "__SIGNING_SECRET" in line


def test_mail_is_forwarded_into_a_channel_of_its_own() -> None:
    """The ticket channel holds no personal data, a mail nothing else."""
    slack = {"bot_token": "xoxb-x", "signing_secret": "y", "channel": "C1"}
    (line,) = lines(slack={**slack, "mail_channel": "C1"})
    assert line.startswith("PRIVACY_SLACK: ")
    assert "__MAIL_CHANNEL" in line
    assert load({**KEYS, "slack": {**slack, "mail_channel": "C2"}}).slack.mail_channel == "C2"
    assert load({**KEYS, "slack": slack}).slack.mail_channel == "", "off unless configured"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"client_id": GUID}, "__TENANT_ID"),
        ({"client_id": GUID, "tenant_id": GUID}, "__CLIENT_SECRET"),
        ({"client_id": "ours", "tenant_id": GUID, "client_secret": "s"}, "PRIVACY_SIGN_IN__CLIENT_ID"),
        ({"client_id": GUID, "tenant_id": "common", "client_secret": "s"}, "PRIVACY_SIGN_IN__TENANT_ID"),
        ({"login_url": "http://login.example"}, "PRIVACY_SIGN_IN__LOGIN_URL"),
        ({"tenant_id": GUID, "client_secret": "s"}, "__CLIENT_ID"),
        ({"certificate_path": "/etc/desk.pem"}, "__CLIENT_ID"),
    ],
)
def test_half_a_sign_in_is_refused(given: dict[str, str], says: str) -> None:
    """Any directory ("common") would let anybody in, and half a sign-in nobody."""
    with pytest.raises(SettingsError) as wrong:
        load({**KEYS, "sign_in": given})
    (line,) = wrong.value.lines
    assert says in line


def test_sign_in_is_off_until_it_is_whole() -> None:
    assert not load(KEYS).sign_in.on
    whole = {"client_id": GUID, "tenant_id": GUID, "certificate_path": "/etc/desk.pem"}
    assert load({**KEYS, "sign_in": whole}).sign_in.on


def test_people_and_rota_come_from_desk_toml() -> None:
    people = load(KEYS).people()
    assert people.on_call(date(2026, 3, 9)).id == "maria"
    assert people.by_handle("console", "karin").approves_in("hubspot")


def test_a_malformed_manual_system_says_which_and_what_it_wants() -> None:
    broken = {**PAPER, "key": "Pärm", "link": "http://x", "colour": "blue", "checklist": {"de": {"find": ["X"]}}}
    said = lines(manual_system=[PAPER, {**broken, "owner": None}])
    assert all(one.startswith("desk.toml [[manual_system]] number 2: ") for one in said)
    assert [one.split()[4] for one in said] == ["key", "owner", "link", "checklist.de", "colour"]
    assert "a short name in small letters, such as paper_folder" in said[0]


def test_a_manual_system_names_its_owner_and_who_stands_in() -> None:
    people = load({**KEYS, "manual_system": [PAPER]}).people()
    assert [one.id for one in people.owners("paper_folder")] == ["sara"]
    assert people.by_id("karin").approves_in("paper_folder")
    assert people.by_id("sara").owns >= {"eventbrite", "paper_folder"}


@pytest.mark.parametrize("where", ["README.md", "config/desk.toml"])
def test_the_example_of_a_system_on_paper_can_be_used_as_it_stands(where: str) -> None:
    """Shown in the README, and in desk.toml behind #."""
    text = (HERE.parent / where).read_text(encoding="utf-8")
    if where.endswith(".toml"):
        text = text[text.index("# [[manual_system]]") :].replace("# ", "")
    else:
        text = text[text.index("[[manual_system]]\nkey") :].partition("```")[0]
    settings = load({**KEYS, "manual_system": tomllib.loads(text)["manual_system"]})
    colleagues = {one.id for one in settings.colleague}
    policy = load_policy(HERE / "policy.toml")
    (key,) = manual_systems(settings.manual_system, (), colleagues, policy)
    assert key == "paper_folder"


def test_a_broken_desk_toml_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("[[colleague]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"desk\.toml"):
        desk_toml(tmp_path)
    assert desk_toml(tmp_path / "elsewhere") == {}


PAIR: tuple[dict[str, object], ...] = (
    {"id": "sara", "name": "Sara", "email": "sara@goto.work", "duties": ["officer"]},
    {"id": "karin", "name": "Karin", "email": "karin@goto.work"},
)


@pytest.mark.parametrize(
    ("saras", "karins"),
    [
        (["home@example.net"], ["Home@Example.NET "]),
        (["karin@goto.work"], []),
        ([], ["SARA@goto.work"]),
    ],
)
def test_an_address_is_one_colleagues_and_the_line_names_whose_and_not_which(
    saras: list[str], karins: list[str]
) -> None:
    """Whoever shares one would be taken for the other in every request (D9); what stands there is nobody's to read."""
    entries = [{**entry, "addresses": more} for entry, more in zip(PAIR, (saras, karins), strict=True)]
    with pytest.raises(SettingsError) as refused:
        load({**KEYS, "colleague": entries})
    (line,) = refused.value.lines
    assert "sara and karin have the same address" in line
    assert "@" not in line


def test_a_colleagues_further_addresses_are_addresses() -> None:
    settings = load({**KEYS, "colleague": [{**PAIR[0], "addresses": [" sara@home.example ", "sara@goto.work"]}]})
    assert settings.people().by_id("sara").addresses == ("sara@home.example", "sara@goto.work")
    with pytest.raises(SettingsError, match="no address – write name@domain") as refused:
        load({**KEYS, "colleague": [{**PAIR[0], "addresses": ["sara at home"]}]})
    assert "sara at home" not in str(refused.value)


def test_the_environment_wins_over_the_file_and_nests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACY_PORT", "9001")
    monkeypatch.setenv("PRIVACY_SYSTEMS__HUBSPOT__TOKEN", "t")
    monkeypatch.setenv("PRIVACY_MAILBOX__AUTHSERV_ID", "mx.example.org")
    settings = load(KEYS)
    assert settings.port == 9001
    assert settings.systems == {"hubspot": {"token": "t"}}
    assert settings.mailbox.authserv_id == "mx.example.org"
    assert settings.mailbox.forwarders == ("info@goto.work",), "what the file says beside it stays"


def test_misspelt_variables_are_found() -> None:
    environment = {
        "PRIVACY_KEYS": "",
        "PRIVACY_SLCK__BOT_TOKEN": "",
        "PRIVACY_SLACK__TOKEN": "",
        "PRIVACY_SLACK__APP_TOKEN": "",
        "PRIVACY_TEAMS__APP_ID": "",
        "PRIVACY_SYSTEMS__ANYTHING__AT_ALL": "",
        "PATH": "",
    }
    assert unknown_variables(environment) == ("PRIVACY_SLACK__TOKEN", "PRIVACY_SLCK__BOT_TOKEN")
