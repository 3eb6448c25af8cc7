"""Mail that was forwarded into a chat's channel: fetched from there and read like any other (F04).

The handler only notes that it is there; a job fetches it. A chat tells of it for some
minutes and then no more, so what lies in the channel is looked through as well: at the
start, every night, and when a connection to the chat comes about. Our own mail server
never saw such a mail, so nothing it says of its sender can be checked. Whatever cannot be
fetched becomes a ticket all the same, saying why and asking a person to read it where it lies.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.request import Channel, Proposal, Route
from bot.domain.unfetched import Unfetched, mark_of
from bot.ports import BringsMail, Call, ChatMail, Job, JobKind, LyingMail, Unit
from bot.reading import read, unreadable
from bot.services.house import House
from bot.services.intake.intake import BIG, QUIET, take_in
from bot.services.intake.known import Known

#: One moment for all: what is noted once per file is noted under it.
ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Attempts (some hours) after which a person is asked to read the mail where it lies.
PATIENCE: Final = 10
SHARED: Final = "shared"
#: How far back is looked for mail nobody told of: longer than the longest holiday in which a desk may stand still.
BACK: Final = timedelta(days=14)
#: What the chat's refusals mean.
WHY: Final[Mapping[str, Unfetched]] = {
    "trouble.chat_mail_gone": Unfetched.GONE,
    "trouble.chat_mail_no_mail": Unfetched.NO_MAIL,
}


async def expect(unit: Unit, chat: str, place: str, mail: LyingMail) -> None:
    """Have a mail fetched once, however often the chat tells of it and wherever it was found."""
    name = f"chat_mail:{chat}:{mail.file}"
    job = Job(JobKind.FETCH_MAIL, name, (chat, place, mail.file, SHARED if mail.shared else "", mail.message))
    await unit.jobs.fire(name, ONCE, [job])


def look() -> Job:
    """Return the job that looks for mail nobody told of."""
    return Job(JobKind.FIND_MAIL, "chat_mail:find")


async def find(house: House, _call: Call) -> None:
    """Job: note every mail that lies in a chat's channel, told of or not; harmless twice."""
    for chat, place in house.channels.mail.items():
        messenger: object = house.messengers.get(chat)
        if not isinstance(messenger, BringsMail):
            continue
        mails = await messenger.mails(place, house.now() - BACK)
        async with house.work() as unit:
            for mail in mails:
                await expect(unit, chat, place, mail)


async def fetch(house: House, call: Call) -> None:
    """Job: fetch one mail and take it in; harmless twice."""
    chat, _, file, shared, *_ = call.ids
    messenger: object = house.messengers.get(chat)
    if shared or not isinstance(messenger, BringsMail):
        await _keep_without(house, call.ids, Unfetched.SHARED if shared else Unfetched.NO_ACCESS)
        return
    try:
        mail = await messenger.mail(file)
    except (TryLater, OutcomeUnknown) as trouble:
        if call.attempts < PATIENCE:
            raise TryLater(trouble.key, getattr(trouble, "after", None), trouble.facts) from None
        await _keep_without(house, call.ids, Unfetched.LOST)
    except (CredentialsRefused, NeedsHuman) as refused:
        await _keep_without(house, call.ids, _why(refused))
    else:
        await _keep(house, mail, await _link(house, call.ids))


async def give_up(house: House, ids: Sequence[str]) -> None:
    """Ask a person to read a mail that something unforeseen kept from being taken in."""
    await _keep_without(house, ids, Unfetched.LOST)


def _why(refused: SystemTrouble) -> Unfetched:
    return WHY.get(refused.key, Unfetched.NO_ACCESS)


async def _link(house: House, ids: Sequence[str]) -> str:
    """Return the way to a mail; "" when the chat does not say: that keeps no mail from being taken in."""
    chat, place, _, _, *message = ids
    messenger: object = house.messengers.get(chat)
    if not isinstance(messenger, BringsMail) or not any(message):
        return ""
    try:
        return await messenger.link(place, message[0])
    except SystemTrouble:
        return ""


async def _keep(house: House, mail: ChatMail, link: str) -> None:
    proposal = await _read(house, mail)
    if mail.lacks is not None:
        proposal = _doubted(proposal, mail.lacks)
    async with house.work() as unit:
        known = Known(original_with=house.on_call().id, link=link)
        await take_in(unit, house, proposal, mail.raw, Channel.MAIL_IN_CHAT, known=known)


async def _read(house: House, mail: ChatMail) -> Proposal:
    if len(mail.raw) < BIG:
        return read(mail.raw, house.reading, mail.received)
    return await asyncio.to_thread(read, mail.raw, house.reading, mail.received)


def _doubted(proposal: Proposal, lacks: Unfetched) -> Proposal:
    """Return the proposal of a mail of which something is missing: what is not here may be the request."""
    route = Route.HUMAN_REVIEW if proposal.route in QUIET else proposal.route
    return replace(proposal, is_request=True, route=route, flags=proposal.flags | {mark_of(lacks)})


async def _keep_without(house: House, ids: Sequence[str], why: Unfetched) -> None:
    chat, _, file, *_ = ids
    proposal = replace(unreadable(house.now()), errors=(), flags=frozenset({mark_of(why)}))
    lies = why is not Unfetched.GONE
    link = await _link(house, ids) if lies else ""
    async with house.work() as unit:
        known = Known(f"chat_mail {chat} {file}", original_with=house.on_call().id if lies else "", link=link)
        await take_in(unit, house, proposal, b"", Channel.MAIL_IN_CHAT, known=known)
