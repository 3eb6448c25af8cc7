"""The front desk: everything a chat can ask for, whatever chat it is.

`press`, `say`, `submit`, `view` translate what colleagues do into services, check who may,
and answer with a card. Chats never reach past it, so rights and words are the same
everywhere. A refused press changes nothing, is answered privately and written down.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.card import Card, Form, Press, Shown, Values, Verb
from bot.cards.buttons import PRIVATE_VERBS, aimed
from bot.cards.original import taken_card
from bot.desk.forms import open_form, refuse_unoffered
from bot.desk.presses import carry_out as carry_out_press
from bot.desk.rights import refuse
from bot.desk.sayings import answer
from bot.desk.standing import Standing
from bot.desk.submits import carry_out as carry_out_form
from bot.domain.approving import OPENS, opening
from bot.domain.errors import Incomplete, NotFound, PrivacyDeskError
from bot.domain.people import Colleague, People
from bot.domain.policy import officer_only
from bot.domain.request import Language
from bot.ports import LyingMail, Post, Unit
from bot.services.deciding.refusals import refusals_kept
from bot.services.house import House
from bot.services.intake import chat_mail
from bot.services.intake.chat_mail import ONCE
from bot.services.intake.chat_message import ChatMessage, Forwarded, take_message
from bot.services.showing.board import card_about, history_about
from bot.services.showing.posting import adopt
from bot.services.staff.identities import recognise
from bot.services.staff.roster import catch_up

__all__ = ["PRIVATE_VERBS", "ChatMessage", "Desk", "Forwarded", "PostShown", "Taken"]

#: What is written down of a chat message that somebody may not make a request of, and of words they may not use.
TAKE: Final = "take"
SAY: Final = "say"
#: The fact of a form's refusal that says which form it was: two forms may call one field differently.
FORM: Final = "form"


@dataclass(frozen=True, slots=True)
class PostShown:
    """A post with its card as it is now and the history below it."""

    post: Post
    card: Card
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to who made a request of a chat message. `change` opens the form they need next, if it is theirs."""

    card: Card
    change: Press | None = None


