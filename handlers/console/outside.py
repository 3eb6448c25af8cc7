"""The world outside the desk, as the demo plays it: people write mails, get letters, and time passes.

Here alone content is shown outside a review page: these are the made-up person's own
mails, read in the made-up person's own mailbox.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from bot.domain.errors import Incomplete
from bot.domain.request import Language
from bot.ports import Clock

INBOX: Final = "info@goto.work"
ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail to try the desk with, and what to call it."""

    key: str
    titles: Mapping[Language, str]
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that left."""

    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the console needs to play the world: all of it made up.

    `drop_mail` puts a raw mail where mails arrive; `letters` returns what left, newest first (both may touch
    the disk and are called in a thread). `skip_days` moves the demo's clock on, where it can be moved.
    """

    samples: Sequence[Sample]
    drop_mail: Callable[[bytes], None]
    letters: Callable[[], Sequence[SentLetter]]
    clock: Clock
    skip_days: Callable[[int], Awaitable[None]] | None = None

    def sample(self, key: str) -> bytes:
        """Return a sample mail. Raises `Incomplete` for an unknown one."""
        for sample in self.samples:
            if sample.key == key:
                return sample.raw
        raise Incomplete("console.mail_incomplete", {"field": "sample"})


def written_mail(name: str, address: str, subject: str, text: str, at: datetime) -> bytes:
    """Return a mail to the desk as a person would send it. Raises `Incomplete` when it could not be one."""
    if not ADDRESS.fullmatch(address):
        raise Incomplete("console.mail_incomplete", {"field": "address"})
    if not text.strip():
        raise Incomplete("console.mail_incomplete", {"field": "text"})
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(" ".join(name.split()), *address.rsplit("@", 1))
    mail["To"] = INBOX
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@{address.rpartition('@')[2]}>"
    mail.set_content(text.replace("\r\n", "\n"))
    return mail.as_bytes()
