"""The content of a sealed package: a page to read, files to load into another computer.

The same exports always give the same bytes (fixed dates, sorted names), so a package can
be made again and compared. Names inside are ours: what a vendor or a sender called a
file is only a hint, cleaned before it becomes a path. The page runs no script and loads
nothing: it opens from a folder, without a network, and reads well aloud.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.domain.request import Language
from bot.domain.system import Exported
from bot.letters.matter import Stationery
from bot.letters.results import Voice, counted

#: The oldest moment a zip can hold: a package has no date of its own.
NO_DATE: Final = (1980, 1, 1, 0, 0, 0)
LONGEST_NAME: Final = 80
UNSAFE: Final = re.compile(r"[^\w.\- ]+")
#: Names Windows keeps for its devices, with any ending.
DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")

STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid #ccc;"
    "overflow-wrap:anywhere}th{width:16rem;font-weight:400;color:#444}"
    "@media print{body{margin:0;max-width:none}section{break-inside:avoid-page}}"
)

Contents = Mapping[str, Sequence[Exported]]


def pack(
    stationery: Stationery, language: Language, ref: str, contents: Contents, voices: Mapping[str, Voice]
) -> bytes:
    """Return the package (a zip) of what each system gave, by system key."""
    entries: dict[str, bytes] = {}
    sections = []
    for system, exports in sorted(contents.items()):
        folder = safe_name(system)
        paths = [_files(folder, number, exported, entries) for number, exported in enumerate(exports, 1)]
        entries[f"data/{folder}.json"] = _machine_readable(voices[system].name, exports, paths)
        sections.append(_section(stationery, language, voices[system], exports, paths))
    entries["index.html"] = _page(stationery, language, ref, sections).encode()
    return _zipped(entries)


def safe_name(name: str) -> str:
    """Return a file name without folders, control characters, reserved names or leading dots; never empty."""
    last = re.split(r"[/\\]", name)[-1]
    clean = UNSAFE.sub("_", last).strip(" ._")
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > LONGEST_NAME:
        clean = (
            f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 10 else clean[:LONGEST_NAME]
        )
    if not clean or DEVICES.match(clean):
        clean = f"file_{clean}".rstrip("_")
    return clean


def _files(folder: str, number: int, exported: Exported, entries: dict[str, bytes]) -> list[str]:
    """Add the record's files to *entries*; return their paths. Two of one name stay two."""
    paths = []
    for count, (name, body) in enumerate(exported.files, 1):
        path = f"files/{folder}/{number:04}-{count:02}-{safe_name(name)}"
        entries[path] = body
        paths.append(path)
    return paths


def _machine_readable(name: str, exports: Sequence[Exported], paths: Sequence[Sequence[str]]) -> bytes:
    records = [
        {"kind": one.record.kind, "id": one.record.id, "fields": dict(one.fields), "files": list(files)}
        for one, files in zip(exports, paths, strict=True)
    ]
    whole = {"system": name, "records": records}
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True, default=str).encode()


def _page(stationery: Stationery, language: Language, ref: str, sections: Sequence[str]) -> str:
    def say(key: str) -> str:
        facts = {"ref": ref, "name": stationery.policy.controller.name, "email": stationery.policy.controller.email}
        return escape(stationery.texts.say(language, f"package.{key}", facts))

    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{say('title')}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{say('title')}</h1>\n<p>{say('intro')}</p>\n<p>{say('machine')}</p>\n"
        f"{''.join(sections)}<p>{say('care')}</p>\n</main>\n</body>\n</html>\n"
    )


def _section(
    stationery: Stationery,
    language: Language,
    voice: Voice,
    exports: Sequence[Exported],
    paths: Sequence[Sequence[str]],
) -> str:
    tables = [
        _table(stationery, language, voice, number, one, files)
        for number, (one, files) in enumerate(zip(exports, paths, strict=True), 1)
    ]
    nothing = escape(stationery.texts.say(language, "package.nothing"))
    return f"<section>\n<h2>{escape(voice.name)}</h2>\n{''.join(tables) or f'<p>{nothing}</p>'}\n</section>\n"


def _table(
    stationery: Stationery, language: Language, voice: Voice, number: int, one: Exported, files: Sequence[str]
) -> str:
    kind = counted(stationery.texts, language, voice.words[language], {one.record.kind: 1})
    caption = stationery.texts.say(language, "package.record", {"n": number, "kind": kind})
    rows = [f"<tr><th scope=row>{escape(label)}</th><td>{escape(text)}</td></tr>" for label, text in _rows(one.fields)]
    name = escape(stationery.texts.say(language, "package.file"))
    rows += [
        f'<tr><th scope=row>{name}</th><td><a href="{escape(path)}">{escape(path.rpartition("/")[2])}</a></td></tr>'
        for path in files
    ]
    return f"<table>\n<caption>{escape(caption)}</caption>\n<tbody>\n{chr(10).join(rows)}\n</tbody>\n</table>\n"


def _rows(value: object, label: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf with the path that leads to it; what is empty says nothing and is left to the JSON file."""
    match value:
        case Mapping():
            for name, inner in value.items():
                yield from _rows(inner, f"{label} › {name}" if label else str(name))
        case list() | tuple():
            for number, inner in enumerate(value, 1):
                yield from _rows(inner, f"{label} {number}".strip())
        case None | "":
            return
        case _:
            yield label, str(value)


def _zipped(entries: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(entries):
            entry = ZipInfo(path, NO_DATE)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            archive.writestr(entry, entries[path])
    return buffer.getvalue()
