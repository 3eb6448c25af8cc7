"""Tickets in a table: the same columns wherever tickets are listed.

A ticket that is the officer's alone is listed by its reference and nothing else (D12).
"""

from collections.abc import Sequence
from typing import Final

from bot.card import Button, CardElement, Press, Table, Text, Verb
from bot.cards.buttons import pressing
from bot.cards.progress import clock, left_to, rights
from bot.cards.scene import Scene
from bot.cards.waiting import who
from bot.domain.policy import officer_only
from bot.domain.ticket import Stage, Ticket

#: Buttons to open tickets from a list; the rest is opened by typing its reference.
OPENABLE: Final = 5
#: Rows of a list; the most urgent come first. More of them do not fit one message in Slack.
ROWS: Final = 35
COLUMNS: Final = ("ref", "rights", "stage", "target", "last", "waiting")
#: What says nothing without its head: two dates side by side, a name that could be anybody's.
NAMED: Final = tuple(COLUMNS.index(column) for column in ("stage", "target", "last", "waiting"))


def ticket_rows(scene: Scene, tickets: Sequence[Ticket], *, for_officer: bool = False) -> tuple[CardElement, ...]:
    """Return the table of a list's first tickets, and how many more there are: nobody reads a thousand rows."""
    left = len(tickets) - ROWS
    more = (Text(scene.say("list.more", {"count": scene.count(left, "count.tickets")})),) if left > 0 else ()
    return (ticket_table(scene, tickets[:ROWS], for_officer=for_officer), *more)


def ticket_table(scene: Scene, tickets: Sequence[Ticket], *, for_officer: bool = False) -> Table:
    """Return one row per ticket with both dates; *for_officer* only where nobody but an officer looks."""
    head = tuple(scene.say(f"card.private.table_{column}") for column in COLUMNS)
    return Table(head, tuple(_row(scene, ticket, for_officer=for_officer) for ticket in tickets), NAMED)


def _row(scene: Scene, ticket: Ticket, *, for_officer: bool) -> tuple[str, ...]:
    if officer_only(ticket) and not for_officer:
        return (ticket.ref, scene.say("card.officer_only"), "", "", "", "")
    asked, stage = rights(scene, ticket.parts), scene.say(f"stage.{ticket.stage}")
    if ticket.stage is Stage.CLOSED:
        return (ticket.ref, asked, stage, "", "", "")
    days = clock(scene, ticket)
    passed = days.safe_target < scene.today
    facts = {"left": left_to(scene, days.safe_target)}
    target = scene.say("list.target_passed" if passed else "list.target", facts)
    return (
        ticket.ref,
        asked,
        stage,
        f"{scene.day(days.safe_target)} ({target})",
        scene.day(days.last_day),
        who(scene, ticket) or scene.say("card.waiting_for_desk"),
    )


def openers(scene: Scene, tickets: Sequence[Ticket], *, for_officer: bool = False) -> tuple[Button, ...]:
    """Return a button for each of the first tickets of a list that its readers may open."""
    openable = [ticket for ticket in tickets if for_officer or not officer_only(ticket)]
    return tuple(opener(scene, ticket, named=True) for ticket in openable[:OPENABLE])


def opener(scene: Scene, ticket: Ticket, *, named: bool = False) -> Button:
    """Return the button that shows a ticket's card to the presser alone."""
    label = scene.say("button.open_named", {"ref": ticket.ref}) if named else ""
    return pressing(scene, Press(Verb.OPEN, ticket.id, ticket.version), label)


def by_target(scene: Scene, tickets: Sequence[Ticket]) -> list[Ticket]:
    """Return open tickets, most urgent first."""
    return sorted((one for one in tickets if one.stage is not Stage.CLOSED), key=lambda one: clock(scene, one).last_day)
