"""Putting values right at the desk: the page that shows them, and beside it a form that takes one (R41, D14)."""

from dataclasses import dataclass

from bot.card import Card, Form, Link, Values
from bot.cards import fields
from bot.cards.correction import label, type_value, values_card
from bot.desk.standing import Standing
from bot.desk.values import one
from bot.domain.correcting import awaits_values, by_program
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.task import Task
from bot.domain.ticket import Ticket
from bot.services import links
from bot.services.deciding import correcting
from bot.services.pages.admission import may_read


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of one record that may be written from a chat."""

    task: Task
    where: str
    label: str

    @property
    def value(self) -> str:
        """What the form answers for it."""
        return f"{self.task.id}/{self.where}"


async def correct(at: Standing) -> Card:
    """Hand out the page where values are put right, and have what stands there now fetched meanwhile."""
    ticket = await at.unit.tickets.load(at.press.target)
    for task in _by_program(ticket):
        await correcting.want_values(at.unit, task)
    return await _with_link(at, ticket)


async def open_type_value(at: Standing) -> Form:
    """Return the form: the fields of the systems the presser works in, by name alone."""
    ticket = await at.ticket()
    offered = await _offered(at, ticket)
    return type_value(at.house.scene(at.actor.language), ticket, [(one.value, one.label) for one in offered])


async def submit_type_value(at: Standing, values: Values) -> Card:
    """Write one value beside those written before; what is emptied is written on the page, which shows what goes."""
    ticket = await at.ticket()
    chosen, value = one(values, fields.CORRECTED), one(values, fields.NEW_VALUE)
    found = next((field for field in await _offered(at, ticket) if field.value == chosen), None)
    if found is None:
        raise Incomplete("refusal.not_offered", {"field": fields.CORRECTED})
    if not any(sign.isalnum() for sign in value):
        raise Incomplete("refusal.emptied_on_page", {"field": fields.NEW_VALUE})
    wrote = await correcting.write_one(at.unit, at.house, ticket, found.task, at.actor, found.where, value)
    return await _with_link(at, wrote)


async def _offered(at: Standing, ticket: Ticket) -> list[_Field]:
    """Return what may be written. Raises `NotAllowedNow` while nothing may.

    A special record's fields, and those without a name of our own, are for the page: their names alone may say what
    no chat may (D14).
    """
    await may_read(at.unit, at.house, ticket.id, at.actor)
    await at.may_touch(ticket)
    found = [field for task in _by_program(ticket) for field in await _fields(at, ticket, task)]
    if not found:
        raise NotAllowedNow("refusal.values_on_page")
    return found


async def _fields(at: Standing, ticket: Ticket, task: Task) -> list[_Field]:
    if not at.actor.works_in(task.system):
        return []
    scene = at.house.scene(at.actor.language)
    held, _ = await correcting.values_of(at.unit, ticket.id, task.id)
    words = at.house.words[task.system].words[at.actor.language]
    return [
        _Field(task, f"{n}/{name}", label(scene, task.system, said, n + 1 if len(held) > 1 else None))
        for n, record in enumerate(held)
        for name in record.values
        if not record.special and (said := words.get(f"field.{name}"))
    ]


def _by_program(ticket: Ticket) -> list[Task]:
    return [task for task in ticket.tasks if by_program(task) and awaits_values(task)]


async def _with_link(at: Standing, ticket: Ticket) -> Card:
    await may_read(at.unit, at.house, ticket.id, at.actor)
    signs_in = at.house.signs_in
    path = await links.review_link(at.unit, ticket.id, at.house.now(), at.actor.id, signs_in=signs_in)
    scene = at.house.scene(at.actor.language)
    hint = scene.say("review.link_hint_signed_in" if signs_in else "review.link_hint")
    link = Link(scene.say("review.link_open"), f"{at.house.public_url}{path}")
    return values_card(scene, ticket, hint, link, typed=bool(_by_program(ticket)))
