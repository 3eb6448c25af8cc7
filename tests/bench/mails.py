"""Many mails at once: requests, the same mail again, newsletters, broken ones, a very large one.

Made by number, so that a test knows what each must become, and the same in every run.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Final

AUTHSERV: Final = "mx1.gotowork.example"
#: What people ask, in words that leave no doubt; the right and the language are the reading's to find.
ASKED: Final = (
    ("Radera mina uppgifter", "Hej, jag vill att ni raderar alla uppgifter ni har om mig.\n\nHälsningar\n{name}"),
    ("Registerutdrag", "Hej! Jag vill ha ett registerutdrag, alltså en kopia av alla uppgifter om mig.\n\n{name}"),
    ("Delete my data", "Hello,\n\nPlease delete all of my personal data.\n\nKind regards\n{name}"),
    ("Access request", "Hello,\n\nunder Article 15 I request a copy of all personal data about me.\n\n{name}"),
)
#: What each of ten mails is; "again" is the one that came four before.
KINDS: Final = ("request", "request", "news", "request", "broken", "request", "request", "news", "request", "again")
NEWS: Final = (
    "Veckans nyheter om ledarskap och hållbart resande. Läs mer på vår webbplats.\n\nDu får brevet som läsare."
)
LARGE: Final = 8_600_000  # bytes


@dataclass(frozen=True, slots=True)
class Pile:
    """Mails as they arrive, and how many of them are what. `again` are second deliveries of mails already counted."""

    raws: Sequence[bytes]
    requests: int
    newsletters: int
    broken: int
    again: int

    @property
    def sources(self) -> int:
        """How many different mails there are."""
        return self.requests + self.newsletters + self.broken


def pile(count: int, now: datetime, *, large: bool = True) -> Pile:
    """Return *count* mails: of ten six are requests, two newsletters, one is broken, one came before."""
    raws: list[bytes] = []
    tally = {"request": 0, "news": 0, "broken": 0, "again": 0}
    for number in range(count):
        at = now - timedelta(seconds=count - number)
        kind = KINDS[number % len(KINDS)]
        tally[kind] += 1
        if kind == "again":
            raws.append(raws[number - 4])
        elif kind == "news":
            raws.append(_mail(number, at, "Nyheter", NEWS, bulk=True))
        elif kind == "broken":
            raws.append(_broken(number))
        else:
            subject, text = ASKED[number % len(ASKED)]
            raws.append(_mail(number, at, subject, text))
    if large:
        raws[0] = _large(raws[0])
    return Pile(raws, tally["request"], tally["news"], tally["broken"], tally["again"])


def sender(number: int) -> str:
    """Return the address mail *number* came from."""
    return f"person{number}@example.org"


def request_senders(count: int) -> list[str]:
    """Return who sent a request among the first *count* mails."""
    return [sender(number) for number in range(count) if KINDS[number % len(KINDS)] == "request"]


def _mail(number: int, at: datetime, subject: str, text: str, *, bulk: bool = False) -> bytes:
    name = f"Person {number}"
    moment = format_datetime(at.astimezone(UTC))
    lists = "List-Unsubscribe: <https://example.org/u>\nPrecedence: bulk\n" if bulk else ""
    passed = f"{AUTHSERV}; spf=pass; dkim=pass header.d=example.org; dmarc=pass header.from=example.org"
    head = (
        f"Authentication-Results: {passed}\nReceived: from mail.example.org by {AUTHSERV}; {moment}\n"
        f"From: {name} <{sender(number)}>\nTo: info@goto.work\nSubject: {subject}\nDate: {moment}\n"
        f"Message-ID: <{number}@example.org>\n{lists}MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return (head + text.format(name=name) + "\n").encode()


def _broken(number: int) -> bytes:
    return b"From: \xff\xfe<<>>\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\xff\r\n%d radera\x00\r\n" % number


def _large(raw: bytes) -> bytes:
    """Return the mail with a picture of more than eight megabytes, as a phone sends it."""
    head, _, text = raw.partition(b"\n\n")
    kept = b"\n".join(line for line in head.split(b"\n") if not line.startswith((b"Content-", b"MIME-")))
    lines = b"\n".join([b"QUJD" * 19] * (LARGE // 77))
    return (
        kept + b'\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text + b"\n"
        b'--b\nContent-Type: image/jpeg; name="bild.jpg"\nContent-Transfer-Encoding: base64\n\n' + lines + b"\n--b--\n"
    )


def lay(raws: Sequence[bytes], inbox: Path) -> None:
    """Put the mails into a Maildir as a mail server would: whole in tmp, then moved into new."""
    for folder in ("tmp", "new", "cur"):
        (inbox / folder).mkdir(parents=True, exist_ok=True)
    for name, raw in _named(raws):
        (inbox / "tmp" / name).write_bytes(raw)
        (inbox / "tmp" / name).rename(inbox / "new" / name)


def _named(raws: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    return ((secrets.token_hex(8), raw) for raw in raws)
