"""What the sender wrote, apart from what the sender quotes.

A request that stands only in a quotation is no new request; a new right above one is
(R9). Libraries that strip replies were looked at and left: they cut at the same marks,
but do not give back the header blocks, which the clock of a forward needs (C11).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.reading.headers import Mailbox, mailbox_of

#: Labels of header blocks as mail programs write them, by what they mean.
_LABELS: Final = {
    "from": r"från|from|fra|von|de|lähettäjä",
    "sent": r"skickat|skickad|sent|date|datum|dato|gesendet",
    "to": r"till|to|til|an",
    "copy": r"kopia|cc|kopie|hemlig kopia|bcc",
    "subject": r"ämne|subject|emne|betreff",
    "reply": r"svara till|reply-to",
}
_LABEL = re.compile(
    r"^[>*_ \t]*(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[ \t]*:[*_ ]*(?P<value>.*)$",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"^[>\s]*(?:-{2,}\s*(?:original message|ursprungligt meddelande|originalmeddelande"
    r"|vidarebefordrat (?:meddelande|brev)|forwarded message|vidarebefordrat mejl)\s*-{2,}"
    r"|begin forwarded message:?|vidarebefordrat brev:?|vidarebefordrat mejl:?|påbörjat vidarebefordrat meddelande:?"
    r"|början på vidarebefordrat meddelande:?)\s*$",
    re.IGNORECASE,
)
_FORWARD_MARK = re.compile(r"forward|vidarebefordra", re.IGNORECASE)
_WROTE = re.compile(
    r"^\s*(?:>\s*)?(?=\S)(?=.*(?:\d|@))(?:den|on|op|am|le|\d|mån|tis|ons|tor|fre|lör|sön).{0,250}?"
    r"\b(?:skrev|wrote|schrieb|skreiv|a écrit)\b[^:\n]{0,120}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK_LINES: Final = 14
_SIGNATURE = re.compile(r"^-- ?$")


@dataclass(frozen=True, slots=True)
class Block:
    """A forwarded or quoted mail: who sent it, when as written, its subject and its text below."""

    sender: Mailbox
    sent: str
    subject: str
    text: str = field(repr=False)
    marked_forward: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A text taken apart: what was written on top, then the mails below it, newest first.

    `quoted` holds the lines marked with > and all that follows "... wrote:".
    """

    own: str = field(repr=False)
    blocks: tuple[Block, ...] = ()
    quoted: str = field(default="", repr=False)

    @property
    def below(self) -> str:
        """Everything that is not the writer's own."""
        return "\n\n".join([*(block.text for block in self.blocks), self.quoted]).strip()


def take_apart(text: str) -> Thread:
    """Return what was written and what it quotes."""
    lines = text.split("\n")
    heads = _block_heads(lines)
    top_end = heads[0].mark if heads else len(lines)
    own, quoted = own_words(lines[:top_end])
    blocks: list[Block] = []
    for number, head in enumerate(heads):
        end = heads[number + 1].mark if number + 1 < len(heads) else len(lines)
        blocks.append(_block(head, lines[head.body : end]))
    return Thread(own, tuple(blocks), quoted)


def own_words(lines: Sequence[str]) -> tuple[str, str]:
    """Return what stands outside quotations, and what stands inside.

    Below "... wrote:" a quotation marked with > ends where the marks end (answers below or between); an unmarked
    one runs to the end.
    """
    own: list[str] = []
    quoted: list[str] = []
    rest_is_quoted = False
    skip = 0
    for number, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        length = _wrote_length(lines, number)
        if length:
            skip = length - 1
            following = next((one for one in lines[number + length :] if one.strip()), "")
            rest_is_quoted = not following.lstrip().startswith(">")
        elif rest_is_quoted or line.lstrip().startswith(">"):
            quoted.append(line.lstrip("> \t"))
        else:
            own.append(line)
    return "\n".join(own).strip("\n"), "\n".join(quoted).strip("\n")


def without_signature(text: str) -> tuple[str, str]:
    """Return the text above the signature mark (`-- `), and the signature."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number and _SIGNATURE.match(line.rstrip("\r")):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
    return text, ""


def _wrote_length(lines: Sequence[str], at: int) -> int:
    """Return over how many lines an "On ... wrote:" that begins here runs; 0 when none does."""
    if not lines[at].strip():
        return 0
    for count in (1, 2, 3):
        joined = " ".join(line.strip("> \t") for line in lines[at : at + count])
        if _WROTE.match(joined):
            return count
    return 0


@dataclass(frozen=True, slots=True)
class _BlockHead:
    mark: int
    body: int
    values: dict[str, str]
    marked_forward: bool


def _block_heads(lines: Sequence[str]) -> list[_BlockHead]:
    heads: list[_BlockHead] = []
    at = 0
    while at < len(lines):
        head = _head_at(lines, at)
        if head:
            heads.append(head)
            at = head.body
        else:
            at += 1
    return heads


def _head_at(lines: Sequence[str], at: int) -> _BlockHead | None:
    """Return the header block that begins at line *at*: a sender, a moment and one thing more."""
    label = _LABEL.match(lines[at])
    if not label or label.lastgroup is None or not label["from"]:
        return None
    values: dict[str, str] = {}
    last = ""
    number = at
    for number in range(at, min(len(lines), at + _BLOCK_LINES)):
        line = lines[number].strip("> \t")
        match = _LABEL.match(lines[number])
        if match:
            last = next(name for name in _LABELS if match[name])
            if last in values:
                break
            values[last] = match["value"].strip()
        elif line and _carries_on(line, values, last):
            values[last] += f" {line}"
        elif line or _is_complete(values):
            break
    else:
        number += 1
    if not {"from", "sent"} <= values.keys() or len(values) < 3:
        return None
    mark = at
    while mark and (not lines[mark - 1].strip("> \t_-") or _MARK.match(lines[mark - 1])):
        mark -= 1
    forward = any(_FORWARD_MARK.search(line) for line in lines[mark:at] if _MARK.match(line))
    return _BlockHead(mark, number, values, forward)


def _carries_on(line: str, values: dict[str, str], last: str) -> bool:
    """Whether *line* is the rest of a wrapped address."""
    return last in {"from", "to", "copy"} and "@" in line and "subject" not in values and len(line) < 200


def _is_complete(values: dict[str, str]) -> bool:
    return {"from", "sent", "subject"} <= values.keys()


def _block(head: _BlockHead, lines: Sequence[str]) -> Block:
    marked = [line for line in lines if line.strip()]
    if marked and all(line.lstrip().startswith(">") for line in marked):
        lines = [re.sub(r"^\s*> ?", "", line) for line in lines]
    return Block(
        mailbox_of(head.values["from"]),
        head.values["sent"],
        head.values.get("subject", ""),
        "\n".join(lines).strip("\n"),
        head.marked_forward,
    )
