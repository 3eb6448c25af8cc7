"""The package of Art. 20: files another program can read, and what each field means. No page: this is no access answer.

One JSON file and one table (CSV) per system, a table that explains the fields, and the files the person gave us.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from bot.domain.policy_text import Portable
from bot.domain.request import Language
from bot.domain.system import Exported
from bot.letters.matter import Stationery
from bot.letters.package import Contents, safe_name, zipped
from bot.letters.results import Voice


def pack_portable(
    stationery: Stationery,
    language: Language,
    contents: Contents,
    voices: Mapping[str, Voice],
    covered: Sequence[Portable],
) -> bytes:
    """Return the package (a zip) of what the person gave each system, by system key; same content, same bytes."""
    entries: dict[str, bytes] = {}
    for system, exports in sorted(contents.items()):
        folder = safe_name(system)
        paths = [_files(folder, number, one, entries) for number, one in enumerate(exports, 1)]
        entries[f"{folder}.json"] = _json(voices[system].name, exports, paths)
        entries[f"{folder}.csv"] = _table(("record", "kind", "field", "value"), _values(exports, paths))
    texts = stationery.texts
    head = tuple(texts.say(language, f"portable.{word}") for word in ("system", "kind", "field", "meaning"))
    rows = (
        (voices[one.system].name, one.kind, path, meaning[language])
        for one in covered
        if one.system in contents
        for path, meaning in one.fields.items()
    )
    entries[texts.say(language, "portable.key_file")] = _table(head, rows)
    return zipped(entries)


def _files(folder: str, number: int, exported: Exported, entries: dict[str, bytes]) -> list[str]:
    paths = []
    for count, (name, body) in enumerate(exported.files, 1):
        paths.append(f"files/{folder}/{number:04}-{count:02}-{safe_name(name)}")
        entries[paths[-1]] = body
    return paths


def _json(name: str, exports: Sequence[Exported], paths: Sequence[Sequence[str]]) -> bytes:
    records = [
        {"kind": one.record.kind, "fields": dict(one.fields), "files": list(files)}
        for one, files in zip(exports, paths, strict=True)
    ]
    whole = {"system": name, "records": records}
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True, default=str).encode()


def _values(exports: Sequence[Exported], paths: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    for number, (one, files) in enumerate(zip(exports, paths, strict=True), 1):
        for path, value in one.fields.items():
            plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            yield str(number), one.record.kind, path, plain
        for file in files:
            yield str(number), one.record.kind, "file", file


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> bytes:
    written = StringIO()
    csv.writer(written).writerows([head, *rows])
    return written.getvalue().encode("utf-8-sig")
