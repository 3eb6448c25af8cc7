"""One person over all chats: a colleague is known by a handle whose verified work address is theirs.

The chats' directories are asked by jobs: at the start, every night, when the people file
changes and when somebody unknown acts; a press only looks at what was stored (D33). What
a directory says now replaces what it said before: a handle that went to somebody else
loses its rights in the same transaction. So does an id in the people file whose account is
somebody else's, a guest's or closed: a slip of the pen must not make a stranger an officer.
Where the chat shows no address, what is written counts. No address is stored and none is logged.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.domain.errors import NotFound, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.ledger import DESK, LedgerEvent
from bot.domain.people import Colleague, same_address
from bot.domain.roster import NOT_THEIRS
from bot.ports import Call, ChatIdentity, Directory, Job, JobKind, Unit
from bot.services.house import House
from bot.services.showing.posting import tell
from bot.services.staff.roster import brought_up, catch_up

log = logging.getLogger(__name__)

#: An answer of a directory stands this long: a look at everybody that was broken off goes on where it was.
FRESH: Final = timedelta(minutes=10)
#: A stranger's conversation is forgotten after this long.
STRANGE: Final = timedelta(days=1)
#: By then every process has read what one of them stored (`bot.app.watching`).
KNOWN_EVERYWHERE: Final = timedelta(minutes=1)


def ask_everybody() -> Job:
    """Return the job that asks every chat's directory for every colleague."""
    return Job(JobKind.KNOW_PEOPLE, "know_people")


async def recognise(house: House, chat: str, handle: str, *, acts: bool = True) -> Colleague:
    """Return whose a handle is. Raises `NotFound`; of who is new to us the directory is asked in a moment.

    Known people cost no look into the store. Of somebody unknown who does nothing (*acts* False: a card came into
    their sight) nothing is written: nobody was refused anything.
    """
    try:
        return house.people.by_handle(chat, handle)
    except NotFound:
        pass
    async with house.work() as unit:
        known = await unit.identities.of(chat, handle)
        if known is not None and known.colleague:  # another process was told
            await brought_up(unit, house)
            return house.people.by_handle(chat, handle)
        if acts and (known is None or house.now() - known.verified_at >= FRESH):
            await _ask_about(unit, house, chat, handle, known)
    raise NotFound("refusal.unknown_colleague")


async def _ask_about(unit: Unit, house: House, chat: str, handle: str, known: ChatIdentity | None) -> None:
    if known is None:
        log.warning("refused an unknown colleague in %s: %s", chat, handle)
        await unit.ledger.write(DESK, LedgerEvent.REFUSED, DESK, {"verb": chat, "why": "refusal.unknown_colleague"})
    await unit.identities.put(ChatIdentity(chat, handle, "", house.now()))
    if chat in house.directories:
        await unit.jobs.put(Job(JobKind.KNOW_PEOPLE, f"know:{chat}:{handle}", (chat, handle)))


async def know(house: House, call: Call) -> None:
    """Job: ask the directories, for everybody or (`call.ids`: chat, handle) for one. Raises `SystemTrouble`."""
    chat, handle = call.ids if call.ids and call.ids[0] in house.directories else ("", "")  # a tick names itself
    answered = [
        directory.chat
        for directory in house.directories.values()
        if chat in ("", directory.chat) and await _asked(house, directory, handle)
    ]
    await catch_up(house)
    if chat:
        return
    alone = [one for one in house.messengers if one not in house.directories]  # there the people file alone counts
    for one in (*answered, *alone):
        await _forget_strangers(house, one)
    async with house.work() as unit:  # a look at somebody unknown that was given up names their handle
        await unit.jobs.forget_set_aside(JobKind.KNOW_PEOPLE)


async def _forget_strangers(house: House, chat: str) -> None:
    """Forget where a chat reaches people who are none of ours (any more): nothing will ever be said to them.

    Whoever spoke to us lately may be somebody the people file is about to name.
    """
    ours = {one.handles[chat].casefold() for one in house.people.colleagues if chat in one.handles}
    async with house.work() as unit:
        for place in await unit.places.personal(chat):
            if place.address.casefold() not in ours and house.now() - place.seen_at >= STRANGE:
                await unit.places.drop(chat, place.tenant, place.address)


async def _asked(house: House, directory: Directory, handle: str) -> bool:
    """Ask one directory; where it does not let us, say so, leave what is known as it is, and return False."""
    try:
        await (_know_one(house, directory, handle) if handle else _know_all(house, directory))
    except TryLater:
        raise
    except OutcomeUnknown as lost:  # it was a question: asking again is harmless
        raise TryLater(lost.key, facts=lost.facts) from None
    except SystemTrouble as refused:
        log.error("the directory of %s: %s %s", directory.chat, refused.key, refused.facts.get("code", ""))
        return False
    return True


