"""What people do in Teams, handed to the desk: typed words, presses, forms, a chosen message, an installation.

Each writes through the desk and waits for no network (D33): the answer to an invoke is the
answer to its request, every other answer is a note sent afterwards. What stands in a channel
is edited by the desk's jobs and never from here.
"""

import logging
import re
from dataclasses import dataclass, field
from typing import Final

from bot.card import Actions, Button, Card, Press, Shown
from bot.domain.errors import NotFound, PrivacyDeskError, StaleCard
from bot.domain.people import Colleague
from bot.domain.request import Language
from handlers.afresh import afresh
from handlers.once import Once
from handlers.parts import list_in, part_in, word_in
from handlers.teams.again import Again
from handlers.teams.dialogs import Dialogs
from handlers.teams.elements import Words
from handlers.teams.front import Json, Reply, TeamsDoor
from handlers.teams.messages import CHAT
from handlers.teams.notes import Notes
from handlers.teams.replies import THANKS, UNKNOWN, card_reply, error_reply, sentence_dialog, sentence_reply
from handlers.teams.values import Given, Heard, Kind, read_action, read_activity, read_fallback, read_text

log = logging.getLogger(__name__)

#: What is said to the desk for whoever just met it.
HOME: Final = "home"
#: How Microsoft names what is asked of a bot.
INVOKE: Final = re.compile(r"[A-Za-z]{1,40}/[A-Za-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Activities:
    """Everything Teams may send us, one method each."""

    teams: TeamsDoor
    notes: Notes
    again: Again = field(default_factory=Again)
    greeted: Once = field(default_factory=Once)
    seen: Once = field(default_factory=Once)

    async def hear(self, body: Json) -> Reply:
        """Answer an activity that was let in. Raises `Unreadable`."""
        heard = read_activity(body)
        await self.teams.messenger.references.remember(body)
        return await self.again.answer(heard.key, lambda: self._answer(heard))

    async def _answer(self, heard: Heard) -> Reply:
        match heard.kind:
            case Kind.MESSAGE:
                return await self._message(heard)
            case Kind.INSTALLED | Kind.CONVERSATION:
                return await self._met(heard)
            case Kind.OTHER_INVOKE:
                log.info("nobody listens to %s", _named(word_in(heard.body, "name", "")))
                return UNKNOWN
            case Kind.OTHER:
                return THANKS
            case _:
                return await self._asked(heard)

    async def _asked(self, heard: Heard) -> Reply:
        """Answer an invoke for a colleague; refusals are theirs alone."""
        refuse = sentence_reply if heard.kind is Kind.ACTION else sentence_dialog
        given = read_action(heard) if heard.kind is Kind.ACTION else Given()
        actor = await self._colleague(heard, acts=not given.automatic)
        if actor is None:
            return error_reply(403, self._unknown()) if given.automatic else refuse(self._unknown())
        try:
            if heard.kind is Kind.ACTION:
                return await self._acted(heard, given, actor)
            return await Dialogs(self.teams, self.notes).answer(heard, actor)
        except PrivacyDeskError as refusal:
            sentence = self.teams.desk.explain(actor.language, refusal)
            return error_reply(409, sentence) if given.automatic else refuse(sentence)

    async def _acted(self, heard: Heard, given: Given, actor: Colleague) -> Reply:
        desk, words = self.teams.desk, self._words(actor)
        if given.about:
            await self._meet(heard, given.about)
            own = None if heard.place.private else [heard.sender]  # what they see then asks again as it did
            return card_reply(await desk.view(actor, given.about), words, own)
        press = given.pressed
        try:
            card = await desk.press(actor, press)
        except StaleCard as stale:
            return await self._as_it_is_now(press, actor, stale)
        if press.verb in self.teams.private:
            self.notes.show(heard, card, words, self._elsewhere(words))
            return sentence_reply(self.teams.texts.say(actor.language, "teams.shown_privately"))
        return card_reply(card, words)

    async def _meet(self, heard: Heard, about: str) -> None:
        """Tell the desk, once, of a card in the channel whose reader asks for a view of their own.

        It may know nothing of it. A view of one's own stands in the same message, and no answer to a press asks for
        one, so nothing else is taken for such a card.
        """
        card = word_in(heard.body, "replyToId", "")
        if heard.place.room != self.teams.channel or not card:
            return
        async with self.seen.one_time(card) as to_do:
            if to_do:
                await self.teams.desk.met(CHAT, heard.place.room, card, about)

    async def _as_it_is_now(self, press: Press, actor: Colleague, stale: StaleCard) -> Reply:
        """Return the card afresh below the refusal. Raises *stale* where the target has no card of its own."""
        card = await afresh(self.teams.desk, actor, press, stale)
        if card is None:
            raise stale
        return card_reply(card, self._words(actor))

    async def _message(self, heard: Heard) -> Reply:
        """Typed words, or a button in a client that knows no Action.Execute; answered by a note."""
        actor = await self._colleague(heard)
        if actor is None:
            self._turn_away(heard)
            return THANKS
        words = self._words(actor)
        try:
            given = read_fallback(heard)
            shown = await (self._said(heard, actor) if given is None else self._fallen_back(heard, given, actor))
        except PrivacyDeskError as refusal:
            self.notes.show(heard, self.teams.desk.explain(actor.language, refusal), words, self._elsewhere(words))
            return THANKS
        if shown is not None:
            self.notes.show(heard, _as_card(shown), words, self._elsewhere(words))
        return THANKS

    async def _said(self, heard: Heard, actor: Colleague) -> Shown | None:
        known_by = f"{CHAT} {heard.key}" if heard.key else ""
        return await self.teams.desk.hear(actor, read_text(heard), known_by, private=heard.place.private)

    async def _fallen_back(self, heard: Heard, given: Given, actor: Colleague) -> Card | None:
        """Carry out what an Action.Submit says; None where the card stands, which a job edits."""
        desk, press = self.teams.desk, given.pressed
        if given.submit:
            return await desk.submit(actor, press, given.values)
        if press.verb in self.teams.private or heard.place.room != self.teams.channel:
            return await desk.press(actor, press)
        await desk.act(actor, press)
        return None

    async def _met(self, heard: Heard) -> Reply:
        """Greet, once, who has just let the bot into their own conversation."""
        if heard.place.private and heard.user and _is_hello(heard):
            async with self.greeted.one_time(heard.user) as first:
                if first:
                    await self._greet(heard)
        return THANKS

    async def _greet(self, heard: Heard) -> None:
        actor = await self._colleague(heard)
        if actor is None:
            self._turn_away(heard)
            return
        words = self._words(actor)
        try:
            shown = await self.teams.desk.say(actor, HOME, private=True)
        except PrivacyDeskError as refusal:
            self.notes.show(heard, self.teams.desk.explain(actor.language, refusal), words, "")
        else:
            self.notes.show(heard, _as_card(shown), words, "")

    async def _colleague(self, heard: Heard, *, acts: bool = True) -> Colleague | None:
        """Return who acts; None for somebody the desk does not know, which it writes down of whoever *acts*."""
        if not heard.user:
            log.warning("refused somebody whom Teams gives no id of our directory")
            return None
        try:
            return await self.teams.desk.recognise(CHAT, heard.user, acts=acts)
        except NotFound:
            return None

    def _unknown(self) -> str:
        """Return the refusal in every language: which one they read is not known."""
        refusal = NotFound("refusal.unknown_colleague")
        return "\n".join(self.teams.desk.explain(language, refusal) for language in Language)

    def _turn_away(self, heard: Heard) -> None:
        """Tell somebody whom the desk does not know whom to ask."""
        words = Words.of(self.teams.texts, self.teams.language)
        self.notes.show(heard, self._unknown(), words, self._elsewhere(words))

    def _elsewhere(self, words: Words) -> str:
        return self.teams.texts.say(words.language, "teams.answered_elsewhere")

    def _words(self, actor: Colleague) -> Words:
        return Words.of(self.teams.texts, actor.language)


def _named(name: str) -> str:
    """Return what an invoke is called when it looks like one of Microsoft's names; nothing else is written down."""
    return name if INVOKE.fullmatch(name) else "an invoke without a name"


def _is_hello(heard: Heard) -> bool:
    """Whether the bot was added: an installation, or itself among those who came."""
    if heard.kind is Kind.INSTALLED:
        return word_in(heard.body, "action", "") == "add"
    ours = word_in(part_in(heard.body, "recipient"), "id", "")
    return any(member.get("id") == ours for member in list_in(heard.body, "membersAdded"))


def _as_card(shown: Shown) -> Card:
    """Return a form as a card with the button that opens it: only a press can open a dialog."""
    if isinstance(shown, Card):
        return shown
    button = Button(f"{shown.title}…", shown.press, opens_form=True)
    return Card(shown.title, (Actions((button,)),), shown.title)
