"""The command line: `python -m bot …`. Names and fields are the contract people's scripts rely on.

Whatever goes wrong is one clear line on standard error and exit 1, never a traceback.
"""

import argparse
import sys
from collections.abc import Sequence

from bot.app import tools
from bot.domain.errors import PrivacyDeskError
from config.policy_file import BadFile
from config.settings import SettingsError
from integrations.registry import SettingsProblem


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    top = argparse.ArgumentParser(prog="python -m bot", description="Privacy Desk: requests, deadlines, evidence.")
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="the whole desk on made-up people, no account needed")
    demo.add_argument("--port", type=int, default=8765)
    demo.add_argument("--data", default="var/demo", help="folder for the demo's store and mail")
    demo.add_argument("--fresh", action="store_true", help="begin with an empty folder")
    commands.add_parser("run", help="web and worker in one process")
    commands.add_parser("web", help="the half that answers; never calls a vendor (PostgreSQL)")
    commands.add_parser("worker", help="the half that carries out (PostgreSQL)")
    commands.add_parser("migrate", help="bring the store up to date; safe to run by many at once")
    check = _json(commands.add_parser("check", help="what is wrong, and what to do about it"))
    check.add_argument("--offline", action="store_true", help="ask no vendor")
    read = _json(commands.add_parser("read-mail", help="how a mail is read; writes nothing"))
    read.add_argument("files", nargs="+", metavar="FILE")
    due = _json(commands.add_parser("due", help="the deadline of a moment"))
    due.add_argument("received", metavar="RECEIVED", help="ISO 8601 with offset, such as 2026-03-05T09:12:00+01:00")
    kept = _json(commands.add_parser("retention-due", help="first day on which deletion is due"))
    kept.add_argument("role", metavar="ROLE")
    kept.add_argument("latest", metavar="LATEST_ACTIVITY", help="ISO 8601 with offset")
    ledger = _json(commands.add_parser("ledger", help="ledger verify: proves chains and daily digests"))
    ledger.add_argument("what", choices=["verify"])
    ticket = _json(commands.add_parser("ticket", help="ticket list | ticket show REF: state without personal data"))
    ticket.add_argument("what", choices=["list", "show"])
    ticket.add_argument("ref", nargs="?", metavar="REF")
    older = _json(commands.add_parser("backfill", help="older mail as proposals; sends nothing"))
    older.add_argument("--since", required=True, metavar="DATE", help="the first day, such as 2026-09-01")
    right = _json(commands.add_parser("proposals", help="how often the desk's proposals were right"))
    right.add_argument("--since", metavar="DATE", help="proposals made from this day on, such as 2026-09-01")
    keys = commands.add_parser("keys", help="keys new prints one; keys rotate re-wraps live keys to the first")
    keys.add_argument("what", choices=["new", "rotate"])
    for name, text in (("backup", "a consistent copy of the store"), ("restore", "put a copy back")):
        commands.add_parser(name, help=text).add_argument("file", metavar="FILE")
    _teams_package(commands.add_parser("teams-package", help="the zip that Teams takes: manifest, words, icons"))
    return top


def _teams_package(command: argparse.ArgumentParser) -> None:
    command.add_argument("--app-id", default="", help="instead of PRIVACY_TEAMS__APP_ID")
    command.add_argument("--public-url", default="", help="instead of PRIVACY_PUBLIC_URL")
    command.add_argument("--out", default="var/privacy-desk-teams.zip", metavar="FILE")


def _json(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("--json", action="store_true", help="one JSON value instead of words")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    chosen = parser().parse_args(arguments)
    try:
        return tools.COMMANDS[chosen.command](chosen)
    except (SettingsError, SettingsProblem) as problem:
        sys.stderr.write("\n".join(problem.lines) + "\n")
    except BadFile as problem:
        sys.stderr.write(f"{problem}\n")
    except PrivacyDeskError as refusal:
        sys.stderr.write(tools.sentence(refusal) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
