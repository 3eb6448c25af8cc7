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
from io import BytesIO, RawIOBase
from typing import IO, TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.domain.request import Language
from bot.domain.system import Exported
from bot.letters.matter import Stationery
from bot.letters.results import Voice, counted

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

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


class Packer:
    """Writes a package piece by piece; `taken` hands out what is written so far, so that little lies in memory.

    The order is that of the names: for each system its `data` record by record, then every system's `file`s, then
    the page, system by system and table by table.
    """

    def __init__(self, stationery: Stationery, language: Language, ref: str, voices: Mapping[str, Voice]) -> None:
        self._stationery = stationery
        self._language = language
        self._ref = ref
        self._voices = voices
        self._sink = _Sink()
        self._archive = ZipFile(self._sink, "w", ZIP_DEFLATED, compresslevel=6)
        self._open: IO[bytes] | None = None
        self._first = True
        self._files = False

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        return self._sink.taken()

    def begin_records(self) -> None:
        """Begin the file another computer can load, of one system."""
        self._first = True

    def record(self, system: str, number: int, one: Exported) -> None:
        """Add a record to its system's file."""
        if self._open is None:
            self._begin(f"data/{safe_name(system)}.json", '{\n  "records": [')
        files = _paths(system, number, one)
        plain = {"kind": one.record.kind, "id": one.record.id, "fields": dict(one.fields), "files": files}
        text = json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True, default=str)
        self._write(f"{'' if self._first else ','}\n    {text.replace(chr(10), f'{chr(10)}    ')}")
        self._first = False

    def end_records(self, system: str) -> None:
        """End a system's file."""
        if self._open is None:
            self._begin(f"data/{safe_name(system)}.json", '{\n  "records": [')
        name = json.dumps(self._voices[system].name, ensure_ascii=False)
        self._end(f'{"" if self._first else f"{chr(10)}  "}],\n  "system": {name}\n}}')

    def file(self, path: str, body: bytes) -> None:
        """Add one file of a record, under the path its record names."""
        self._files = True
        self._archive.writestr(_entry(path), body)

    def begin_page(self) -> None:
        """Begin the page to read."""
        self._begin("index.html", _page_head(self._stationery, self._language, self._ref, files=self._files))

    def begin_section(self, system: str) -> None:
        """Begin a system on the page."""
        self._first = True
        self._write(f"<section>\n<h2>{escape(self._voices[system].name)}</h2>\n")

    def table(self, system: str, number: int, one: Exported) -> None:
        """Add a record to the page."""
        self._first = False
        files = _paths(system, number, one)
        self._write(_table(self._stationery, self._language, self._voices[system], number, one, files))

    def end_section(self) -> None:
        """End a system on the page, and say so where it gave nothing."""
        nothing = escape(self._stationery.texts.say(self._language, "package.nothing"))
        self._write(f"{f'<p>{nothing}</p>' if self._first else ''}\n</section>\n")

    def close(self) -> None:
        """End the page and the package."""
        care = _said(self._stationery, self._language, self._ref, "care")
        self._end(f"<p>{care}</p>\n</main>\n</body>\n</html>\n")
        self._archive.close()

    def _begin(self, path: str, text: str) -> None:
        self._open = self._archive.open(_entry(path), "w")
        self._write(text)

    def _write(self, text: str) -> None:
        if self._open is not None:
            self._open.write(text.encode())

    def _end(self, text: str) -> None:
        self._write(text)
        if self._open is not None:
            self._open.close()
        self._open = None


class _Sink(RawIOBase):
    """Where a zip is written to that nobody rewinds: what came is handed on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: "Buffer", /) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


def pack(
    stationery: Stationery, language: Language, ref: str, contents: Contents, voices: Mapping[str, Voice]
) -> bytes:
    """Return the package (a zip) of what each system gave, by system key, when it all fits in memory."""
    packer = Packer(stationery, language, ref, voices)
    systems = sorted(contents.items())
    for system, exports in systems:
        packer.begin_records()
        for number, one in enumerate(exports, 1):
            packer.record(system, number, one)
        packer.end_records(system)
    for system, exports in systems:
        for number, one in enumerate(exports, 1):
            for path, (_, body) in zip(_paths(system, number, one), one.files, strict=True):
                packer.file(path, body)
    packer.begin_page()
    for system, exports in systems:
        packer.begin_section(system)
        for number, one in enumerate(exports, 1):
            packer.table(system, number, one)
        packer.end_section()
    packer.close()
    return packer.taken()


def paths_of(system: str, number: int, names: Sequence[str]) -> list[str]:
    """Return where the files of a system's record lie in the package. Two of one name stay two."""
    folder = safe_name(system)
    return [f"files/{folder}/{number:04}-{count:02}-{safe_name(name)}" for count, name in enumerate(names, 1)]


def _paths(system: str, number: int, one: Exported) -> list[str]:
    return paths_of(system, number, [name for name, _ in one.files])


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


def _page_head(stationery: Stationery, language: Language, ref: str, *, files: bool) -> str:
    title, intro, machine = (_said(stationery, language, ref, key) for key in ("title", "intro", "machine"))
    beside = f" {_said(stationery, language, ref, 'files')}" if files else ""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p>{intro}</p>\n<p>{machine}{beside}</p>\n"
    )


def _said(stationery: Stationery, language: Language, ref: str, key: str) -> str:
    facts = {"ref": ref, "name": stationery.policy.controller.name, "email": stationery.policy.controller.email}
    return escape(stationery.texts.say(language, f"package.{key}", facts))


def _table(
    stationery: Stationery, language: Language, voice: Voice, number: int, one: Exported, files: Sequence[str]
) -> str:
    kind = counted(stationery.texts, language, voice.words[language], {one.record.kind: 1})
    caption = stationery.texts.say(language, "package.record", {"n": number, "kind": kind})
    rows = [
        f"<tr><th scope=row>{escape(label)}</th><td>{escape(text)}</td></tr>" for label, text in rows_of(one.fields)
    ]
    name = escape(stationery.texts.say(language, "package.file"))
    rows += [
        f'<tr><th scope=row>{name}</th><td><a href="{escape(path)}">{escape(path.rpartition("/")[2])}</a></td></tr>'
        for path in files
    ]
    return f"<table>\n<caption>{escape(caption)}</caption>\n<tbody>\n{chr(10).join(rows)}\n</tbody>\n</table>\n"


def rows_of(value: object, label: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf with the path that leads to it; what is empty says nothing and is left to the JSON file."""
    match value:
        case Mapping():
            for name, inner in value.items():
                yield from rows_of(inner, f"{label} › {name}" if label else str(name))
        case list() | tuple():
            for number, inner in enumerate(value, 1):
                yield from rows_of(inner, f"{label} {number}".strip())
        case None | "":
            return
        case _:
            yield label, str(value)


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip that is the same bytes for the same entries."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(entries):
            archive.writestr(_entry(path), entries[path])
    return buffer.getvalue()


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(path, NO_DATE)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    entry.create_system = 3
    return entry
