"""What people do in Slack, handed to the desk: a command, a press, a sent form, a shortcut; and what Slack tells of.

Each writes through the desk, then acks, and waits for no network; Slack's ack itself
carries the answer to a command and to a form. The exception is opening a form, which
writes nothing and must use Slack's trigger within three seconds (D33).
"""

import logging
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.card import Card, Form, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, PrivacyDeskError, StaleCard, SystemTrouble
from bot.domain.people import Colleague
from handlers.afresh import afresh
from handlers.once import Once
from handlers.slack import home
from handlers.slack.colleagues import Colleagues
from handlers.slack.copies import Copies
from handlers.slack.elements import Words
from handlers.slack.events import delivery, event_id, read_event
from handlers.slack.front import SlackDoor
from handlers.slack.messages import CHAT, SHORTCUT, Chosen, read_shortcut
from handlers.slack.notes import Notes
from handlers.slack.render import Json, Message, card_view, form_view, message, note, note_view
from handlers.slack.told import Told
from handlers.slack.trouble import asked
from handlers.slack.values import (
    FORM_VIEW,
    LINK,
    OVER_HOME,
    PRESS,
    Place,
    Pressed,
    Said,
    Submitted,
    read_command,
    read_global,
    read_press,
    read_submission,
)

log = logging.getLogger(__name__)

