"""What makes a mail the same when it is seen again, through whatever channel.

Two mistakes can be made and only one of them is cheap: a mail kept twice costs a colleague
a look, one taken for another is a request lost. So the Message-ID decides nothing by
itself (a sender chooses it, and some forms give every mail the same one): the sender and
the *words* must agree too, every letter and digit of title and text in their order, and
the names of what is attached.

What a channel does to a text on its way touches none of that: folded lines, quoted
signs, quotation marks, bold as stars, HTML or its plain twin, the addresses of links and
pictures that a plain twin writes out. Likeness was looked at and left: whatever calls two
texts "nearly the same" can be written for, and then hides the one that matters.
"""

import hashlib
import re
from typing import Final

from bot.domain.request import Proposal
from bot.reading import tidy

#: What a plain twin writes where the page shows a link or a picture: never what a person wrote.
_TWIN_ONLY: Final = re.compile(
    r"<(?:https?://|mailto:|tel:)[^<>]*>"
    r"|\[(?:https?://|mailto:|cid:|image:|bild:)[^\[\]]*\]"
    r"|(?<=\])\((?:https?://|mailto:)[^()\s]*\)",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"[^\W_]+")
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".webp")


def source_of(proposal: Proposal, raw: bytes) -> str:
    """Return what makes a mail the same; by its bytes where it has no Message-ID or no words."""
    said = letters_of(proposal.text)
    if not proposal.message_id or not said:
        return hashlib.sha256(raw).hexdigest()
    parts = (
        proposal.message_id,
        (proposal.requester_email or "").casefold(),
        letters_of(proposal.title),
        said,
        *sorted(letters_of(name) for name in proposal.attachments if not _is_picture(name)),
    )
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def letters_of(text: str) -> str:
    """Return the letters and digits of *text* in their order, without what only a plain twin writes."""
    return "".join(_LETTERS.findall(_TWIN_ONLY.sub(" ", tidy(text)).casefold()))


def _is_picture(name: str) -> bool:
    """Whether an attachment is a picture: signatures are full of them, and channels count them differently."""
    return name.casefold().startswith("image/") or name.casefold().endswith(_PICTURES)
