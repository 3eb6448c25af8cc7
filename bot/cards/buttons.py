"""Making buttons: what a press means and aims at, and which of several stands out.

A press aims at the smallest thing it changes (a task, a letter, else the ticket), with
that thing's version, so one owner's yes does not make another's card stale (D32).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.card import Actions, Button, Press, Style, Verb
from bot.cards.scene import Scene
from bot.domain.letter import Letter
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.ports import RetentionReview

SHOWN: Final = 3
#: Entries of a menu that are still read at a glance.
MENU: Final = 5
#: More than can ever be done with a ticket.
EVERYTHING: Final = 1_000
FORMS: Final = frozenset(
    {
        Verb.CHANGE,
        Verb.DISMISS,
        Verb.REOPEN,
        Verb.HAND_OVER,
        Verb.DECIDE,
        Verb.CONFIRM_DECLINE,
        Verb.ATTEST,
        Verb.GIVE_UP_IDENTITY,
        Verb.FINISH_BY_HAND,
        Verb.SEND_PACKAGE,
        Verb.SETTLE_LETTER,
        Verb.SETTLE_UNPRESSED,
        Verb.POSTPONE_REVIEW,
        Verb.APPROVE_REVIEW,
        Verb.NEW,
        Verb.FIND,
        Verb.NOTIFIED,
        Verb.NO_NOTIFICATION,
        Verb.AWARE_SINCE,
        Verb.SUSPECT_BREACH,
        Verb.SETTLE_RETURNED,
        Verb.JOIN,
        Verb.SETTLE_REGRET,
        Verb.REFER_CONTRACT,
        Verb.REFER_SITE,
        Verb.ASK_AUTHORITY,
        Verb.SHOW_AUTHORITY,
        Verb.CLARIFY,
        Verb.ANSWER_QUESTION,
        Verb.ANSWER_KIN,
        Verb.CLOSE_UNANSWERED,
        Verb.NOTE_ID,
        Verb.TYPE_VALUE,
        Verb.CHOOSE_GROUND,
        Verb.GIVE_NOTICE,
        Verb.HOLD,
        Verb.EXTEND,
        Verb.WITHDRAW,
        Verb.WRONG_PERSON,
        Verb.NAME_RECIPIENT,
        Verb.APPROVE_TRANSFER,
        Verb.HAND_OVER_ALL,
        Verb.RESUME,
    }
)
#: Verbs whose answer is for who presses alone.
PRIVATE_VERBS: Final = frozenset(
    {
        Verb.REVIEW,
        Verb.EVIDENCE,
        Verb.OPEN,
        Verb.REVIEW_LIST,
        Verb.OPEN_ITEM,
        Verb.ORIGINAL_REMOVED,
        Verb.OTHER_ROADS,
        Verb.MORE,
        Verb.CORRECT,
        Verb.TYPE_VALUE,
        Verb.FIND,
    }
)

Target = Ticket | Part | Task | Letter | RetentionReview


def aimed(verb: Verb, target: Target) -> Press:
    """Return a press of *verb* at *target* as it is now."""
    return Press(verb, target.id, target.version)


def button(scene: Scene, verb: Verb, target: Target, label: str = "") -> Button:
    """Return a plain button, labelled by its verb unless told otherwise."""
    return pressing(scene, aimed(verb, target), label)


def pressing(scene: Scene, press: Press, label: str = "") -> Button:
    """Return a plain button for a press."""
    return Button(label or scene.say(f"button.{press.verb}"), press, opens_form=press.verb in FORMS)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be done, most likely first. `leads` says whether the first stands out; `aside` is for the menu.

    `endless`: as if the menu had room for everything, to see what it has none for.
    """

    ahead: Sequence[Button] = ()
    aside: Sequence[Button] = ()
    leads: bool = True
    endless: bool = False

    def actions(self) -> tuple[Actions, ...]:
        """Return at most three buttons with at most one primary, the rest in the menu; nothing when there is none.

        A menu never stands alone, for nobody sees it: its first entry then stands beside it, and never stands out.
        """
        shown, more = list(self.ahead[:SHOWN]), [*self.ahead[SHOWN:], *self.aside]
        if shown and self.leads:
            shown[0] = replace(shown[0], style=Style.PRIMARY)
        elif not shown:
            shown, more = more[:1], more[1:]
        while len(more) > MENU and len(shown) < SHOWN:  # what the menu cannot hold stands beside it, in its order
            shown.append(more.pop(0))
        return (Actions(tuple(shown), tuple(more)),) if shown else ()

    def every(self) -> tuple[Button, ...]:
        """Return all of them, in their order."""
        return (*self.ahead, *self.aside)

    def step(self) -> str:
        """Return the label of what stands out, as it is said aloud; "" where nothing does."""
        return self.ahead[0].label.rstrip("…") if self.ahead and self.leads else ""


def room_in_menu(choices: Choices) -> int:
    """Return how many more entries the menu takes before it is too long to read at a glance.

    Its first entry stands beside it where nothing else does.
    """
    if choices.endless:
        return EVERYTHING
    entries = max(0, len(choices.ahead) - SHOWN) + len(choices.aside)
    return MENU - entries + (0 if choices.ahead else 1)