COMMAND: Final = "/privacy"
#: The shortcut anywhere in Slack: what it means, as a command.
EVERYWHERE: Final = "type_request"
NEW: Final = "new"
#: Seconds until Slack's trigger is no longer good (3, less what the way there takes).
OPEN_WITHIN: Final = 2.5

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listeners:
    """Everything Slack may send us, one method each."""

    slack: SlackDoor
    client: AsyncWebClient
    notes: Notes
    colleagues: Colleagues
    home: home.Home
    told: Told
    once: Once = field(default_factory=Once)
    copies: Copies = field(default_factory=Copies)

    @classmethod
    def of(cls, slack: SlackDoor, client: AsyncWebClient, notes: Notes) -> "Listeners":
        """Return the listeners of a desk."""
        colleagues = Colleagues(slack)
        page = home.Home(slack, notes, colleagues)
        return cls(slack, client, notes, colleagues, page, Told(slack, notes, colleagues, page))

    def listen(self, app: AsyncApp) -> None:
        """Register with bolt."""
        app.command(COMMAND)(self.command)
        app.action(re.compile(f"^{PRESS}"))(self.pressed)
        app.action(re.compile(f"^{LINK}"))(self.followed)
        app.view(FORM_VIEW)(self.submitted)
        app.message_shortcut(SHORTCUT)(self.taken)
        app.global_shortcut(EVERYWHERE)(self.wanted)
        app.event(re.compile(".*"))(self.happened)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """`/privacy …`: the answer is seen by the asker only."""
        said = read_command(body)
        async with self._one_time(said.trigger) as first:
            answer = await self._say(said) if first else None
        if answer is None:
            await ack()
        else:
            await ack(text=answer.text, blocks=answer.blocks, response_type="ephemeral")

    async def pressed(self, ack: AsyncAck, body: Body) -> None:
        """A button or an entry of a menu. The card itself is edited by a job; here only the presser is answered."""
        pressed = read_press(body)
        async with self._one_time(pressed.trigger) as first:
            if first:
                await self._press(pressed)
        await ack()

    async def submitted(self, ack: AsyncAck, body: Body) -> None:
        """A sent form: closed when written, kept open with a sentence at the field that lacks something."""
        given = read_submission(body)
        async with self._one_time(given.trigger) as first:
            answer = await self._submit(given) if first else {"response_action": "clear"}
        await ack(answer)

    async def taken(self, ack: AsyncAck, body: Body) -> None:
        """A message was chosen to become a request. Its words go to the desk; the answer comes after the ack."""
        chosen = read_shortcut(body)
        if chosen is not None:
            async with self._one_time(chosen.trigger) as first:
                if first:
                    await self._take(chosen)
        await ack()

    async def wanted(self, ack: AsyncAck, body: Body) -> None:
        """The shortcut anywhere in Slack: it opens the form for a new request, as `/privacy new` does."""
        wanted = read_global(body)
        async with self._one_time(wanted.trigger) as first:
            if first:
                await self._want(wanted)
        await ack()

    async def happened(self, ack: AsyncAck, body: Body) -> None:
        """Slack tells of something; told again, it is the same event (its id says so)."""
        happened = read_event(body)
        if happened is not None:
            async with self._one_time(event_id(body)) as first:
                if first:
                    await self.told.take(happened, event_id(body))
        await ack()

    async def followed(self, ack: AsyncAck) -> None:
        """A link was followed: nothing to do, but Slack wants to hear that."""
        await ack()

    async def _say(self, said: Said) -> Message | None:
        """Return the answer to a command; None when it is a form, which is open by then, or was answered before."""
        actor = await self.colleagues.find(said.user)
        if actor is None:
            return note(self.colleagues.unknown())
        try:
            asked = await self.colleagues.by_name(said.text)
            shown = await self.slack.desk.hear(actor, asked, delivery(said.trigger))
            if shown is None:
                return None
            if not isinstance(shown, Form):
                return message(shown, self.colleagues.words(actor))
            await self._open(shown, said.trigger, said.channel, actor)
        except PrivacyDeskError as refusal:
            return note(self.slack.desk.explain(actor.language, refusal))
        return None

    async def _press(self, pressed: Pressed) -> None:
        place, slack = pressed.place, self.slack
        actor = await self.colleagues.find(pressed.user)
        if actor is None:
            self.notes.say(place, self.colleagues.unknown(), self.colleagues.words(None))
            return
        words = self.colleagues.words(actor)
        try:
            press = pressed.press
            self.notes.meanwhile(self._meet(place, press.target))  # nobody waits for it: it is not what was pressed
            if pressed.opens_form:
                form = await slack.desk.form(actor, press)
                await self._open(form, pressed.trigger, _opened_in(place), actor, place)
                self.copies.keep(pressed.user, form.press, place)
                return
            if press.verb in slack.private:
                self.notes.show(place, await slack.desk.press(actor, press), words)
            elif place.alone:  # no job edits what lies before one colleague: the answer takes its place
                self.notes.show(replace(place, own=True), await slack.desk.press(actor, press), words)
            else:
                await slack.desk.act(actor, press)
        except PrivacyDeskError as refusal:
            await self._refuse(pressed, actor, refusal)
        if place.of_home:
            await self.home.draw(pressed.user, actor)

    async def _meet(self, place: Place, target: str) -> None:
        """Tell the desk, once, of a card in the channel that somebody pressed: it may know nothing of it."""
        below = place.thread not in {"", place.message}
        if place.own or below or place.channel != self.slack.channel or not place.message:
            return
        try:
            async with self._one_time(f"met {place.message}") as first:
                if first:
                    await self.slack.desk.met(CHAT, place.channel, place.message, target)
        except PrivacyDeskError as trouble:  # the next press on it tells the desk again
            log.warning("card not met: %s", trouble.key)

    async def _refuse(self, pressed: Pressed, actor: Colleague, refusal: PrivacyDeskError) -> None:
        """Say why not. A stale card that the presser alone sees becomes what it is now: no job edits it (F39)."""
        place, desk, words = pressed.place, self.slack.desk, self.colleagues.words(actor)
        stale = refusal if isinstance(refusal, StaleCard) and place.alone else None
        card = await afresh(desk, actor, pressed.press, stale) if stale else None
        if card is None:
            self.notes.say(place, desk.explain(actor.language, refusal), words)
        else:
            self.notes.show(replace(place, own=True), card, words)

    async def _want(self, wanted: Said) -> None:
        actor, slack = await self.colleagues.find(wanted.user), self.slack
        place, words = Place(user=wanted.user, trigger=wanted.trigger), self.colleagues.words(actor)
        if actor is None:
            self.notes.say(place, self.colleagues.unknown(), words)
            return
        try:
            shown = await slack.desk.say(actor, NEW)
            if isinstance(shown, Form):
                await self._open(shown, wanted.trigger, "", actor)
            else:
                self.notes.show(place, shown, words)
        except PrivacyDeskError as refusal:
            self.notes.say(place, slack.desk.explain(actor.language, refusal), words)

    async def _take(self, chosen: Chosen) -> None:
        place, slack = chosen.place, self.slack
        actor = await self.colleagues.find(chosen.user)
        if actor is None:
            self.notes.say(place, self.colleagues.unknown(), self.colleagues.words(None))
            return
        words = self.colleagues.words(actor)
        if chosen.mails and chosen.message.place == slack.mail_channel:  # what Slack perhaps never told us of
            for mail in chosen.mails:
                await slack.desk.mail_came(CHAT, slack.mail_channel, mail)
            self.notes.say(place, slack.texts.say(actor.language, "slack.mail_expected"), words)
            return
        try:
            taken = await slack.desk.take(actor, chosen.message)
            self.notes.show(place, taken.card, words)
            if taken.change is not None:
                self.notes.open(chosen.trigger, form_view(await slack.desk.form(actor, taken.change), "", words))
        except PrivacyDeskError as refusal:
            self.notes.say(place, slack.desk.explain(actor.language, refusal), words)

    async def _submit(self, given: Submitted) -> dict[str, Any]:
        slack = self.slack
        actor = await self.colleagues.find(given.user)
        if actor is None:
            return _page(note_view(self.colleagues.unknown(), self.colleagues.words(None)))
        words = self.colleagues.words(actor)
        try:
            card = await slack.desk.submit(actor, given.press, given.values)
        except Incomplete as lack:
            sentence, name = slack.desk.explain(actor.language, lack), lack.facts.get("field", "")
            if name in given.fields:
                return {"response_action": "errors", "errors": {name: sentence}}
            return {"response_action": "push", "view": note_view(sentence, words)}
        except PrivacyDeskError as refusal:
            return _page(await self._refused(given, actor, refusal))
        if given.press.verb not in slack.private:
            self._replace_copies(given, card, words)
        if given.channel == OVER_HOME:
            await self.home.draw(given.user, actor)
        if given.channel == slack.channel and not self._for_them_alone(given.press.verb):  # a job edits it there
            return {"response_action": "clear"}
        return _page(card_view(card, words, over_home=given.channel == OVER_HOME))

    async def _refused(self, given: Submitted, actor: Colleague, refusal: PrivacyDeskError) -> Json:
        """Return the page that says why not; of a card that has changed, below it the card as it is now (F39)."""
        desk, words = self.slack.desk, self.colleagues.words(actor)
        card = await afresh(desk, actor, given.press, refusal) if isinstance(refusal, StaleCard) else None
        if card is None:
            return note_view(desk.explain(actor.language, refusal), words)
        self._replace_copies(given, card, words)
        if given.channel == OVER_HOME:
            await self.home.draw(given.user, actor)
        return card_view(card, words, over_home=given.channel == OVER_HOME)

    def _replace_copies(self, given: Submitted, card: Card, words: Words) -> None:
        """Let the cards that the form was opened from become what they are now, where the presser alone sees them."""
        for place in self.copies.taken(given.user, given.press):
            self.notes.show(place, card, words)

    def _for_them_alone(self, verb: Verb) -> bool:
        """Whether what a form did is seen nowhere but in its answer."""
        return verb in self.slack.private or verb is Verb.RESUME

    async def _open(self, form: Form, trigger: str, channel: str, actor: Colleague, place: Place | None = None) -> None:
        """Open a form. Raises `NotAllowedNow` when Slack no longer lets us."""
        view = form_view(form, channel, self.colleagues.words(actor))
        try:
            if place is not None and place.view_id:
                await asked("views.update", self.client.views_update(view_id=place.view_id, view=view), OPEN_WITHIN)
            else:
                await asked("views.open", self.client.views_open(trigger_id=trigger, view=view), OPEN_WITHIN)
        except SystemTrouble as trouble:
            log.warning("form not opened: %s %s", trouble.key, trouble.facts.get("code", ""))
            raise NotAllowedNow("refusal.form_too_late") from None

    def _one_time(self, trigger: str) -> AbstractAsyncContextManager[bool]:
        """Say whether the request comes for the first time; one that failed may come again."""
        return self.once.one_time(trigger)


def _opened_in(place: Place) -> str:
    """Return what a form remembers of where it was opened: "" for a private place."""
    return OVER_HOME if place.of_home else "" if place.own else place.channel


def _page(view: dict[str, Any]) -> dict[str, Any]:
    return {"response_action": "update", "view": view}