async def _know_one(house: House, directory: Directory, handle: str) -> None:
    address = await directory.address_of(handle)
    whose = [one for one in house.people.written.colleagues if same_address(address, one.email)]
    if handle in _written(house, directory.chat):
        return  # given to somebody meanwhile: the look at everybody holds it against their account
    may = [one for one in whose if directory.chat not in one.handles]  # an id in the people file wins
    if may and await directory.handle_of(may[0].email) != handle:
        may = []  # two accounts have that address: whoever asked last does not become that colleague
    async with house.work() as unit:
        if may and not _is_as_asked(house, may[0]):
            return
        await _keep(unit, ChatIdentity(directory.chat, handle, may[0].id if may else "", house.now()))


async def _know_all(house: House, directory: Directory) -> None:
    """Ask for everybody whom the people file gives no id in this chat; forget what nobody stands behind any more."""
    chat, now = directory.chat, house.now()
    async with house.work() as unit:
        stored = {one.handle: one for one in await unit.identities.every() if one.chat == chat}
    written = _written(house, chat)
    refused = {handle for handle, one in written.items() if (await directory.account(handle)).belies(one)}
    for handle in sorted(refused):
        await _refuse(house, chat, handle, written[handle])
    wanted = {one.id: one for one in house.people.written.colleagues if chat not in one.handles}
    lately = {one.colleague for one in stored.values() if one.colleague and now - one.verified_at < FRESH}
    for colleague in wanted.values():
        if colleague.id not in lately:
            handle = await directory.handle_of(colleague.email)
            await _replace(house, chat, colleague, "" if handle in written else handle, stored)
    async with house.work() as unit:
        for one in stored.values():
            if one.handle not in refused and one.colleague not in wanted:
                await _drop(unit, one, written)


def _written(house: House, chat: str) -> Mapping[str, Colleague]:
    """Return whose each id of a chat is by the people file."""
    return {one.handles[chat]: one for one in house.people.written.colleagues if chat in one.handles}


async def _refuse(house: House, chat: str, handle: str, colleague: Colleague) -> None:
    """Take all rights from an id in the people file whose account is not the colleague's; officers hear of it, once.

    A minute later, when every process knows: told at once, an officer's own wrong id would still be written to.
    """
    async with house.work() as unit:
        before = await unit.identities.of(chat, handle)
        if before is not None and before.colleague == NOT_THEIRS:
            return
        await unit.identities.put(ChatIdentity(chat, handle, NOT_THEIRS, house.now()))
        facts: dict[str, str | int] = {"chat": chat, "who": colleague.id}
        await unit.ledger.write(DESK, LedgerEvent.PERSON_UNMAPPED, DESK, facts)
        for officer in house.people.officers():
            await tell(unit, f"unproven:{chat}:{colleague.id}:{house.today()}", officer, house.now() + KNOWN_EVERYWHERE)
    log.error("the id of %s in %s is not theirs: it gives no rights", colleague.id, chat)


async def _replace(
    house: House, chat: str, colleague: Colleague, handle: str, stored: Mapping[str, ChatIdentity]
) -> None:
    async with house.work() as unit:
        if not _is_as_asked(house, colleague):
            return
        for one in stored.values():
            if one.colleague == colleague.id and one.handle != handle:
                await _drop(unit, one, {})
        if handle:
            await _keep(unit, ChatIdentity(chat, handle, colleague.id, house.now()))


def _is_as_asked(house: House, colleague: Colleague) -> bool:
    """Whether the people file still says what the directory was asked by; else whoever changed it has it asked anew."""
    return any(
        one.id == colleague.id and same_address(one.email, colleague.email) for one in house.people.written.colleagues
    )


async def _keep(unit: Unit, told: ChatIdentity) -> None:
    before = await unit.identities.of(told.chat, told.handle)
    was = before.colleague if before is not None else ""
    await unit.identities.put(told)
    if told.colleague == was:
        return
    event = LedgerEvent.PERSON_MAPPED if told.colleague else LedgerEvent.PERSON_UNMAPPED
    facts: dict[str, str | int] = {"chat": told.chat, "who": told.colleague or was, "before": was}
    await unit.ledger.write(DESK, event, DESK, facts)
    log.info("%s %s %s", event, told.chat, told.colleague or was)


async def _drop(unit: Unit, one: ChatIdentity, written: Mapping[str, Colleague]) -> None:
    """Forget whose a handle was, unless it was found to be somebody else's meanwhile.

    An id in the people file that was refused and is not any more is the colleague's again.
    """
    now = await unit.identities.of(one.chat, one.handle)
    if now is None or now.colleague != one.colleague:
        return
    await unit.identities.drop(one.chat, one.handle)
    event, who = LedgerEvent.PERSON_UNMAPPED, one.colleague
    if who == NOT_THEIRS:
        event, who = LedgerEvent.PERSON_MAPPED, written[one.handle].id if one.handle in written else ""
    if who:
        facts: dict[str, str | int] = {"chat": one.chat, "who": who}
        await unit.ledger.write(DESK, event, DESK, facts)
        log.info("%s %s %s", event, one.chat, who)
