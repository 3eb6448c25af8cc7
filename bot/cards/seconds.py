"""The second of two yeses on a card: who is waited for, when it opens to who said the first (D10)."""

from datetime import datetime

from bot.cards.scene import Scene
from bot.domain.approving import said_by_one
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Ticket


def second_of(scene: Scene, ticket: Ticket, task: Task) -> tuple[Colleague, ...]:
    """Return who is waited for to say the second yes to a task.

    In single-person mode nobody waits for an owner who may not see the ticket (D12).
    """
    alone = scene.single and officer_only(ticket)
    able = scene.people.officers() if alone else scene.people.approvers(task.system)
    return scene.seconds(able, {one.by for one in task.approvals}, task.approvals[-1].at)


def first_yes(task: Task, colleague: Colleague) -> datetime | None:
    """Return when a colleague said yes to a task first, None when they have not."""
    return next((one.at for one in task.approvals if one.by == colleague.id), None)


def undecided(task: Task) -> bool:
    """Whether a yes to the task is waited for."""
    return task.state is TaskState.PROPOSED and not task.ground


def two_asked(scene: Scene, key: str, n: int) -> str:
    """Return the sentence *key*, that two people are asked and this is the *n*th; in single-person mode two yeses."""
    return scene.say("form.decide.two_yes" if scene.single else key, {"n": n})


def opens_again(scene: Scene, ticket: Ticket, task: Task) -> str:
    """Return when the second yes opens to who said the first, where nobody else is waited for; "" otherwise."""
    earlier = {one.by for one in task.approvals}
    if any(one.id not in earlier for one in second_of(scene, ticket, task)):
        return ""
    opens = scene.opens(task.approvals[-1].at)
    return scene.say("card.decide.row_opens", {"moment": opens}) if opens else ""


def by_one(scene: Scene, task: Task) -> str:
    """Return that one person said both of two yeses, a day apart; "" when two did."""
    if task.state is TaskState.DECLINED:
        return scene.say("card.decide.row_declined_alone") if said_by_one((task.proposed_by, task.declined_by)) else ""
    alone = said_by_one([one.by for one in task.approvals])
    return scene.say("card.decide.row_alone") if alone else ""
