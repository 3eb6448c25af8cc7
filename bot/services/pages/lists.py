"""The lists on the review page: what came in and is no request, older mail, and the requests of a burst.

Each entry shows who wrote, what about, the first lines and why it was read as it was, and
carries what can be done with it. Nothing of a list is done by opening it, and what was set
aside can be taken back for as long as the mail itself is kept (30 days, D1).
"""

from collections.abc import Sequence
from typing import Final

from bot.cards.burst import reads_first
from bot.cards.lists import by_target
from bot.cards.progress import asked, dates
from bot.cards.scene import Scene, dotted
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, PrivacyDeskError
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.request import Language, Proposal
from bot.domain.ticket import Ticket
from bot.ports import IncomingItem, ItemState, Shelf, Unit
from bot.services import casefile
from bot.services.deciding.approval import is_own
from bot.services.house import House
from bot.services.intake import intake
from bot.services.showing import bursts, quiet
from bot.services.showing.board import waiting_in
from bot.services.showing.turns import tell_turn
from bot.services.views import Act, Incoming, Notice, ReviewPage, Section

ITEMS: Final = "items:"
LISTS: Final = (ITEMS, bursts.ABOUT)
#: Tickets of a burst on one page: more would be neither read nor loaded quickly. The rest follows when these are done.
AT_ONCE: Final = 100
#: Dismissed items that can be taken back from one page, the latest.
TAKEN_BACK: Final = 200
FIRST_LINES: Final = 8
FIRST_CHARACTERS: Final = 600
#: Of what follows the first lines; the whole mail is kept, and read when it becomes a ticket.
REST_CHARACTERS: Final = 4_000


async def list_page(unit: Unit, house: House, about: str, reader: Colleague, csrf: str) -> ReviewPage:
    """Return the page of the list *about* something, for one reader."""
    key, sections = "review.items", await _items(unit, house, reader.language)
    if about.startswith(bursts.ABOUT):
        key, sections = "review.burst", await _burst(unit, house, about.removeprefix(bursts.ABOUT), reader)
    logged = Notice(house.texts.say(reader.language, "review.logged"))
    return ReviewPage(house.texts.say(reader.language, key), "", reader.language, (logged, *sections), csrf)


async def carry_out(unit: Unit, house: House, about: str, actor: Colleague, act: Act, target: str) -> None:
    """Do what a button beside an entry says. Raises `NotFound` where the list has no such button."""
    if about.startswith(bursts.ABOUT):
        if act is not Act.SHOW:
            raise NotFound("refusal.unknown_button")
        await _show(unit, house, about.removeprefix(bursts.ABOUT), actor, target)
        return
    item = await unit.items.load(target)
    match act:
        case Act.OPEN if item.state in quiet.UNDECIDED:
            await intake.promote(unit, house, item, actor)
        case Act.DISMISS if item.state is ItemState.OLDER:
            await quiet.dismiss(unit, item, actor)
        case Act.RETURN if item.state is ItemState.DISMISSED:
            await quiet.take_back(unit, item, actor)
        case Act.SHOW:
            raise NotFound("refusal.unknown_button")
        case _:
            raise NotAllowedNow("refusal.already_decided")


async def _show(unit: Unit, house: House, burst: str, actor: Colleague, target: str) -> None:
    """Post a ticket's own card, and put it before whoever asked."""
    if not any(opening.ticket_id == target for opening in await unit.bursts.of(burst)):
        raise NotFound("refusal.not_found")
    ticket = await unit.tickets.load(target)
    if not await _may_see(unit, ticket, actor):
        raise NotYours("refusal.not_yours_officer", {"who": _officers(house, actor)})
    await bursts.let_out(unit, house, ticket.id)
    await tell_turn(unit, ticket, actor)


def _officers(house: House, reader: Colleague) -> str:
    return house.texts.together(reader.language, [one.name for one in house.people.officers()])


async def _may_see(unit: Unit, ticket: Ticket, reader: Colleague) -> bool:
    return (reader.is_officer or not officer_only(ticket)) and not await is_own(unit, ticket, reader)


