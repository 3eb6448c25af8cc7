"""The command line as people and scripts use it: exit codes, JSON fields, one clear line when something is wrong."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.app.clock import SystemClock
from bot.domain.deadline import local_date
from bot.store import new_key, store_lock
from integrations.registry import discover
from tests.bench.mails import lay, pile
from tests.free_port import free_port
from tests.readme_table import stanza_of

HERE = Path(__file__).parent
OPEN_SYSTEMS = {
    "PRIVACY_SYSTEMS__HUBSPOT__TOKEN": "t",
    "PRIVACY_SYSTEMS__EVENTBRITE__TOKEN": "t",
    "PRIVACY_SYSTEMS__EVENTBRITE__ORGANIZATION_ID": "1",
}
KNOWN = {"eventbrite", "google_analytics", "google_display", "hubspot", "office365", "office365_personal"}
#: Whoever adds a system changes no test: it is told what its own stand-in says.
OPEN_SYSTEMS |= {
    f"PRIVACY_SYSTEMS__{key.upper()}__{name.upper()}": str(value)
    for key, folder in discover().items()
    if key not in KNOWN
    for name, value in stanza_of(folder)[1].items()
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an installation in a folder of its own."""
    for name in [name for name in os.environ if name.startswith("PRIVACY_")]:
        monkeypatch.delenv(name)
    wanted = OPEN_SYSTEMS | {f"PRIVACY_{name}": new_key() for name in ("KEYS", "INDEX_KEY", "SIGNING_KEY")}
    wanted |= {
        "PRIVACY_DATABASE_URL": f"sqlite://{tmp_path / 'desk.sqlite3'}",
        "PRIVACY_DIGEST_FILE": str(tmp_path / "digests.txt"),
        "PRIVACY_MAILBOX__FOLDER": str(tmp_path / "mail"),
        "PRIVACY_PORT": str(free_port()),
    }
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed."""
    return capsys.readouterr().out


def test_due_gives_every_day_of_a_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["due", "2026-03-05T09:12:00+01:00", "--json"]) == 0
    found = json.loads(said(capsys))
    assert found == {
        "received_local_date": "2026-03-05",
        "nominal_end": "2026-04-05",
        "last_day": "2026-04-07",
        "safe_target": "2026-04-02",
        "extended_last_day": "2026-06-05",
        "safe_extended_target": "2026-06-05",
        "extension_notice_last_day": "2026-04-07",
    }
    assert main(["due", "2026-03-05T09:12:00+01:00"]) == 0
    assert "last day: 2026-04-07" in said(capsys)


@pytest.mark.parametrize("moment", ["yesterday", "2026-03-05T09:12:00"])
def test_a_moment_that_cannot_be_read_is_one_line(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["due", moment]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("role", "due"), [("candidate", "2027-01-01"), ("contact", None), ("contract_customer", None)])
def test_retention_due(role: str, due: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention-due", role, "2024-05-10T10:00:00+02:00", "--json"]) == 0
    assert json.loads(said(capsys)) == {"deletion_due": due}
    assert main(["retention-due", role, "2024-05-10T10:00:00+02:00"]) == 0
    assert (due or "no date") in said(capsys)


def test_an_unknown_role_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention-due", "wizard", "2024-05-10T10:00:00+02:00"]) == 1
    assert "candidate" in capsys.readouterr().err


def test_read_mail_reads_broken_mail_without_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(HERE / "mails" / f"{number}.eml") for number in ("001", "005")]
    assert main(["read-mail", *files, "--json"]) == 0
    broken, forwarded = (json.loads(line) for line in said(capsys).splitlines())
    assert (broken["is_request"], broken["rights"]) == (True, ["erasure"])
    assert forwarded["last_day"] == "2026-06-18"
    assert main(["read-mail", "nowhere.eml"]) == 1
    assert "nowhere.eml" in capsys.readouterr().err


def test_a_fresh_installation_migrates_checks_and_lists(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert main(["check", "--offline", "--json"]) == 1
    open_passages, contact, one_officer, nobody_signs_in = json.loads(said(capsys).splitlines()[-1])["problems"]
    assert open_passages.startswith("policy.toml"), "what GoToWork must confirm is left"
    assert "controller.contracts" in contact, "and whom contract customers turn to (P6)"
    assert "only one privacy officer" in one_officer, "so what only that role may see could never be approved (D10)"
    assert "within ten minutes" in nobody_signs_in, "and that a link alone opens a page (D15)"
    assert main(["ticket", "list", "--json"]) == 0
    assert json.loads(said(capsys)) == []
    assert main(["ledger", "verify"]) == 0
    assert "holds" in said(capsys)
    assert main(["keys", "rotate"]) == 0
    assert installed.joinpath("desk.sqlite3").exists()


def test_a_copy_and_back(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    copy = installed / "copy.sqlite3"
    assert main(["backup", str(copy)]) == 0
    assert main(["restore", str(copy)]) == 0
    assert main(["backup", str(copy)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_is_wrong_is_said_before_anything_starts(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [main(["migrate"]), main(["ticket", "list"])] == [0, 0]
    monkeypatch.setenv("PRIVACY_KEYS", new_key())
    assert main(["ticket", "list"]) == 1
    assert "PRIVACY_KEYS" in capsys.readouterr().err
    monkeypatch.setenv("PRIVACY_KEYS", "short")
    assert main(["run"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    monkeypatch.delenv("PRIVACY_SYSTEMS__HUBSPOT__TOKEN")
    monkeypatch.setenv("PRIVACY_SLCK__BOT_TOKEN", "x")
    assert main(["check", "--offline"]) == 1
    said_lines = said(capsys).splitlines()
    assert any("PRIVACY_SLCK__BOT_TOKEN" in line for line in said_lines)
    assert any("PRIVACY_SYSTEMS__HUBSPOT__TOKEN" in line for line in said_lines)
    assert installed.exists()


def test_the_halves_need_a_server(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["web"]) == 1
    assert "PRIVACY_DATABASE_URL" in capsys.readouterr().err
    assert installed.exists()


def test_a_key_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new"]) == 0
    assert len(said(capsys).strip()) == len(new_key())


@pytest.mark.parametrize(
    ("since", "says"),
    [
        ("yesterday", "not a date"),
        ("2999-01-01", "has not come yet"),
        ("2026-06-01", "an earlier day"),
        ("2001-01-01", "too long ago"),
    ],
)
def test_a_day_the_backfill_cannot_begin_with_is_one_line(
    since: str, says: str, installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRIVACY_START_DATE", "2026-01-01")
    assert main(["backfill", "--since", since]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("--since: ")
    assert says in line
    assert not (installed / "desk.sqlite3").exists(), "nothing was opened"


def test_backfill_counts_what_it_found(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Proposed once, known the next time; a person reads words, a script reads JSON."""
    now = SystemClock().now()
    monkeypatch.setenv("PRIVACY_START_DATE", local_date(now).isoformat())
    old = now - timedelta(days=9)
    lay(pile(10, old, large=False).raws, installed / "mail" / "in")
    for path in (installed / "mail" / "in" / "new").iterdir():
        os.utime(path, (old.timestamp(), old.timestamp()))
    since = local_date(now - timedelta(days=20)).isoformat()
    assert main(["backfill", "--since", since, "--json"]) == 0
    found = json.loads(said(capsys))
    counts = {"read": 10, "known": 1, "requests": 6, "doubts": 1, "quiet": 2}
    assert found == {"since": since, "until": local_date(now).isoformat(), **counts}
    assert main(["backfill", "--since", since]) == 0
    printed = said(capsys)
    assert "proposed: 0 requests, 0 doubts" in printed
    assert "known already: 8" in printed
    assert len(list((installed / "mail" / "in" / "new").iterdir())) == 10
    assert not (installed / "mail" / "out").exists()


