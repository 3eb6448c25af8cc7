"""What comes in broken: one clear sentence through the real entry point, never a traceback, and nothing lost."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.domain.ticket import Stage
from bot.store import new_key, store_lock
from tests.free_port import free_port
from tests.journeys.furnished import CHANNEL, FIRST, Furnished
from tests.journeys.killing import HERE
from tests.standins.slack_people import Person, labels, signature

BROKEN = b"From: \xff\xfe<<>>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\xff\r\nradera\x00\r\n"


def run(
    folder: Path, *words: str, given: Mapping[str, str | None] | None = None, before: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    """Run the command line in a folder of its own; return exit code, output and errors."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PRIVACY_", "COVERAGE"))}
    settings: dict[str, str | None] = {
        "PRIVACY_DATABASE_URL": f"sqlite://{folder / 'desk.sqlite3'}",
        "PRIVACY_KEYS": KEYS[0],
        "PRIVACY_INDEX_KEY": KEYS[1],
        "PRIVACY_SIGNING_KEY": KEYS[2],
        "PRIVACY_MAILBOX__FOLDER": str(folder / "mail"),
        "PRIVACY_PORT": str(free_port()),
        "PRIVACY_SYSTEMS__HUBSPOT__TOKEN": "made-up",
        "PRIVACY_SYSTEMS__EVENTBRITE__TOKEN": "made-up",
        "PRIVACY_SYSTEMS__EVENTBRITE__ORGANIZATION_ID": "1",
        **(given or {}),
    }
    environment = own | {name: value for name, value in settings.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )
    return done.returncode, done.stdout, done.stderr


KEYS = (new_key(), new_key(), new_key())


def one_sentence(errors: str, *holds: str) -> None:
    """Check that the errors are one clear line, with these words in it."""
    assert "Traceback" not in errors
    (line,) = errors.strip().splitlines()
    for word in holds:
        assert word in line, line


def test_a_missing_setting(tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_KEYS": None})
    assert code == 1
    one_sentence(errors, "PRIVACY_KEYS", "python -m bot keys new")


def test_a_malformed_setting(tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_PORT": "eighty"})
    assert code == 1
    one_sentence(errors, "PRIVACY_PORT")


def test_a_key_that_is_none(tmp_path: Path) -> None:
    """Named by its setting; what was given is not repeated."""
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_KEYS": "hunter2hunter2"})
    assert code == 1
    one_sentence(errors, "PRIVACY_KEYS")
    assert "hunter2" not in errors


def test_a_missing_token_of_a_system(tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_SYSTEMS__HUBSPOT__TOKEN": None})
    assert code == 1
    one_sentence(errors, "PRIVACY_SYSTEMS__HUBSPOT__TOKEN")


def test_a_policy_that_cannot_be_used(tmp_path: Path) -> None:
    """Named by its file, wherever GoToWork keeps its own."""
    own = tmp_path / "config"
    own.mkdir()
    shutil.copy(HERE / "config" / "desk.toml", own)
    (own / "policy.toml").write_text("version = ", encoding="utf-8")
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_CONFIG": str(own)})
    assert code == 1
    one_sentence(errors, "policy.toml")


def test_a_wrong_key(tmp_path: Path) -> None:
    """A key the store was not sealed with: said, and the store left as it was."""
    run(tmp_path, "migrate")
    assert run(tmp_path, "ticket", "list")[0] == 0
    sealed = (tmp_path / "desk.sqlite3").read_bytes()
    code, _, errors = run(tmp_path, "run", given={"PRIVACY_KEYS": new_key()})
    assert code == 1
    one_sentence(errors, "PRIVACY_KEYS")
    assert (tmp_path / "desk.sqlite3").read_bytes() == sealed


def test_a_locked_store(tmp_path: Path) -> None:
    """Another desk runs on it: the second says so and touches nothing."""
    run(tmp_path, "migrate")
    with store_lock(f"sqlite://{tmp_path / 'desk.sqlite3'}"):
        code, _, errors = run(tmp_path, "run")
    assert code == 1
    one_sentence(errors)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, errors = run(tmp_path, "run", given={"PRIVACY_PORT": str(taken.getsockname()[1])})
    assert code == 1
    one_sentence(errors.splitlines()[-1], "PRIVACY_PORT")


def test_a_full_disk(tmp_path: Path) -> None:
    """No room for the store: said; with room again the same command goes on as if nothing had been."""

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    code, _, errors = run(tmp_path, "migrate", before=no_room)
    assert code == 1
    one_sentence(errors)
    assert run(tmp_path, "migrate")[0] == 0
    assert run(tmp_path, "ticket", "list")[:2] == (0, "no tickets\n")


def test_a_broken_mail_is_read(tmp_path: Path) -> None:
    """Exit 0: it is reported, one JSON object on one line."""
    mail = tmp_path / "broken.eml"
    mail.write_bytes(BROKEN)
    code, said, errors = run(tmp_path, "read-mail", str(mail), "--json")
    assert (code, errors) == (0, "")
    line = json.loads(said)
    assert line["errors"]
    code, _, errors = run(tmp_path, "read-mail", str(tmp_path / "none.eml"))
    assert code == 1
    one_sentence(errors)


def person(desk: Furnished, user: str, secret: str | None = None) -> Person:
    address = f"{desk.opened.house.public_url}/slack/events"
    known = Person(desk.slack, desk.opened.session, address, user, CHANNEL)
    return known if secret is None else Person(desk.slack, desk.opened.session, address, user, CHANNEL, secret)


async def test_somebody_the_desk_does_not_know(desk: Furnished) -> None:
    """Refused kindly and alone; nothing is changed."""
    await desk.sample("erase")
    (card,) = desk.slack.in_channel(CHANNEL)
    stranger = person(desk, "U0STRANGER")
    assert (await stranger.press(card, "Bekräfta")).status == 200
    answer = await stranger.command(f"visa {FIRST}")
    assert answer.status == 200
    assert FIRST not in desk.slack.private[-1].text
    assert (await desk.ticket()).stage is Stage.RECEIVED


async def test_a_request_that_is_not_slacks(desk: Furnished) -> None:
    """A wrong signature and an old one are both refused, and nothing is changed."""
    await desk.sample("erase")
    (card,) = desk.slack.in_channel(CHANNEL)
    forger = person(desk, "U0SARA", "another secret")
    assert (await forger.press(card, "Bekräfta")).status == 401
    sara = person(desk, "U0SARA")
    body = b"command=%2Fprivacy&text=hem&user_id=U0SARA&team_id=T0&channel_id=C0&trigger_id=1&response_url="
    assert (await sara.send(body, signature(sara.secret, 1_700_000_000, body))).status == 401
    assert (await desk.ticket()).stage is Stage.RECEIVED
    assert (await sara.press(card, "Bekräfta")).status == 200
    await desk.settle()
    (card,) = desk.slack.in_channel(CHANNEL)
    assert "Bekräfta" not in labels(card.blocks)


@pytest.mark.parametrize("path", ["/c/none", "/review/none", "/c/page", "/nowhere"])
async def test_an_address_that_leads_nowhere(desk: Furnished, path: str) -> None:
    status, page = await (await desk.visitor()).get(path)
    assert status == 404
    assert "Traceback" not in page
