"""The mails of the demo, and the mail server that takes them in.

Made when dropped, so that their dates are today's and the same sample can be dropped twice.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from bot.domain.deadline import SWEDEN
from bot.domain.request import Language
from bot.i18n import LOCALES
from bot.ports import Clock
from handlers.console import Sample

INTAKE: Final = "info@goto.work"
DESK: Final = "dsr@gotowork.example"
SENT_BEFORE: Final = timedelta(days=2)


def samples(file: Path) -> tuple[Sample, ...]:
    """Return the samples of a file; each one's bytes are its stanza, made into a mail when dropped."""
    return tuple(
        Sample(one["key"], {Language.SV: one["sv"], Language.EN: one["en"]}, _key(one["key"]))
        for one in _stanzas(file.read_text(encoding="utf-8"))
    )


@lru_cache(maxsize=1)  # by its text: read for every mail that is dropped
def _stanzas(text: str) -> Sequence[Mapping[str, Any]]:
    return tuple(tomllib.loads(text)["sample"])


def _key(key: str) -> bytes:
    return b"sample:" + key.encode()


def as_received(raw: bytes, file: Path, clock: Clock, authserv_id: str) -> bytes:
    """Return a dropped mail as our mail server would hand it on: with its own Received and findings on top."""
    if raw.startswith(b"sample:"):
        key = raw.removeprefix(b"sample:").decode()
        stanzas = _stanzas(file.read_text(encoding="utf-8"))
        raw = _mail(next(one for one in stanzas if one["key"] == key), clock.now())
    parsed = message_from_bytes(raw)
    if any(f"by {authserv_id}" in str(line) for line in parsed.get_all("Received", [])):
        return raw
    return _stamped(raw, parseaddr(str(parsed.get("From", "")))[1], clock.now(), authserv_id)


def _stamped(raw: bytes, sender: str, now: datetime, authserv_id: str) -> bytes:
    domain = sender.rpartition("@")[2]
    when = format_datetime(now.astimezone(SWEDEN))
    lines = (
        f"Return-Path: <{sender}>",
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.25])",
        f" by {authserv_id} with ESMTPS id {uuid4().hex[:8]};",
        f" {when}",
        f"Authentication-Results: {authserv_id};",
        f" spf=pass smtp.mailfrom={sender};",
        f" dkim=pass header.d={domain};",
        f" dmarc=pass header.from={domain}",
    )
    return "\r\n".join(lines).encode() + b"\r\n" + raw


def _mail(stanza: Mapping[str, Any], now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((stanza["name"], stanza["address"]))
    mail["To"] = DESK if stanza["address"] == INTAKE else INTAKE
    mail["Subject"] = stanza["subject"]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{uuid4().hex}@{stanza['address'].rpartition('@')[2]}>"
    if stanza.get("bulk"):
        mail["Precedence"] = "bulk"
    sent = (now - SENT_BEFORE).astimezone(SWEDEN).replace(hour=21, minute=47)
    facts = {f"sent_{language}": _outlook(sent, language) for language in Language}
    mail.set_content(stanza["text"].strip().format(**facts) + "\n")
    return mail.as_bytes()


def _outlook(moment: datetime, language: Language) -> str:
    month = LOCALES[language].months["format"]["wide"][moment.month]
    if language is Language.SV:
        return f"{moment.day} {month} {moment.year} {moment:%H:%M}"
    return f"{month} {moment.day}, {moment.year} {moment:%-I:%M %p}"
