"""The README's table of systems, written from the manifests: `python -m tests.readme_table` (`make readme`).

Nobody edits the rows by hand; a test compares them. What a system must be told before its
manifest can be read comes from its own sandbox, so a new system needs no line here.
"""

import sys
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.domain.system import Manifest, Mode, Operation
from integrations.registry import Found, discover

README: Final = Path(__file__).parents[1] / "README.md"
COLUMNS: Final[Mapping[Operation, str]] = {
    Operation.FIND: "Find",
    Operation.EXPORT: "Copy",
    Operation.ERASE: "Erase",
    Operation.RECTIFY: "Correct",
    Operation.RESTRICT: "Restrict",
    Operation.SUPPRESS: "Stop mailings",
}
WORDS: Final[Mapping[Mode, str]] = {
    Mode.AUTOMATIC: "automatic",
    Mode.ASSISTED: "assisted",
    Mode.MANUAL: "by hand",
    Mode.ABSENT: "–",
}
HEAD: Final = f"| System | {' | '.join(COLUMNS.values())} |"


def manifest_of(found: Found) -> Manifest:
    """Return a system's manifest as it is once connected: with the settings its own sandbox is reached by."""
    vendor, stanza = stanza_of(found)
    manifest = found.manifest(found.read(stanza))
    del vendor  # kept until here: a key file lives as long as its vendor
    return manifest


def stanza_of(found: Found) -> tuple[object, Mapping[str, object]]:
    """Return a system's stand-in and the settings that point at it; nothing for a system without one."""
    sandbox = f"{found.module.__name__}.sandbox"
    if not find_spec(sandbox):
        return None, {}
    module = import_module(sandbox)
    vendor = module.demo(date(2026, 3, 9))
    return vendor, module.stanza("http://127.0.0.1", vendor)


def row(manifest: Manifest) -> str:
    """Return a system's row."""
    return f"| {' | '.join([manifest.name, *(WORDS[manifest.how(one).mode] for one in COLUMNS)])} |"


def table() -> str:
    """Return the whole table, systems by name."""
    rows = sorted((row(manifest_of(found)) for found in discover().values()), key=str.casefold)
    return "\n".join([HEAD, "|---" * (len(COLUMNS) + 1) + "|", *rows])


def rewritten(text: str) -> str:
    """Return the README with its table as the manifests say now."""
    before, found, after = text.partition(HEAD)
    if not found:
        raise ValueError("the README has no table of systems")
    _, _, rest = after.partition("\n\n")
    return f"{before}{table()}\n\n{rest}"


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{table()}\n")
