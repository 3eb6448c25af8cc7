"""Dialogs: a form that is opened and sent, a message that was chosen from its menu.

A lack keeps the dialog open with the sentence at the top and what was typed; a refusal is
the last thing it says. A card in a dialog has no buttons, for Teams lets them neither act nor
open anything there: what is new to who asked comes as a message to them alone too, where they work.
"""

from dataclasses import dataclass

from bot.card import Actions, Card, Form, Press, Verb
from bot.domain.errors import Incomplete, NotFound
from bot.domain.people import Colleague
from handlers.teams.elements import Words
from handlers.teams.front import Reply, TeamsDoor
from handlers.teams.messages import FROM_MESSAGE, NEW, command_of, read_chosen
from handlers.teams.notes import Notes
from handlers.teams.replies import CLOSED, UNKNOWN, card_dialog, form_dialog, refilled
from handlers.teams.values import EXTENSION, Given, Heard, Kind, read_dialog


@dataclass(frozen=True, slots=True)
class Dialogs:
    """Opens dialogs and takes what is sent from them. Every method raises `PrivacyDeskError` and `Unreadable`."""

    teams: TeamsDoor
    notes: Notes

    async def answer(self, heard: Heard, actor: Colleague) -> Reply:
        """Answer what asks for a dialog, or what was sent from one."""
        match heard.kind:
            case Kind.EXTENSION_FETCH:
                return await self._chosen(heard, actor)
            case Kind.FETCH:
                return await self._opened(heard, read_dialog(heard).pressed, actor)
            case _:
                return await self._sent(heard, read_dialog(heard), actor)

    async def _opened(self, heard: Heard, press: Press, actor: Colleague) -> Reply:
        desk, words = self.teams.desk, self._words(actor)
        try:
            return form_dialog(await desk.form(actor, press), words)
        except NotFound:
            if press.verb not in self.teams.private:
                raise
        return self._shown(heard, await desk.press(actor, press), actor)  # it asks nothing; it is for them alone

    async def _sent(self, heard: Heard, given: Given, actor: Colleague) -> Reply:
        desk, words, press = self.teams.desk, self._words(actor), given.pressed
        values = given.values
        try:
            card = await desk.submit(actor, press, values)
        except Incomplete as lack:
            form = refilled(await desk.form(actor, press), values)
            return form_dialog(form, words, desk.explain(actor.language, lack))
        shared = press.verb not in self.teams.private
        if shared and heard.place.room == self.teams.channel != "":  # the card stands there, and a job edits it
            return CLOSED
        if shared and press.verb is not Verb.NEW and heard.kind is Kind.SUBMIT:  # opened from a card
            return card_dialog(card, words)
        return self._shown(heard, card, actor)

    async def _chosen(self, heard: Heard, actor: Colleague) -> Reply:
        """A message was chosen to become a request, or a new request begun beside the text box."""
        desk, words = self.teams.desk, self._words(actor)
        match command_of(heard):
            case command if command == FROM_MESSAGE:
                taken = await desk.take(actor, read_chosen(heard))
                if taken.change is None:
                    return self._shown(heard, taken.card, actor)
                return form_dialog(await desk.form(actor, taken.change), words, taken.card.spoken)
            case command if command == NEW:
                shown = await desk.say(actor, "new")
                return form_dialog(shown, words) if isinstance(shown, Form) else card_dialog(shown, words)
            case _:
                return UNKNOWN

    def _shown(self, heard: Heard, card: Card, actor: Colleague) -> Reply:
        """Show a card that stands nowhere else: a dialog has no working buttons, so it is theirs as a message too."""
        words, say = self._words(actor), self.teams.texts.say
        if not any(isinstance(element, Actions) for element in card.elements):
            return card_dialog(card, words)
        if heard.kind in EXTENSION:
            self.notes.hand(heard, card)
        else:
            self.notes.show(heard, card, words, say(actor.language, "teams.answered_elsewhere"))
        return card_dialog(card, words, say(actor.language, "teams.buttons_in_message"))

    def _words(self, actor: Colleague) -> Words:
        return Words.of(self.teams.texts, actor.language)
