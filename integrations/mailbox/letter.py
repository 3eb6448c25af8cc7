"""What every mailbox demands of a letter before anything is written: one recipient, and names it can be found by."""

import re

from bot.domain.errors import NeedsHuman
from bot.ports import OutgoingMail

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def check_letter(mail: OutgoingMail) -> None:
    """Refuse a letter whose recipient is not exactly one address, or whose files cannot be told apart."""
    addressed = _ADDRESS.fullmatch(mail.recipient) and _ADDRESS.fullmatch(mail.sender)
    names = [one.name for one in mail.attachments]
    filed = all(names) and len(set(names)) == len(names) and all(_TYPE.fullmatch(one.type) for one in mail.attachments)
    if not (addressed and filed and is_message_id(mail.message_id)):
        raise NeedsHuman("trouble.mail_refused")


def is_message_id(text: str) -> bool:
    """Whether *text* is one Message-ID (RFC 5322) and nothing else."""
    return bool(_MESSAGE_ID.fullmatch(text))
