"""Pieces of a mail, put together as a mail (RFC 5322).

Every value is a stranger's: a line end in one must not become another field, so each is
brought to one line and encoded, and every body is base64, which holds no boundary.
"""

import hashlib
import re
from base64 import encodebytes
from dataclasses import dataclass, field
from email.header import Header
from email.utils import encode_rfc2231
from typing import Final

BINARY: Final = "application/octet-stream"
LONGEST: Final = 2_000  # letters of one value; longer ones are attacks
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}", re.IGNORECASE)
#: Signs by which a name could pass for an address.
_SIGNS: Final = re.compile(r"[<>@\"\\,;:()\[\]]+")
_ADDRESS: Final = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


@dataclass(frozen=True, slots=True)
class Hung:
    """Something that hung on the mail: its name and type are kept, its content is never fetched."""

    name: str = field(repr=False)
    type: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """The pieces: people as (name, address), fields and bodies as (name or type, content)."""

    senders: tuple[tuple[str, str], ...] = field(repr=False)
    recipients: tuple[tuple[str, str], ...] = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    bodies: tuple[tuple[str, bytes], ...] = field(repr=False)
    hung: tuple[Hung, ...] = ()


def written(parcel: Parcel) -> bytes:
    """Return the mail."""
    people = (("From", parcel.senders), ("To", parcel.recipients))
    lines = [f"{name}: {', '.join(map(_person, some))}" for name, some in people if some]
    lines += [f"{name}: {_worded(value)}" for name, value in parcel.fields if _one_line(value)]
    body = _joined("alternative", [_part(kind, content) for kind, content in parcel.bodies])
    if parcel.hung:
        body = _joined("mixed", [body, *map(_hung, parcel.hung)])
    return "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode("ascii", "replace") + body


def _joined(kind: str, parts: list[bytes]) -> bytes:
    if len(parts) == 1:
        return parts[0]
    mark = hashlib.sha256(b"".join(parts)).hexdigest().encode()
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind.encode(), mark)
    return head + b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts) + b"--%s--\r\n" % mark


def _part(kind: str, content: bytes) -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(content)


def _hung(hung: Hung) -> bytes:
    kind = hung.type if _TYPE.fullmatch(hung.type) and not hung.type.lower().startswith("message/") else BINARY
    name = encode_rfc2231(_one_line(hung.name), "utf-8")
    return f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename*={name}\r\n\r\n".encode()


def _person(person: tuple[str, str]) -> str:
    name, address = _one_line(_SIGNS.sub(" ", person[0])), _one_line(person[1])
    address = address if _ADDRESS.fullmatch(address) else ""
    if not name:
        return f"<{address}>"
    shown = f'"{name}"' if name.isascii() else Header(name, "utf-8", maxlinelen=0).encode()
    return f"{shown} <{address}>"


def _worded(value: str) -> str:
    line = _one_line(value)
    return line if line.isascii() else Header(line, "utf-8", maxlinelen=0).encode()


def _one_line(value: str) -> str:
    tame = value.encode("utf-8", "replace").decode()  # a lone half of a pair of letters cannot be written
    return " ".join(_CONTROL.sub(" ", tame).split())[:LONGEST]
