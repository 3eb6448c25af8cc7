"""What a ticket can wait for, and on whom: the words in which `waiting` answers, and `Scene` remembers its answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Colleague


class Waiter(StrEnum):
    """What kind of somebody is waited for."""

    COLLEAGUES = "colleagues"
    PERSON = "person"
    DESK = "desk"  # the desk itself and the systems: nobody needs to do anything


class For(StrEnum):
    """What is waited for."""

    CONFIRMATION = "confirmation"
    SEARCH = "search"
    PROOF = "proof"
    ATTESTATION = "attestation"
    NEW_PROOF = "new_proof"  # the question ran out: somebody must ask again or decide
    APPROVAL = "approval"
    SECOND_APPROVAL = "second_approval"
    DECLINE = "decline"
    WORK = "work"
    BY_HAND = "by_hand"
    STUCK = "stuck"
    PACKAGE = "package"
    PRESS = "press"  # "Ja, radera"
    DRAFT = "draft"
    LETTER = "letter"
    MAIL = "mail"
    DOUBTFUL = "doubtful"
    UNWRITTEN = "unwritten"
    NEW_MAIL = "new_mail"
    ORIGINAL = "original"  # the chat message it was made from is still there (D17)
    INCIDENT = "incident"  # the 72 hours run (R63)
    RETURNED = "returned"  # a letter came back
    SHARED = "shared"  # records concern others too: somebody rules on each (D20)
    NOTICE = "notice"  # a recipient is to be told what was done (Art. 19)
    TRANSFER = "transfer"  # the person's file is to be handed to another controller (Art. 20(2))
    COPY = "copy"  # records of a copy may concern others: somebody goes through them (Art. 15(4))
    HOLD = "hold"  # a legal hold is to be looked at again (P76)
    REGRET = "regret"  # a mail may take the request back: somebody says what it means
    REPLY = "reply"  # to a question of ours on a special road
    ID = "id"  # a reply may hold what cookie data is found by: somebody notes it (R20)
    NO_REPLY = "no_reply"  # it never came: somebody must decide how the case goes on


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing waited for. Any one of `colleagues` will do; none of them named means any handler.

    `about` is the id of the part, task or letter that waits.
    """

    on: Waiter
    what: For
    about: str
    colleagues: tuple[Colleague, ...] = ()
    system: str = ""
    since: datetime | None = None
