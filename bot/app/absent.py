"""Who is in none of the chats: each chat's check says who is not in it, and only all of them together say of whom."""

from collections.abc import Mapping, MutableMapping

from bot.domain.people import People
from bot.domain.request import Language
from bot.i18n import Texts

#: Whom a chat has nobody for, by the chat's name: colleague ids. One that was not asked of everybody is not in it.
Absent = MutableMapping[str, frozenset[str]]


def in_no_chat(texts: Texts, people: People, absent: Mapping[str, frozenset[str]]) -> list[str]:
    """Return a line for each colleague whom neither Slack nor Teams knows; none where only one of them was asked."""
    if len(absent) < 2:  # who is missing in the only chat has a line from that chat
        return []
    nowhere = frozenset.intersection(*absent.values())
    return [
        texts.say(Language.EN, "check.in_no_chat", {"name": one.name}) for one in people.colleagues if one.id in nowhere
    ]
