"""Draws every card and form into `var/pictures`: `python -m tests.pictures [--only WORD]` (`make pictures`).

A card is drawn for each chat, in both languages, as wide as a phone and as a desk's screen.
`index.html` shows them side by side; it is made from the pictures there are, so `--only` adds to it.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.async_api import Browser, async_playwright

from bot.domain.request import Language
from tests import chromium
from tests.pictures import renderers
from tests.pictures.drawn import CHATS, shown
from tests.pictures.stage import DESK, PHONE, at_once, stage

INTO: Final = Path("var/pictures")
WIDTHS: Final = {"phone": PHONE, "desk": DESK}
SHARP: Final = 1.5


def asked(words: Sequence[str]) -> argparse.Namespace:
    """Return what was asked on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--only", default="", help="draw only files with this in their name: ticket_new, -sv-phone")
    parser.add_argument("--into", type=Path, default=INTO, help="the folder")
    return parser.parse_args(words)


async def draw(browser: Browser, bundle: tuple[Path, ...], chat: str, only: str, into: Path) -> Sequence[str]:
    """Draw the pictures for one chat that have *only* in their name; return what went wrong on the page."""
    troubles: list[str] = []
    for place, width in WIDTHS.items():
        async with stage(browser, bundle, width, sharp=SHARP) as one:
            for language in Language:
                suffix = f"{chat}-{language}-{place}"
                wanted = {name: card for name, card in shown(language).items() if only in f"{name}-{suffix}"}
                for part in at_once(chat, wanted):
                    await one.draw(chat, language, part)
                    await one.photograph(into, suffix)
            troubles += one.troubles
    return troubles


def write_index(into: Path) -> int:
    """Write the page to look through; return how many pictures it shows."""
    there = {path.name for path in into.glob("*.png")}
    names = [name for name in shown(Language.SV) if any(one.startswith(f"{name}-") for one in there)]
    environment = Environment(
        loader=FileSystemLoader(renderers.HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("index.html.j2").render(
        names=names, there=there, chats=CHATS, languages=tuple(Language), places=tuple(WIDTHS)
    )
    (into / "index.html").write_text(page, encoding="utf-8")
    return len(there)


async def main(words: Sequence[str]) -> int:
    """Draw; return the exit code: 1 where something that draws is missing, or a page had trouble."""
    wanted = asked(words)
    found, packages = chromium.chromium(), renderers.installed()
    if found is None or packages is None:
        sys.stderr.write(f"{chromium.MISSING if found is None else renderers.MISSING}\n")
        return 1
    wanted.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bundle = renderers.bundled(packages, Path(folder))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found, args=list(chromium.ARGUMENTS))
            at_work = [draw(browser, bundle, chat, wanted.only, wanted.into) for chat in CHATS]
            troubles = [one for some in await asyncio.gather(*at_work) for one in some]
            await browser.close()
    sys.stdout.write(f"{write_index(wanted.into)} pictures: {wanted.into / 'index.html'}\n")
    sys.stderr.writelines(f"{one}\n" for one in troubles)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
