"""Reaching a colleague by mail when no chat does (D28).

A mail is read on phones and in previews, so it says less than any card: the reference
and nothing else. What waits and why stands in the chat or on the review page. Only that
something halted is said in full: it names nobody, and the chat may be what does not work.
"""

import hashlib

from bot.domain.errors import NeedsHuman, NotFound
from bot.domain.people import Colleague
from bot.ports import OutgoingMail
from bot.services.house import House
from bot.services.showing.board import HALTED, card_about


async def tell_by_mail(house: House, about: str, colleague: Colleague, *, left: bool = False) -> None:
    """Mail the colleague that something waits, or the officers when that address takes nothing; harmless twice.

    *left*: the colleague seems to have gone, so the officers hear of it as well.
    """
    try:
        async with house.work() as unit:
            await card_about(unit, house, colleague, about)
            _, _, rest = about.partition("reminder:")
            ref = (await unit.tickets.load(rest.split(":")[1])).ref if rest else ""
    except NotFound:
        return  # nothing to show any more
    if colleague.email:
        try:
            await _send(house, about, colleague, _words(house, colleague, ref, await _halted(house, about, colleague)))
        except NeedsHuman:
            pass  # that address takes nothing: the officers see to it
        else:
            if not left:
                return
    for officer in house.people.officers():
        if officer.email and officer.id != colleague.id:
            halted = await _halted(house, about, officer)
            await _send(house, about, officer, _words(house, officer, ref, halted, instead_of=colleague.name))


async def _halted(house: House, about: str, reader: Colleague) -> str:
    """Return what halted and who must do what about it, in the reader's language; "" of anything else."""
    if not about.startswith(HALTED):
        return ""
    async with house.work() as unit:
        return (await card_about(unit, house, reader, about)).spoken


def _words(house: House, reader: Colleague, ref: str, halted: str, instead_of: str = "") -> tuple[str, str]:
    """Return subject and text."""
    facts = {"ref": ref, "name": instead_of}

    def say(key: str) -> str:
        return house.texts.say(reader.language, f"by_mail.{key}", facts)

    why, how = say("not_reached" if instead_of else "why"), halted or say("how" if ref else "how_general")
    return say("subject" if ref else "subject_general"), "\n\n".join([why, how, say("nothing_personal")]) + "\n"


async def _send(house: House, about: str, reader: Colleague, words: tuple[str, str]) -> None:
    subject, text = words
    name = hashlib.sha256(f"{about} {reader.id}".encode()).hexdigest()[:32]
    message_id = f"<{name}@{house.sender.rpartition('@')[2]}>"
    if not await house.mailbox.was_sent(message_id):
        await house.mailbox.send(OutgoingMail(message_id, house.sender, reader.email, subject, text))
