"""A message that a colleague chose to make a request of; its words go to the desk and nowhere else.

learn.microsoft.com, "Define message extension action commands": the message comes whole, as
HTML, with the moment it was written and a link to it.
"""

import re
from datetime import UTC, datetime
from typing import Final

from bot.desk import ChatMessage, Forwarded
from bot.reading.html import read_page
from handlers.parts import Unreadable, list_in, part_in, read_json, word_in
from handlers.teams.front import Json
from handlers.teams.values import Heard

CHAT: Final = "teams"
#: What the message action and the one beside the text box are called in the app's manifest.
FROM_MESSAGE: Final = "requestFromMessage"
NEW: Final = "requestNew"
_ID: Final = re.compile(r"[\w.:@;=+-]{1,200}", re.ASCII)
#: Both of Teams' own addresses: it moves from the first to the second.
_LINK: Final = re.compile(r"https://teams\.(?:microsoft\.com|cloud\.microsoft)/l/message/[^\s<>\"']{1,600}")
#: A message that is quoted, of which Teams gives the beginning, and one that is passed on, whose words it gives.
QUOTED: Final = "messageReference"
PASSED_ON: Final = "forwardedMessageReference"
#: What stands in the words of a message that was passed on for what is not words.
NO_WORDS: Final = ("<attachment", "<img")
#: What hangs on a message without being a file: a quoted message, a card, a picture in the text.
NO_FILES: Final = (QUOTED, PASSED_ON, "application/vnd.microsoft.card", "application/vnd.microsoft.teams.card")


def command_of(heard: Heard) -> str:
    """Return which of the app's commands was chosen. Raises `Unreadable`."""
    return word_in(part_in(heard.body, "value"), "commandId", "")


def read_chosen(heard: Heard) -> ChatMessage:
    """Return the message that was chosen. Raises `Unreadable`."""
    payload = part_in(part_in(heard.body, "value"), "messagePayload")
    message = word_in(payload, "id")
    if not _ID.fullmatch(message):
        raise Unreadable("id")
    files = [word_in(one, "contentType", "") for one in list_in(payload, "attachments")]
    link = word_in(payload, "linkToMessage", "")
    return ChatMessage(
        chat=CHAT,
        place=heard.place.room,
        id=message,
        at=_moment(word_in(payload, "createdDateTime")),
        text=_words(payload),
        link=link if _LINK.fullmatch(link) else "",
        by_app=not part_in(part_in(payload, "from"), "user"),
        files=sum(not kind.startswith(NO_FILES) for kind in files),
        forwarded=_passed_on(payload),
    )


def _passed_on(payload: Json) -> tuple[Forwarded, ...]:
    """Return what is quoted or passed on in a message: JSON in a text (Graph, chatMessageAttachment)."""
    found = []
    for one in list_in(payload, "attachments"):
        kind = word_in(one, "contentType", "")
        if kind in (QUOTED, PASSED_ON):
            try:
                content = part_in({"content": read_json(word_in(one, "content", "{}"))}, "content")
                found.append(_quoted(content) if kind == QUOTED else _forwarded(content))
            except Unreadable:  # that something is missing is said on the card
                found.append(Forwarded("", whole=False))
    return tuple(found)


def _quoted(content: Json) -> Forwarded:
    by = part_in(part_in(content, "messageSender"), "user")
    return Forwarded(word_in(content, "messagePreview", ""), word_in(by, "displayName", ""), whole=False)


def _forwarded(content: Json) -> Forwarded:
    by, words = part_in(part_in(content, "originalMessageSender"), "user"), word_in(content, "originalMessageContent")
    sent = word_in(content, "originalSentDateTime", "")
    return Forwarded(
        text=read_page(words).text.strip(),
        by=word_in(by, "displayName", ""),
        at=_moment(sent) if sent else None,
        whole=not any(mark in words for mark in NO_WORDS),
    )


def _words(payload: Json) -> str:
    """Return what a message says: a channel's post may say it all in its subject."""
    said = (word_in(payload, "subject", "").strip(), _written(part_in(payload, "body")))
    return "\n".join(part for part in said if part)


def _written(body: Json) -> str:
    content = word_in(body, "content", "")
    return read_page(content).text.strip() if word_in(body, "contentType", "html") == "html" else content.strip()


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable("createdDateTime") from None
