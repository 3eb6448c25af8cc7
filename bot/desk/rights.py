"""Who may do what (D9), as one table: the desk asks here before anything else, whatever chat a press came from.

The table is coarse: it says which duties a verb is for. What depends on the case itself
(whose system it is, whether the request is one's own, who said yes before) is checked
where it is carried out, and only ever narrows what stands here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.card import Verb
from bot.domain.errors import NotYours
from bot.domain.people import Colleague
from bot.services.house import House


class Who(StrEnum):
    """For whom a verb is. Officers may whatever handlers and owners may."""

    ANYBODY = "anybody"  # every colleague, viewers too
    INVOLVED = "involved"  # handlers, owners and deputies
    HANDLER = "handler"
    APPROVER = "approver"  # owners and deputies
    OWNER = "owner"  # owners alone: a deputy is none (D9)
    OFFICER = "officer"


RIGHTS: Final[Mapping[Verb, Who]] = MappingProxyType(
    {
        Verb.OPEN: Who.ANYBODY,
        Verb.FIND: Who.ANYBODY,  # every look-up is written down (D16)
        Verb.REMIND_TOMORROW: Who.ANYBODY,
        Verb.ORIGINAL_REMOVED: Who.ANYBODY,  # who made the ticket of a message removes it, whatever their duty
        Verb.CLEARED: Who.ANYBODY,  # who was asked to clear their copies answers for them
        Verb.MORE: Who.INVOLVED,
        Verb.REVIEW: Who.INVOLVED,
        Verb.REVIEW_LIST: Who.INVOLVED,
        Verb.CORRECT: Who.INVOLVED,
        Verb.TYPE_VALUE: Who.INVOLVED,
        Verb.RETRY: Who.INVOLVED,
        Verb.FINISH_BY_HAND: Who.INVOLVED,
        Verb.SUSPECT_BREACH: Who.INVOLVED,  # what one of us knows, the company knows: its 72 hours run (Art. 33(1))
        **dict.fromkeys(
            (
                Verb.CONFIRM,
                Verb.CHANGE,
                Verb.DISMISS,
                Verb.REOPEN,
                Verb.HAND_OVER,
                Verb.HAND_OVER_ALL,
                Verb.ATTEST,
                Verb.ASK_AGAIN,
                Verb.GIVE_UP_IDENTITY,
                Verb.SEND_LETTER,
                Verb.SEND_PACKAGE,
                Verb.SETTLE_LETTER,
                Verb.SETTLE_UNPRESSED,
                Verb.NEW,
                Verb.DISMISS_ITEMS,
                Verb.OPEN_ITEM,
                Verb.SETTLE_RETURNED,
                Verb.ANSWER_NEUTRALLY,
                Verb.JOIN,
                Verb.SETTLE_REGRET,
                Verb.OTHER_ROADS,
                Verb.REFER_CONTRACT,
                Verb.REFER_SITE,
                Verb.ASK_AUTHORITY,
                Verb.SHOW_AUTHORITY,
                Verb.CLARIFY,
                Verb.ANSWER_QUESTION,
                Verb.ANSWER_KIN,
                Verb.CLOSE_UNANSWERED,
                Verb.ASK_ID,
                Verb.NOTE_ID,
                Verb.CHOOSE_GROUND,
                Verb.REST_MEANWHILE,
                Verb.NAME_RECIPIENT,
                Verb.APPROVE_TRANSFER,
                Verb.WITHDRAW,
                Verb.WRONG_PERSON,
                Verb.EVIDENCE,
            ),
            Who.HANDLER,
        ),
        Verb.DECIDE: Who.APPROVER,
        Verb.APPROVE_REVIEW: Who.APPROVER,
        Verb.RESUME: Who.OWNER,
        **dict.fromkeys(
            (
                Verb.CONFIRM_DECLINE,
                Verb.POSTPONE_REVIEW,
                Verb.NOTIFIED,
                Verb.NO_NOTIFICATION,
                Verb.AWARE_SINCE,
                Verb.GIVE_NOTICE,
                Verb.LIFT,
                Verb.HOLD,
                Verb.EXTEND,
            ),
            Who.OFFICER,
        ),
    }
)


def allows(who: Who, colleague: Colleague) -> bool:
    """Whether a colleague's duties are among those a verb is for."""
    if colleague.is_officer or who is Who.ANYBODY:
        return True
    approves = bool(colleague.owns or colleague.deputises)
    match who:
        case Who.HANDLER:
            return colleague.handles_tickets
        case Who.APPROVER:
            return approves
        case Who.OWNER:
            return bool(colleague.owns)
        case Who.INVOLVED:
            return colleague.handles_tickets or approves
        case _:
            return False


def refuse(house: House, actor: Colleague, verb: Verb) -> None:
    """Refuse a press that is not for the actor's duties. Raises `NotYours` naming who to ask."""
    who = RIGHTS[verb]
    if allows(who, actor):
        return
    able = house.people.officers() if who is Who.OFFICER else _able(house, who)
    names = house.texts.together(actor.language, [one.name for one in able])
    key = {Who.OFFICER: "refusal.not_yours_officer", Who.HANDLER: "refusal.not_yours_handler"}
    raise NotYours(key.get(who, "refusal.not_yours_duty"), {"who": names})


def _able(house: House, who: Who) -> tuple[Colleague, ...]:
    return tuple(one for one in house.people.colleagues if allows(who, one))
