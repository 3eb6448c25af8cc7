"""What colleagues set for the whole desk: who is on call, what is stopped, whose tickets go to whom."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bot import commands
from bot.card import Card, Form, Shown, Values, Verb
from bot.cards import fields
from bot.cards.handing import hand_over_all
from bot.cards.home import ANYBODY
from bot.cards.orders import EVERY_SYSTEM, resume_form, shift_card, stops_card
from bot.commands import folded
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours
from bot.domain.people import Colleague
from bot.ports import ALL_SYSTEMS, EVERY, Pause, TicketQuery, Unit
from bot.services.deciding import handing
from bot.services.house import House
from bot.services.staff import on_call, roster, stopping

#: The commands that set something for the whole desk.
Order = commands.SetOnCall | commands.Stop | commands.Resume


async def order(unit: Unit, house: House, actor: Colleague, command: Order) -> Shown:
    """Carry out a typed order and return what there is now; going on is asked back first."""
    scene = house.scene(actor.language)
    match command:
        case commands.SetOnCall(who, first, last):
            shift = await on_call.put_on_call(unit, house, actor, who, first, last)
            now = replace(house.people.now, rota=(*house.people.rota, shift))
            return shift_card(replace(scene, people=now), shift)
        case commands.Stop(typed):
            pause = await stopping.stop(unit, house, actor, _system(house, actor, typed))
            return stops_card(replace(scene, stopped={**scene.stopped, pause.system: pause}), actor)
        case commands.Resume(typed):
            return await _resume(unit, house, actor, _system(house, actor, typed))


async def _resume(unit: Unit, house: House, actor: Colleague, system: str) -> Shown:
    scene = house.scene(actor.language)
    standing = await _standing(unit)
    if system in standing:
        stopping.allowed_to_resume(house, actor, standing[system])
        return resume_form(scene, standing[system])
    return stops_card(replace(scene, stopped=standing), actor)


def _system(house: House, actor: Colleague, typed: str) -> str:
    """Return the key of the system whose name was typed, `ALL_SYSTEMS` for none; what was typed is not said again."""
    wanted = _plain(typed)
    if not wanted:
        return ALL_SYSTEMS
    found = [key for key, words in house.words.items() if wanted in (_plain(key), _plain(words.name))]
    if not found:
        names = house.texts.together(actor.language, [words.name for words in house.words.values()])
        raise NotFound("refusal.system_name", {"systems": names})
    return found[0]


def _plain(name: str) -> str:
    return "".join(sign for sign in folded(name) if sign.isalnum())


async def _standing(unit: Unit) -> dict[str, Pause]:
    return {pause.system: pause for pause in await unit.pauses.every()}


async def resume_opens(at: Standing) -> Form:
    """Open the question before a system goes on."""
    standing = await _standing(at.unit)
    system = "" if at.press.target == EVERY_SYSTEM else at.press.target
    if system not in standing:
        raise NotAllowedNow("refusal.not_stopped")
    stopping.allowed_to_resume(at.house, at.actor, standing[system])
    return resume_form(at.house.scene(at.actor.language), standing[system])


async def resume_sent(at: Standing, values: Values) -> Card:
    """Let a system go on."""
    if not values.get(fields.CHECKED):
        raise Incomplete("refusal.field_missing", {"field": fields.CHECKED})
    system = "" if at.press.target == EVERY_SYSTEM else at.press.target
    await stopping.resume(at.unit, at.house, at.actor, system)
    return stops_card(replace(at.house.scene(at.actor.language), stopped=await _standing(at.unit)), at.actor)


async def hand_over_opens(at: Standing) -> Form:
    """Open the form that moves all tickets of a colleague: one's own, or as an officer anybody's."""
    who = _whose(at)
    every = await at.unit.tickets.matching(TicketQuery(limit=EVERY))
    walked = Counter(ticket.handler for ticket in every if ticket.handler)
    if not walked or (who != ANYBODY and not walked[who]):
        raise NotAllowedNow("refusal.nothing_to_hand_over")
    return hand_over_all(at.house.scene(at.actor.language), who, walked, roster.handlers(at.house))


async def hand_over_sent(at: Standing, values: Values) -> str:
    """Move all tickets of a colleague to another."""
    who = _whose(at)
    who = one(values, fields.FROM) if who == ANYBODY else who
    to = at.house.people.by_id(one(values, fields.COLLEAGUE))
    if not to.handles_tickets or to.id == who:
        raise Incomplete("refusal.field_bad", {"field": fields.COLLEAGUE})
    return await handing.hand_over_all(at.unit, at.house, who, at.actor, to)


def _whose(at: Standing) -> str:
    """Return whose tickets are meant; other people's are an officer's to move."""
    if not at.actor.handles_tickets:
        raise NotYours("refusal.not_yours_handler")
    if at.press.target != at.actor.id:
        at.officer()
    return at.press.target


OPENS: Final[Mapping[Verb, Callable[[Standing], Awaitable[Form]]]] = MappingProxyType(
    {Verb.RESUME: resume_opens, Verb.HAND_OVER_ALL: hand_over_opens}
)
ACTS: Final[Mapping[Verb, Callable[[Standing, Values], Awaitable[str | Card]]]] = MappingProxyType(
    {Verb.RESUME: resume_sent, Verb.HAND_OVER_ALL: hand_over_sent}
)
