"""What draws a card as Slack and Teams would: npm packages that `.ci/renderers` installs outside the repository.

Slack by `slack-blocks-to-jsx`, Teams by Microsoft's open renderer with the settings Microsoft's
designer has for Teams. Both are likenesses: Teams' own clients draw with a renderer of their
own, whose buttons wrap where the open one's are cut. Letters are those the apps have
(Lato; Roboto, as on Android), so that a line breaks where it would there and on every machine alike.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
WANTED: Final = HERE / "package.json"
MISSING: Final = "what draws Slack's and Teams' cards is not installed: .ci/renderers does it where npm is"
BUNDLED_WITHIN: Final = 60.0  # seconds; two on a quiet machine


def installed() -> Path | None:
    """Return where the packages are, None unless they are just the versions wanted."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "privacy-desk/renderers"
    stamp = cache / "installed.json"
    if shutil.which("node") is None or not stamp.is_file() or stamp.read_bytes() != WANTED.read_bytes():
        return None
    return cache / "node_modules"


def bundled(packages: Path, into: Path) -> tuple[Path, Path]:
    """Return the script and the style sheet of the page the cards are drawn on, made in the folder *into*."""
    asked = ["node", str(packages / "esbuild/bin/esbuild"), str(HERE / "stage.js"), "--bundle", "--minify"]
    asked += [f"--outfile={into / 'stage.js'}", '--define:process.env.NODE_ENV="production"', "--log-level=error"]
    asked += ["--loader:.woff2=dataurl", "--loader:.woff=empty", "--loader:.png=dataurl"]
    subprocess.run(asked, check=True, timeout=BUNDLED_WITHIN, env={**os.environ, "NODE_PATH": str(packages)})
    return into / "stage.js", into / "stage.css"
