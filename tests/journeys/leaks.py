"""Looking for words about a person where none may lie, however they are written.

A word is looked for as it is, whatever its case, and as a program might have written it:
percent-encoded, quoted-printable, JSON-escaped, hexadecimal, UTF-16, and base64 at each of
its three alignments.
"""

import base64
import json
import quopri
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus


def disguises(word: str) -> Iterator[tuple[str, bytes]]:
    """Yield every way a word may lie in bytes, lower-cased where case does not matter, with the way's name."""
    for written in dict.fromkeys((word, word.lower(), word.upper())):
        raw = written.encode()
        yield "clear", raw
        yield "percent", quote(written, safe="").encode()
        yield "plus", quote_plus(written).encode()
        yield "quoted-printable", quopri.encodestring(raw, header=False).rstrip(b"=\n")
        yield "q-encoded", quopri.encodestring(raw, header=True)
        yield "json", json.dumps(written)[1:-1].encode()
        yield "hex", raw.hex().encode()
        yield "utf-16", written.encode("utf-16-le")
        yield "latin-1", written.encode("latin-1", "replace")
        for skew in range(3):
            yield f"base64+{skew}", _inside(base64.b64encode(b"\0" * skew + raw), skew, len(raw))
            yield f"base64url+{skew}", _inside(base64.urlsafe_b64encode(b"\0" * skew + raw), skew, len(raw))


def _inside(encoded: bytes, skew: int, length: int) -> bytes:
    """Return the characters of an encoding that do not depend on what stands before and after."""
    first = -(-skew * 8 // 6)
    return encoded[first : (skew + length) * 8 // 6]


#: Ways whose letters mean themselves only in their own case.
EXACT = ("base64", "utf-16")


def leaks(places: Mapping[str, bytes], secrets: Sequence[str]) -> list[str]:
    """Return "place: word as way" for every word found where it must not be."""
    found = []
    ways = {word: list(dict.fromkeys(disguises(word))) for word in secrets}
    for place, content in places.items():
        lowered = content.lower()
        for word, written in ways.items():
            for way, needle in written:
                exact = way.startswith(EXACT)
                if needle in content if exact else needle.lower() in lowered:
                    found.append(f"{place}: {word} as {way}")
                    break
    return found


def store_files(folder: Path) -> dict[str, bytes]:
    """Return the files of the store as they lie on disk, its log among them."""
    found = {file.name: file.read_bytes() for file in folder.glob("desk.sqlite3*")}
    assert {"desk.sqlite3", "desk.sqlite3-wal"} <= found.keys()
    return found