class Desk:
    """One desk for every chat. All methods raise `PrivacyDeskError`; `explain` gives its sentence."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: People = house.people

    async def recognise(self, chat: str, handle: str, *, acts: bool = True) -> Colleague:
        """Return whose a chat's handle is. Raises `NotFound`: "refusal.unknown_colleague", to be said privately."""
        return await recognise(self.house, chat, handle, acts=acts)

    async def view(self, actor: Colleague, about: str) -> Card:
        """Return the card about something: a ticket's id or reference, "home", "reminder:…", "review:…", …"""
        async with self.house.work() as unit:
            return await card_about(unit, self.house, actor, about)

    async def form(self, actor: Colleague, press: Press) -> Form:
        """Return the form a button opens; writes nothing but a refusal."""
        async with self._refusals_kept(actor, press.verb, press.target), self.house.work() as unit:
            refuse(self.house, actor, press.verb)
            return await open_form(Standing(unit, self.house, actor, press))

    async def press(self, actor: Colleague, press: Press) -> Card:
        """Carry out a press and return the card as it is then."""
        return await self._carry_out(actor, press, carry_out_press)

    async def act(self, actor: Colleague, press: Press) -> None:
        """Carry out a press whose card nobody waits for: where it stands, a job edits it. A third of the work less."""
        async with self._refusals_kept(actor, press.verb, press.target), self.house.work() as unit:
            refuse(self.house, actor, press.verb)
            await carry_out_press(Standing(unit, self.house, actor, press))

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        """Carry out a submitted form; raises `Incomplete` naming the field."""

        async def submitted(standing: Standing) -> str | Card:
            try:
                await refuse_unoffered(standing, values)
                return await carry_out_form(standing, values)
            except Incomplete as lacking:
                raise Incomplete(lacking.key, {**lacking.facts, FORM: press.verb}) from None

        return await self._carry_out(actor, press, submitted)

    async def take(self, actor: Colleague, message: ChatMessage) -> Taken:
        """Make a request of a chat message (F02); return what the presser sees and the form that says about whom."""
        async with self._refusals_kept(actor, TAKE), self.house.work() as unit:
            return await self._taken(unit, actor, message)

    async def _taken(self, unit: Unit, actor: Colleague, message: ChatMessage) -> Taken:
        ticket = await take_message(unit, self.house, message, actor)
        scene = self.house.scene(actor.language)
        if officer_only(ticket) and not actor.is_officer:
            return Taken(taken_card(scene, ticket, message.link, changeable=False))
        return Taken(taken_card(scene, ticket, message.link), aimed(Verb.CHANGE, ticket))

    async def mail_came(self, chat: str, place: str, mail: LyingMail) -> None:
        """Note that a mail lies in a chat's channel (F04); a job fetches it, once."""
        async with self.house.work() as unit:
            await chat_mail.expect(unit, chat, place, mail)

    async def look_for_mail(self) -> None:
        """Have the chats' channels looked through for mail that nobody told us of; a job does it."""
        async with self.house.work() as unit:
            await unit.jobs.put(chat_mail.look())

    async def met(self, chat: str, place: str, message: str, target: str) -> None:
        """Note that a card stands in a chat's channel; one we know nothing of is kept true henceforth as the others."""
        await adopt(self.house, chat, place, message, target)

    async def say(self, actor: Colleague, text: str, *, private: bool = True) -> Shown:
        """Answer a typed command, for the asker alone. *private* False: somebody else may be looking (D16)."""
        async with self._refusals_kept(actor, SAY), self.house.work() as unit:
            return await answer(unit, self.house, actor, text, private=private)

    async def hear(self, actor: Colleague, text: str, delivery: str, *, private: bool = True) -> Shown | None:
        """Answer a command that a chat may deliver again, perhaps to another process; None when that was done.

        *delivery* is by what the chat's deliveries of one and the same are known, "" for nothing. It stands in the
        transaction of what the words do, as a digest; what was refused is refused again.
        """
        async with self._refusals_kept(actor, SAY), self.house.work() as unit:
            if delivery and not await unit.jobs.fire(f"said:{unit.index.digest('said', delivery)}", ONCE, []):
                return None
            return await answer(unit, self.house, actor, text, private=private)

    async def feed(self, actor: Colleague, chat: str, address: str) -> Sequence[PostShown]:
        """Return what stands at an address of a chat, newest first, drawn afresh."""
        shown, told = [], set[str]()
        async with self.house.work() as unit:
            for post in await unit.posts.feed(chat, address):
                if (of := _reminded_of(post.about)) in told:
                    continue  # cards are drawn as things are now: an older reminder would say the same again
                told |= {of} if of else set()
                try:
                    card = await card_about(unit, self.house, actor, post.about)
                except NotFound:
                    continue
                shown.append(PostShown(post, card, await history_about(unit, self.house, actor, post.about)))
        return shown

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        """Return one clear sentence for a refusal; never personal data."""
        facts = dict(trouble.facts)
        system = self.house.words.get(facts.get("system", ""))
        if system is not None:
            owners = self.people.approvers(facts["system"])
            who = self.house.texts.together(language, [owner.name for owner in owners])
            facts |= {"who": who, "system": system.name}
        elif "who" not in facts:
            facts["who"] = self.house.texts.together(language, [officer.name for officer in self.people.officers()])
        if OPENS in facts:
            facts[OPENS] = self.house.scene(language).soon(opening(facts[OPENS]))
        if "field" in facts:
            facts["field"] = self._label(language, facts["field"], facts.pop(FORM, ""))
        return self.house.texts.say(language, trouble.key, facts)

    def _label(self, language: Language, field: str, form: str) -> str:
        """Return what a form calls a field: by its own words where it has some, or the refusal names one not seen."""
        name = field.partition(":")[0]
        for key in (f"form.{form}.{name}", f"field.{name}"):
            if self.house.texts.has(key):
                return self.house.texts.say(language, key).rstrip("?")
        return field

    async def _carry_out(
        self, actor: Colleague, press: Press, act: Callable[[Standing], Awaitable[str | Card]]
    ) -> Card:
        async with self._refusals_kept(actor, press.verb, press.target), self.house.work() as unit:
            refuse(self.house, actor, press.verb)
            shown = await act(Standing(unit, self.house, actor, press))
            return shown if isinstance(shown, Card) else await card_about(unit, self.house, actor, shown)

    @asynccontextmanager
    async def _refusals_kept(self, actor: Colleague, verb: str, target: str = "") -> AsyncIterator[None]:
        """Write down whatever is refused to somebody; catch up with what was set otherwise."""
        async with refusals_kept(self.house, actor, verb, target):
            yield
        if self.house.people.owed:
            await catch_up(self.house)


def _reminded_of(about: str) -> str:
    """Return what a reminder is about, whatever its day: a ticket, copies to clear, a morning; "" for anything else."""
    kind, _, rest = about.partition(":")
    if kind in ("clearing", "uncleared", "summary"):
        return about.rpartition(":")[0]
    return rest.split(":")[1] if kind == "reminder" and ":" in rest else ""