def test_backfill_beside_a_running_desk_is_one_line(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    today = local_date(SystemClock().now())
    monkeypatch.setenv("PRIVACY_START_DATE", today.isoformat())
    with store_lock(os.environ["PRIVACY_DATABASE_URL"]):
        assert main(["backfill", "--since", (today - timedelta(days=3)).isoformat()]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "the desk is running" in line
    assert not (installed / "desk.sqlite3").exists()


def test_proposals_say_how_often_they_were_right(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    said(capsys)
    assert main(["proposals", "--json"]) == 0
    found = json.loads(said(capsys))
    assert found["months"] == found["bands"] == {}
    assert (found["whole"]["decided"], found["whole"]["right_percent"]) == (0, None)
    assert main(["proposals", "--since", "2026-01-01"]) == 0
    assert said(capsys).startswith("all: no decision yet – 0 unchanged, 0 changed")
    assert main(["proposals", "--since", "soon"]) == 1
    assert capsys.readouterr().err.startswith("--since: not a date")
    assert installed.is_dir()


def test_what_few_desks_need_is_loaded_only_by_those() -> None:
    asks = "import sys, bot.__main__; from integrations.registry import discover; discover(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asks], cwd=HERE.parent, capture_output=True, text=True, check=True)
    heavy = {"icalendar", "microsoft_agents", "msal", "requests"}
    assert not heavy & set(loaded.stdout.split())