async def _items(unit: Unit, house: House, language: Language) -> list[Section]:
    """Return what a backfill found, what waits, and what was set aside and can be taken back."""
    older, waiting = await unit.items.older(), await unit.items.waiting()
    back = await quiet.dismissed_lately(unit, house, TAKEN_BACK)
    return [
        *await _part(unit, house, language, "older", older, (Act.OPEN, Act.DISMISS)),
        *await _part(unit, house, language, "waiting" if older or back else "", waiting, (Act.OPEN,)),
        *await _part(unit, house, language, "dismissed", back, (Act.RETURN,)),
    ]


async def _part(
    unit: Unit, house: House, language: Language, key: str, items: Sequence[IncomingItem], acts: tuple[Act, ...]
) -> list[Section]:
    if not items:
        return []
    head: list[Section] = []
    if key:
        count = house.texts.count(language, len(items), "count.items")
        head.append(Notice(house.texts.say(language, f"review.part_{key}", {"count": count})))
    entries = [await _entry(unit, house, language, item, acts) for item in items]
    return [*head, *(entry for entry in entries if entry is not None)]


async def _entry(
    unit: Unit, house: House, language: Language, item: IncomingItem, acts: tuple[Act, ...]
) -> Incoming | None:
    try:
        proposal = await casefile.proposal_of(unit, item.id, Shelf.ITEM)
    except PrivacyDeskError:
        return None  # forgotten meanwhile
    first, rest = first_lines(proposal.text)
    return Incoming(
        item.id,
        house.texts.moment(language, item.received),
        house.texts.say(language, f"route.{item.route}"),
        proposal.requester_email or "",
        proposal.title,
        first,
        _why(house.scene(language), proposal),
        rest,
        acts,
    )


async def _burst(unit: Unit, house: House, burst: str, reader: Colleague) -> list[Section]:
    """Return the tickets of a burst that wait, those whose day comes first first."""
    scene = house.scene(reader.language)
    waiting = by_target(scene, await waiting_in(unit, burst))
    shown = [ticket for ticket in waiting[:AT_ONCE] if await _may_see(unit, ticket, reader)]
    entries = [await _ticket(unit, scene, ticket) for ticket in shown]
    count = scene.count(len(waiting), "count.new_requests")
    if len(waiting) > AT_ONCE:
        first = scene.texts.number(scene.language, AT_ONCE)
        return [Notice(scene.say("review.burst_first", {"count": count, "shown": first})), *entries]
    return [Notice(count), *entries]


async def _ticket(unit: Unit, scene: Scene, ticket: Ticket) -> Incoming:
    proposal = await casefile.proposal_of(unit, ticket.id, Shelf.CASE)
    first, rest = first_lines(proposal.text)
    return Incoming(
        ticket.id,
        scene.texts.moment(scene.language, ticket.received),
        asked(scene, ticket),
        proposal.requester_email or "",
        dotted(ticket.ref, proposal.title),
        first,
        _why(scene, proposal),
        rest,
        (Act.SHOW,),
        dotted(dates(scene, ticket), scene.say("burst.read_first") if reads_first(ticket) else ""),
    )


def first_lines(text: str) -> tuple[str, str]:
    """Return the first lines of a mail, and some of what follows."""
    lines = text.strip().splitlines(keepends=True)
    head = "".join(lines[:FIRST_LINES])[:FIRST_CHARACTERS]
    return head.rstrip(), text.strip()[len(head) :][:REST_CHARACTERS].strip()


def _why(scene: Scene, proposal: Proposal) -> tuple[str, ...]:
    """Return why a mail was read as it was: how sure, what decided, what stood out, what our server says of it."""
    marks = proposal.evidence or tuple(sentence for part in proposal.parts for sentence in part.evidence)
    flags = [scene.say(f"flag.{flag}") for flag in sorted(proposal.flags) if scene.texts.has(f"flag.{flag}")]
    lines = [scene.say("review.confidence", {"percent": scene.texts.number(scene.language, proposal.percent)})]
    if marks:
        lines.append(scene.say("review.decided", {"sentences": " … ".join(marks)}))
    if flags:
        lines.append(scene.say("review.stood_out", {"flags": ", ".join(flags)}))
    lines += [scene.say(f"mail_error.{error}") for error in proposal.errors]
    lines += [scene.say(f"reading_doubt.{doubt}") for doubt in proposal.doubts]
    return (*lines, scene.say(f"sender.{proposal.sender}"))
