"""Mail that a colleague passed on: whose it is, and since when it has been with us.

The clock runs from the original receipt, not from the day a colleague found the mail
(C11, R4). The original is the first sender from above who is not one of us; what lies
below that mail is what *it* quotes. A moment that cannot be read falls back on the
forward's own, and says so.
"""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.request import SenderEvidence
from bot.reading.dates import moment_in
from bot.reading.headers import Mailbox
from bot.reading.message import Mail, ReadingContext, read_mail, split_title
from bot.reading.quotes import Block, Thread, own_words, take_apart, without_signature
from bot.reading.sentences import tidy


@dataclass(frozen=True, slots=True)
class Original:
    """What the person wrote: the words to judge, without quotations and signature, and where they come from.

    `started` is when it reached us; `unsure` asks a person to settle it. `note` is the colleague's own remark.
    `hops` counts the colleagues it went through (0: it came straight to us).
    """

    sender: Mailbox = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    signature: str = field(repr=False)
    quoted: str = field(repr=False)
    started: datetime | None
    unsure: bool
    replies: bool
    evidence: SenderEvidence
    mail: Mail = field(repr=False)
    note: str = field(default="", repr=False)
    hops: int = 0


def original_of(mail: Mail, raw: bytes, context: ReadingContext) -> Original:
    """Return what is to be judged of *mail*: itself, or what a colleague passed on."""
    ours = context.is_ours(mail.sender.address)
    if ours and mail.body.inner:
        inner = _attached(mail, raw, context)
        if inner:
            return inner
    thread = take_apart(mail.text)
    if ours and thread.blocks:
        return _from_blocks(mail, thread, context)
    text, signature = without_signature(thread.own)
    return Original(
        mail.sender,
        mail.title,
        text.strip(),
        signature,
        thread.below,
        mail.received,
        not mail.received_sure,
        mail.replies or bool(thread.below),
        SenderEvidence.FORWARDED if ours else mail.evidence,
        mail,
    )


def _attached(mail: Mail, raw: bytes, context: ReadingContext) -> Original | None:
    """Return the mail attached to a colleague's mail, if a stranger sent it."""
    for start, end in mail.body.inner:
        inner = read_mail(raw[start:end], context)
        if inner.sender.address and not context.is_ours(inner.sender.address):
            thread = take_apart(inner.text)
            text, signature = without_signature(thread.own)
            return Original(
                inner.sender,
                inner.title,
                text.strip(),
                signature,
                thread.below,
                inner.received or mail.received,
                not inner.received_sure,
                inner.replies,
                SenderEvidence.FORWARDED,
                inner,
                mail.text,
                1,
            )
    return None


def _from_blocks(mail: Mail, thread: Thread, context: ReadingContext) -> Original:
    strangers = [n for n, block in enumerate(thread.blocks) if _is_stranger(block, context)]
    at = strangers[0] if strangers else len(thread.blocks) - 1
    block, below = thread.blocks[at], thread.blocks[at + 1 :]
    own, quoted = own_words(block.text.split("\n"))
    text, signature = without_signature(own)
    written = moment_in(block.sent, ZoneInfo(context.tz))
    readable = written is not None and (mail.received is None or written.moment <= mail.received)
    prefixes, title = split_title(tidy(block.subject))
    return Original(
        block.sender,
        title or mail.title,
        text.strip(),
        signature,
        "\n\n".join([*(older.text for older in below), quoted]).strip(),
        written.moment if written and readable else mail.received,
        not (written and readable and written.sure),
        bool(below or quoted) or any(word in {"re", "sv"} for word in prefixes),
        SenderEvidence.FORWARDED,
        mail,
        thread.own,
        at + 1,
    )


def _is_stranger(block: Block, context: ReadingContext) -> bool:
    return bool(block.sender.address) and not context.is_ours(block.sender.address)
