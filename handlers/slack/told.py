"""What Slack tells us, answered: our page drawn, a direct message or a mention answered, a posted link looked up.

Slack cannot unfurl a reference in plain words, and what it unfurls of a link everybody in
the channel sees. So nothing is ever unfurled: whoever said the reference gets the ticket's
card for themselves alone, and that they looked is written down as any look-up is (D14, D16).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.card import Actions, Button, Card, Form
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague
from handlers.slack.colleagues import Colleagues
from handlers.slack.elements import Words
from handlers.slack.events import Happened, HomeOpened, Linked, MailsCame, ShutOut, Spoken, delivery
from handlers.slack.front import SlackDoor
from handlers.slack.home import Home
from handlers.slack.messages import CHAT
from handlers.slack.notes import Notes
from handlers.slack.render import Message, message, note
from handlers.slack.values import Place

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """Takes what happened; answers are sent after the ack (D33)."""

    slack: SlackDoor
    notes: Notes
    colleagues: Colleagues
    home: Home

    async def take(self, happened: Happened, event: str) -> None:
        """Do what follows from it, once, whichever process Slack tells of the *event*."""
        match happened:
            case HomeOpened(user):
                await self.home.opened(user)
            case MailsCame(channel, mails):
                for mail in mails if channel == self.slack.mail_channel else ():
                    await self.slack.desk.mail_came(CHAT, channel, mail)
            case Spoken():
                await self._answer(happened, event, happened.asks, private=happened.private)
            case Linked(refs=refs):
                await self._answer(happened, event, [f"visa {ref}" for ref in refs], private=False)
            case ShutOut(why):
                log.error("slack shut us out: %s; install the app again and put its new token in place", why)

    async def _answer(self, said: Spoken | Linked, event: str, asks: Sequence[str], *, private: bool) -> None:
        actor = await self.colleagues.find(said.user)
        if actor is None:
            self._send(said, note(self.colleagues.unknown()), private=private)
            return
        words = self.colleagues.words(actor)
        for part, one in enumerate(asks):
            answer = await self._asked(actor, one, delivery(event, part), words, private=private)
            if answer is not None:
                self._send(said, answer, private=private)

    async def _asked(
        self, actor: Colleague, text: str, known_by: str, words: Words, *, private: bool
    ) -> Message | None:
        desk = self.slack.desk
        try:
            asked = await self.colleagues.by_name(text)
            shown = await desk.hear(actor, asked, known_by, private=private)
        except PrivacyDeskError as refusal:
            return note(desk.explain(actor.language, refusal))
        if shown is None:
            return None
        return message(_offered(shown, words) if isinstance(shown, Form) else shown, words)

    def _send(self, said: Spoken | Linked, answer: Message, *, private: bool) -> None:
        """Send to the direct message it was said in, or for their eyes only where others read."""
        if private:
            self.notes.reply(said.channel, said.thread, answer)
        else:
            self.notes.whisper(Place(channel=said.channel, user=said.user, thread=said.thread), answer)


def _offered(form: Form, words: Words) -> Card:
    """Return a card with a button that opens the form: Slack opens none for typed words alone."""
    button = Button(words.open_form, form.press, opens_form=True)
    return Card(form.title, (Actions((button,)),), f"{form.title}. {words.open_form}.")
