"""One mail as its octets. One too big to be fetched whole comes with its head and text: the request is in those.

What was attached to it stays in the mailbox, in the folder of what is filed away, and the
arrival says that it was cut. The same is done for a mail that Graph will not give whole,
however often it is asked: one spoilt mail must not keep all others waiting. Where even the
text is too big its beginning comes, and in the worst case nothing but the fact that a
mail is there: none is ever left unread because of its size.
"""

from typing import Final

from bot.domain.errors import NeedsHuman, TryLater
from bot.ports import Arrival
from integrations.http import Api, NotHeld
from integrations.mailbox.graph.places import Message, Rooms

TOO_LARGE: Final = "trouble.too_large"
#: Fields of the head that tell how the body was packed: the text comes to us unpacked.
PACKING: Final = frozenset({"content-type", "content-transfer-encoding", "mime-version", "content-disposition"})
PACKED: Final = (
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
)
#: What is asked for instead of the whole, less and less.
INSTEAD: Final = ("internetMessageHeaders,body", "internetMessageHeaders,bodyPreview")


async def fetched(api: Api, rooms: Rooms, mail: Message, *, tired: bool = False) -> Arrival | None:
    """Return the mail; None when it is gone. *Tired* of trouble, what there is of it is taken."""
    try:
        return Arrival(mail.id, mail.received, await api.octets(rooms.message(mail.id, "/$value")))
    except NotHeld:
        return None
    except (NeedsHuman, TryLater) as trouble:
        if not (tired or trouble.key == TOO_LARGE):
            raise
    for select in INSTEAD:
        try:
            said = await api.get(rooms.message(mail.id), Message, {"$select": select})
        except NotHeld:
            return None
        except NeedsHuman as trouble:
            if not (tired or trouble.key == TOO_LARGE):
                raise
        else:
            return Arrival(mail.id, mail.received, head_and_text(said), cut=True)
    return Arrival(mail.id, mail.received, head_and_text(Message()), cut=True)


def head_and_text(mail: Message) -> bytes:
    """Return the mail without what was attached, as a mail."""
    head = [_line(one.name, one.value or "") for one in mail.headers or () if one.name.lower() not in PACKING]
    text = (mail.body.content if mail.body else None) or mail.preview or ""
    return "\r\n".join([*head, *PACKED, "", text]).encode("utf-8", "replace")


def _line(name: str, value: str) -> str:
    return f"{name}: {' '.join(value.split())}"
