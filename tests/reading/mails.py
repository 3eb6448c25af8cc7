"""Mails for the tests: the labelled forty, the huge one built here, and our own from their tables."""

import base64
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.reading import ReadingContext
from config.lexicons import load_leaning, load_lexicons

LABELLED: Final = Path(__file__).resolve().parent.parent / "mails"
TABLES: Final = (
    "variants.toml",
    "variants_more.toml",
    "variants_third.toml",
    "variants_last.toml",
    "variants_fifth.toml",
    "variants_sixth.toml",
    "variants_seventh.toml",
    "variants_eighth.toml",
    "variants_ninth.toml",
)
#: Mails written by who did not know the lexicon, and plain ones of our own: measured as a whole, not one by one.
BLIND: Final = (
    "blind_a.toml",
    "blind_b.toml",
    "blind_c.toml",
    "blind_d.toml",
    "own_short.toml",
    "own_whole.toml",
    "own_classes.toml",
)
#: The tables the leaning is learnt from.
LEARNT: Final = (*TABLES, *BLIND)
CONTEXT: Final = ReadingContext(lexicons=load_lexicons(), leaning=load_leaning())
RECEIVED: Final = "2026-03-16T09:00:00+01:00"
HUGE: Final = "034"
LINE: Final = 76


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mail and what people say it is."""

    name: str
    label: Mapping[str, Any]

    @property
    def raw(self) -> bytes:
        return huge_mail() if self.name == HUGE else (LABELLED / f"{self.name}.eml").read_bytes()


def labelled() -> Iterator[Labelled]:
    for path in sorted(LABELLED.glob("*.json")):
        yield Labelled(path.stem, json.loads(path.read_text(encoding="utf-8")))


def huge_mail() -> bytes:
    """Return 034.eml byte for byte: eight megabytes of a pattern have no place in a repository."""
    head = """Return-Path: <carlos.mendez@example.com>
Received: from mail.example.com (mail.example.com [192.0.2.25])
 by mx1.gotowork.example with ESMTPS id 4Qx10403;
 Fri, 20 Mar 2026 09:00:00 +0100
Authentication-Results: mx1.gotowork.example;
 spf=pass smtp.mailfrom=carlos.mendez@example.com;
 dkim=pass header.d=example.com;
 dmarc=pass header.from=example.com
From: =?utf-8?q?Carlos_M=C3=A9ndez?= <carlos.mendez@example.com>
To: info@goto.work
Subject: Request for my data + passport
Date: Fri, 20 Mar 2026 09:00:00 +0100
Message-ID: <20260320.2c8792af@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_mix_51d2"

This is a multi-part message in MIME format.
--=_mix_51d2
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Hello,

I attended your workshop in January. Please send me a copy of all the perso=
nal data you hold about me. I attach a scan of my passport so that you know=
 it is me.

Carlos M=C3=A9ndez
--=_mix_51d2
Content-Type: image/jpeg
Content-Disposition: attachment;
 filename="passport_scan_FICTITIOUS.jpg"
Content-Transfer-Encoding: base64

"""
    encoded = base64.b64encode(bytes(range(256)) * 24_576).decode()
    lines = [encoded[at : at + LINE] for at in range(0, len(encoded), LINE)]
    return "\r\n".join([*head.rstrip("\n").split("\n"), "", *lines, "--=_mix_51d2--", ""]).encode()


def variants(*tables: str) -> Iterator[Mapping[str, Any]]:
    for table in tables or TABLES:
        yield from tomllib.loads((Path(__file__).with_name(table)).read_text(encoding="utf-8"))["mail"]


def written(wish: Mapping[str, Any]) -> bytes:
    """Return the mail a table's row describes, as our server would have received it."""
    sender = wish.get("from", "Kim Holm <kim.holm@example.org>")
    address = sender.rpartition("<")[2].strip(">")
    domain = address.partition("@")[2]
    verdict = wish.get("auth", "pass")
    kind, body = ("text/html", wish["html"]) if "html" in wish else ("text/plain", wish.get("body", ""))
    head = [
        f"Return-Path: <{address}>",
        "Received: from mail.example.org (mail.example.org [192.0.2.25])",
        " by mx1.gotowork.example with ESMTPS id 4Q1; Mon, 16 Mar 2026 09:00:00 +0100",
        f"Authentication-Results: mx1.gotowork.example; spf={verdict} smtp.mailfrom={address};",
        f" dkim={verdict} header.d={domain}; dmarc={verdict} header.from={domain}",
        f"From: {sender}",
        "To: info@goto.work",
        f"Subject: =?utf-8?b?{base64.b64encode(wish['subject'].encode()).decode()}?=",
        "Date: Mon, 16 Mar 2026 09:00:00 +0100",
        f"Message-ID: <{wish['id']}@example.org>",
        "MIME-Version: 1.0",
        *([f"Reply-To: <{wish['reply_to']}>"] if "reply_to" in wish else []),
        *wish.get("headers", []),
    ]
    return "\r\n".join([*head, *_body(kind, body, wish.get("attachments", []))]).encode()


def _body(kind: str, body: str, attachments: list[str]) -> list[str]:
    own = [f"Content-Type: {kind}; charset=utf-8", "", *body.split("\n")]
    if not attachments:
        return own
    parts = ['Content-Type: multipart/mixed; boundary="=_b"', "", "--=_b", *own]
    for name in attachments:
        parts += ["--=_b", "Content-Type: application/pdf", f'Content-Disposition: attachment; filename="{name}"']
        parts += ["Content-Transfer-Encoding: base64", "", "JVBERi0="]
    return [*parts, "--=_b--", ""]


#: Whole mails for tests that leave the damage to chance.
MAILS_FOR_CHANCE: Final = [mail.raw for mail in labelled() if mail.name != HUGE]
