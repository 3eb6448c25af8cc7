"""Whether each id that the people file gives a colleague is theirs in that chat: held against the verified address."""

from collections.abc import Container

from bot.domain.errors import SystemTrouble
from bot.domain.people import Colleague, People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Directory


async def id_problems(texts: Texts, directory: Directory, people: People, named: Container[str] = ()) -> list[str]:
    """Return a line for each id that is not its colleague's, and one for all that the chat shows no address of.

    Who is *named* (by id) has a line already. A chat that does not answer says so elsewhere in the check.
    """
    chat = directory.chat
    wrong: list[Colleague] = []
    unproven: list[Colleague] = []
    for colleague in people.colleagues:
        handle = colleague.handles.get(chat, "")
        if not handle or colleague.id in named:
            continue
        try:
            account = await directory.account(handle)
        except SystemTrouble:
            break
        if account.belies(colleague):
            wrong.append(colleague)
        elif not account.addresses:
            unproven.append(colleague)
    system = {"system": chat.capitalize()}
    lines = [
        texts.say(Language.EN, "check.id_not_theirs", system | {"name": one.name, "handle": one.handles[chat]})
        for one in wrong
    ]
    if unproven:
        names = texts.together(Language.EN, [one.name for one in unproven])
        lines.append(texts.say(Language.EN, "check.ids_unverified", system | {"names": names}))
    return lines
