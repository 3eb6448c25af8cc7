"""`python -m bot teams-package`: the zip an administrator uploads to Teams, for this installation.

The manifest under `config/teams` names a bot and an address that nobody has; they stand
there so that the file can be held against its schema as it is. Both are replaced here by
the bot's application id and by where the desk is reached. The same settings always make
the same bytes, so a package can be compared with the one that is installed.
"""

import argparse
import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.app.demo import KEYS
from config.settings import SettingsError, load
from config.shapes import GUID

FOLDER: Final = Path(__file__).parents[2] / "config" / "teams"
MANIFEST: Final = "manifest.json"
OTHER_FILES: Final = ("en.json", "color.png", "outline.png")
#: What stands in the manifest until a package is made.
NOBODYS_APP: Final = "22222222-2222-4222-8222-222222222222"
NOBODYS_HOST: Final = "desk.example.org"
#: The first day a zip knows: no clock is part of a package.
MADE: Final = (1980, 1, 1, 0, 0, 0)


def command(chosen: argparse.Namespace) -> int:
    """Write the package and say where it lies."""
    app_id, public_url = chosen.app_id, chosen.public_url
    if not (app_id and public_url):
        settings = load(dict.fromkeys(KEYS, "-"))  # packing opens nothing: no key is needed
        app_id, public_url = app_id or settings.teams.app_id, public_url or settings.public_url
    path = Path(chosen.out)
    made = package(app_id, public_url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made)
    sys.stdout.write(f"{path}: upload it in the Teams admin centre, under Manage apps\n")
    return 0


def package(app_id: str, public_url: str) -> bytes:
    """Return the zip. Raises `SettingsError` for what Teams would not accept, one line each."""
    address = urlsplit(public_url)
    wrong = []
    if not re.fullmatch(GUID, app_id):
        wrong.append("PRIVACY_TEAMS__APP_ID: wants the bot's application id in Entra ID – set it, or give APP_ID=…")
    if address.scheme != "https" or not address.hostname:
        wrong.append("PRIVACY_PUBLIC_URL: Teams reaches only a public https:// address – set it, or give PUBLIC_URL=…")
    if wrong:
        raise SettingsError(wrong)
    manifest = (FOLDER / MANIFEST).read_text(encoding="utf-8")
    manifest = manifest.replace(NOBODYS_APP, app_id.lower()).replace(NOBODYS_HOST, str(address.hostname))
    files = {MANIFEST: manifest.encode(), **{name: (FOLDER / name).read_bytes() for name in OTHER_FILES}}
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name, MADE), content, ZIP_DEFLATED)
    return packed.getvalue()
