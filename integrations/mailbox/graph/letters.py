"""How a letter leaves: drafted, set in full, read back, and only then sent.

Graph fills a reply's recipients from the mail it answers, Reply-To included, so whoever
wrote that mail would choose them. Every recipient is therefore written over and read
back before the letter goes; a difference means that the draft is thrown away and a
person looks (D7b). The body is ours alone: nothing is quoted.

A letter is found again by its id in a property of the draft that follows it to the sent
items; a draft without it does not leave. Sending is asked of that one draft only, however
often, and a draft leaves once. What a reply is made with is known to be passed over now
and then, so everything is set again on the draft itself.
"""

import logging
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, TryLater
from bot.ports import OutgoingMail
from integrations.http import Api, NotHeld, Nothing
from integrations.mailbox.graph.files import Files
from integrations.mailbox.graph.places import Message, Messages, Recipient, Rooms, quoted
from integrations.mailbox.letter import check_letter, is_message_id

log = logging.getLogger(__name__)

#: The property that holds a letter's id. A name of our own: it must never change.
LETTER: Final = "String {3f1c6d5e-7c52-4a3b-9d0e-2a8f5b64c1d7} Name PrivacyDeskLetter"
STATE: Final = "id,isDraft,toRecipients,ccRecipients,bccRecipients,replyTo"


class Letters:
    """Sends letters from one mailbox, and knows which have left."""

    def __init__(self, api: Api, rooms: Rooms) -> None:
        self._api = api
        self._rooms = rooms
        self._files = Files(api, rooms)

    async def send(self, mail: OutgoingMail) -> None:
        """Send the letter unless it has left; raises `TryLater`, `NeedsHuman` or `OutcomeUnknown`."""
        check_letter(mail)
        written = await self._written(mail.message_id)
        if any(not one.draft for one in written):
            return
        draft = written[0].id if written else await self._draft(mail)
        await self._set(draft, mail)
        await self._files.settle(draft, mail.attachments)
        await self._read_back(draft, mail)
        try:
            await self._api.post(self._rooms.message(draft, "/send"), Nothing)
        except OutcomeUnknown:
            if not await self.was_sent(mail.message_id):
                raise
        except NotHeld as gone:
            if not await self.was_sent(mail.message_id):
                raise TryLater("trouble.mail_later", facts=gone.facts) from None

    async def was_sent(self, message_id: str) -> bool:
        """Whether the letter has left: it lies somewhere and is no draft any longer."""
        return any(not one.draft for one in await self._written(message_id))

    async def _written(self, message_id: str) -> Sequence[Message]:
        """Return the letter's drafts and sent copies, in any folder."""
        which = f"singleValueExtendedProperties/any(p: p/id eq {quoted(LETTER)} and p/value eq {quoted(message_id)})"
        asked = {"$filter": which, "$select": "id,isDraft", "$top": "10"}
        return (await self._api.get(self._rooms.messages, Messages, asked)).value

    async def _draft(self, mail: OutgoingMail) -> str:
        """Return a new draft, a reply where the mail it answers is at hand; nothing has left when this fails."""
        whole: dict[str, JsonValue] = {
            **_said(mail),
            "internetMessageHeaders": [{"name": "X-Auto-Response-Suppress", "value": "All"}],
        }
        try:
            answered = await self._answered(mail.in_reply_to)
            if answered:
                try:
                    reply = self._rooms.message(answered, "/createReply")
                    return (await self._api.post(reply, Message, {"Message": whole})).id
                except NeedsHuman as refusal:  # gone meanwhile, or no mail one can reply to: a letter of its own then
                    log.warning("no reply drafted %s", refusal.key)
            return (await self._api.post(self._rooms.messages, Message, whole)).id
        except OutcomeUnknown as lost:
            raise TryLater("trouble.mail_later", facts=lost.facts) from None

    async def _answered(self, message_id: str) -> str:
        """Return Graph's id of the mail with that Message-ID; "" when there is none to reply to."""
        if not is_message_id(message_id):
            return ""
        asked = {"$filter": f"internetMessageId eq {quoted(message_id)}", "$select": "id,isDraft", "$top": "10"}
        found = (await self._api.get(self._rooms.messages, Messages, asked)).value
        return next((one.id for one in found if not one.draft), "")

    async def _set(self, draft: str, mail: OutgoingMail) -> None:
        """Write over everything that decides who reads what; harmless twice."""
        try:
            await self._api.patch(self._rooms.message(draft), Message, _said(mail))
        except OutcomeUnknown as lost:
            raise TryLater("trouble.mail_later", facts=lost.facts) from None

    async def _read_back(self, draft: str, mail: OutgoingMail) -> None:
        """Refuse a draft that would go to anybody but the recipient, or not be found again, and throw it away."""
        asked = {"$select": STATE, "$expand": f"singleValueExtendedProperties($filter=id eq {quoted(LETTER)})"}
        found = await self._api.get(self._rooms.message(draft), Message, asked)
        others = (*(found.cc or ()), *(found.bcc or ()), *(found.reply_to or ()))
        alone = _addresses(found.to or ()) == [mail.recipient.casefold()] and not others
        marked = [one.value for one in found.properties or ()] == [mail.message_id]
        if alone and marked:
            return
        log.error("draft not as it was set: %s", "no mark" if alone else "other recipients")
        try:
            await self._api.post(self._rooms.message(draft, "/permanentDelete"), Nothing)
        except (NeedsHuman, TryLater, OutcomeUnknown, CredentialsRefused):
            log.warning("draft still lies there")  # it was never sent, and whoever looks is told
        raise NeedsHuman("trouble.mail_refused" if alone else "trouble.mail_recipient")


def _said(mail: OutgoingMail) -> dict[str, JsonValue]:
    return {
        "subject": " ".join(mail.subject.split()),
        "body": {"contentType": "text", "content": mail.text},
        "toRecipients": [{"emailAddress": {"address": mail.recipient}}],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "singleValueExtendedProperties": [{"id": LETTER, "value": mail.message_id}],
    }


def _addresses(recipients: Sequence[Recipient]) -> list[str]:
    return [(one.email.address or "").casefold() for one in recipients]
