"""The forms that walk a ticket: what is asked of a colleague, never what we know of the person.

Forms take input (D14). Nothing that would show or hint at the person is filled in
beforehand: neither an address nor the roles; left empty, they stay as they are. The form
of owners' decisions lives in `decide`.
"""

from collections.abc import Sequence
from itertools import count, takewhile
from typing import Final

from bot.card import Choice, Form, FormElement, Input, InputKind, Link, Press, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_LINE, LONGEST_TEXT, form, line, options, reference
from bot.cards.buttons import aimed
from bot.cards.decide import declines, irreversible
from bot.cards.progress import known_words
from bot.cards.rows import found, trouble
from bot.cards.scene import Scene, dotted
from bot.cards.seconds import two_asked
from bot.domain.deadline import SWEDEN
from bot.domain.identity import ATTESTABLE, TIER_OF_TWO, Method
from bot.domain.optout import MANNERS, manner
from bot.domain.people import Colleague
from bot.domain.protection import impostor, protected
from bot.domain.request import BY_MAIL, Channel, Language, RequestType, Role, ScopeKind
from bot.domain.retention import NoInterestRule
from bot.domain.roads import Road, taken
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Ticket
from bot.ports import RetentionReview

SCOPES: Final = (ScopeKind.EVERYTHING, ScopeKind.ROLES, ScopeKind.FIELDS)
#: Where a system's page for a step is, by preference.
PLACES: Final = ("home",)


def change(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that corrects a proposal, filled in with what may be shown."""
    elements = (
        *_what_is_asked(scene, ticket),
        _languages(scene, ticket.language),
        Choice(
            fields.ROLES,
            scene.say("form.change.roles"),
            tuple((role, scene.say(f"role.{role}")) for role in Role),
            several=True,
            required=False,
            hint=scene.say("form.change.unchanged"),
        ),
        Input(
            fields.RECEIVED,
            scene.say("form.change.received"),
            InputKind.MOMENT,
            "" if ticket.unsure_clock else ticket.received.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M"),
            required=ticket.unsure_clock,
            hint=scene.say("form.new.received_hint"),
        ),
        line(scene, "change", fields.RECEIVED_WHY),
        line(scene, "change", fields.SUBJECT, hint=scene.say("form.change.subject_hint")),
        line(scene, "change", fields.NAME, hint=scene.say("form.change.unchanged")),
        line(scene, "change", fields.REQUESTER, hint=scene.say("form.change.requester_hint")),
    )
    return form(scene, "change", aimed(Verb.CHANGE, ticket), elements)


def _what_is_asked(scene: Scene, ticket: Ticket) -> tuple[FormElement, ...]:
    scope = ticket.parts[0].scope
    kind = scope.kind if scope.kind in SCOPES else ScopeKind.EVERYTHING
    rights = tuple((right, scene.say(f"right.{right}")) for right in RequestType)
    chosen = tuple(part.type for part in sorted(ticket.parts, key=lambda part: part.position))
    hint = scene.say("form.change.order_hint")
    words = ", ".join(known_words(scene, scope)) if kind is ScopeKind.FIELDS else ""
    return (
        Choice(fields.RIGHTS, scene.say("form.change.rights"), rights, chosen, several=True, hint=hint),
        Choice(
            fields.SCOPE,
            scene.say("form.change.scope"),
            tuple((one, scene.say(f"form.change.scope_{one}")) for one in SCOPES),
            (kind,),
        ),
        line(scene, "change", fields.SCOPE_FIELDS, value=words, hint=scene.say("form.change.scope_fields_hint")),
    )


def dismiss(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that says why it is no request."""
    elements = (
        Choice(fields.REASON, scene.say("form.dismiss.reason"), options(scene, "reason", fields.DISMISSALS)),
        *((Input(fields.NOTE, scene.say("form.dismiss.note"), InputKind.PROSE),) if impostor(ticket) else ()),
        Text(scene.say("form.dismiss.hint"), muted=True),
    )
    return form(scene, "dismiss", aimed(Verb.DISMISS, ticket), elements)


def hand_over(scene: Scene, ticket: Ticket, able: Sequence[Colleague]) -> Form:
    """Return the form that gives the ticket to another colleague of those who are *able* to walk it."""
    names = tuple((one.id, one.name) for one in able if one.id != ticket.handler)
    elements = (Choice(fields.COLLEAGUE, scene.say("form.hand_over.to"), names),)
    return form(scene, "hand_over", aimed(Verb.HAND_OVER, ticket), elements)


def attest(scene: Scene, ticket: Ticket) -> Form:
    """Return the form by which a colleague vouches for who the person is: method and checks, never a document (R14)."""
    barred = {Method.CALL_BACK} if protected(ticket) else set()  # an old number is never used (D12)
    methods = tuple((one, scene.say(f"method.{one}")) for one in Method if one in ATTESTABLE - barred)
    checks = tuple(check for method, check in fields.CHECK_OF.items() if method not in barred)
    number = len(ticket.identity.attestations) + 1
    two = two_asked(scene, "form.attest.two_people", number) if ticket.identity.tier >= TIER_OF_TWO else ""
    elements = (
        *((Text(two),) if two else ()),
        Choice(fields.METHOD, scene.say("form.attest.method"), methods),
        Choice(
            fields.CHECKED,
            scene.say("form.attest.checked"),
            options(scene, "form.attest.check", checks),
            several=True,
        ),
        Text(scene.say("form.attest.hint"), muted=True),
    )
    return form(scene, "attest", aimed(Verb.ATTEST, ticket), elements)


def give_up_identity(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that closes kindly because identity cannot be shown (F20)."""
    ways = ((fields.CLOSE_KINDLY, scene.say("form.give_up_identity.close")),)
    elements = (
        Choice(fields.WAY, scene.say("form.give_up_identity.way"), ways, (fields.CLOSE_KINDLY,)),
        Text(scene.say("form.give_up_identity.hint"), muted=True),
    )
    return form(scene, "give_up_identity", aimed(Verb.GIVE_UP_IDENTITY, ticket), elements)


def finish_by_hand(scene: Scene, ticket: Ticket, task: Task) -> Form:
    """Return the checklist of a step by hand, with its page, closing as done, not found or not possible (F33)."""
    facts = {"system": scene.system(task.system), "operation": scene.say(f"operation.{task.operation}")}
    heading = dotted(ticket.ref, scene.say("form.finish_by_hand.row", facts), found(scene, task))
    steps = [f"{number}. {step}" for number, step in enumerate(checklist(scene, ticket, task), 1)]
    link = next((url for place in PLACES if (url := scene.word(task.system, f"link.{place}"))), "")
    elements: tuple[FormElement, ...] = (
        Text(heading, strong=True),
        *((Text(trouble(scene, task)),) if task.trouble or task.state is TaskState.STUCK else ()),
        *(Text(step) for step in steps),
        *((Text(scene.say("refusal.values_first"), muted=True),) if task.operation is Operation.RECTIFY else ()),
        *((Link(scene.say("form.finish_by_hand.page", facts), link),) if link else ()),
        Choice(
            fields.RESULT,
            scene.say("form.finish_by_hand.result"),
            _endings(scene, task),
        ),
        _count(scene, task),
        *((_masked(scene),) if task.operation is Operation.EXPORT else ()),
        _why_not(scene, ticket, task),
        Input(
            fields.NOTE,
            scene.say("form.finish_by_hand.note"),
            InputKind.PROSE,
            required=False,
            hint=scene.say("form.finish_by_hand.note_hint"),
        ),
    )
    return form(scene, "finish_by_hand", aimed(Verb.FINISH_BY_HAND, task), elements)


def _count(scene: Scene, task: Task) -> Input:
    """Return the question how much there was: a search that found something is not done without it."""
    hint = scene.say("form.finish_by_hand.count_hint") if task.operation is Operation.FIND else ""
    return line(scene, "finish_by_hand", fields.COUNT, hint=hint)


def _masked(scene: Scene) -> Input:
    """Return the question whose answer the letter needs: it says of every copy what is masked in it (R51)."""
    return line(scene, "finish_by_hand", fields.MASKED, hint=scene.say("form.finish_by_hand.masked_hint"))


def _why_not(scene: Scene, ticket: Ticket, task: Task) -> Choice:
    """Return the reasons: facts of the system, and grounds of the right, which only propose a decline (D9)."""
    grounds = () if task.operation is Operation.FIND else declines(scene, ticket.part(task.part_id))
    return Choice(
        fields.EXCEPTION_REASON,
        scene.say("form.finish_by_hand.reason"),
        (*options(scene, "exception", fields.EXCEPTIONS), *grounds),
        required=False,
        hint=scene.say("form.finish_by_hand.reason_hint"),
    )


def _endings(scene: Scene, task: Task) -> tuple[tuple[str, str], ...]:
    """Return how the step can end; after a search "done" would leave open whether anything was there."""
    done = "found" if task.operation is Operation.FIND else "done"
    return (
        (fields.DONE, scene.say(f"form.finish_by_hand.{done}")),
        (fields.NOT_FOUND, scene.say("form.finish_by_hand.not_held")),
        (fields.EXCEPTION, scene.say("form.finish_by_hand.exception")),
    )


def settle_unpressed(scene: Scene, ticket: Ticket) -> Form:
    """Return the form that decides when "Ja, radera" was never pressed: erase on the genuine mail, or close kindly."""
    erasing = [task for task in ticket.tasks if task.state is TaskState.LOCKED and task.irreversible]
    ways = (
        (fields.ERASE_ON_MAIL, scene.say("form.settle_unpressed.erase")),
        (fields.CLOSE_KINDLY, scene.say("form.settle_unpressed.close")),
    )
    elements: tuple[FormElement, ...] = (
        *(Text(irreversible(scene, task)) for task in erasing),
        Choice(fields.WAY, scene.say("form.settle_unpressed.choice"), ways),
        reference(scene, ticket.ref, "form.settle_unpressed.reference_hint", required=False),
    )
    return form(scene, "settle_unpressed", aimed(Verb.SETTLE_UNPRESSED, ticket), elements)


def postpone_review(scene: Scene, review: RetentionReview, rule: NoInterestRule) -> Form:
    """Return the form that puts a retention review off, with why."""
    elements = (
        Input(fields.DAYS, scene.say("form.postpone_review.days"), value=str(rule.postpone_days), longest=LONGEST_LINE),
        Input(fields.WHY, scene.say("form.postpone_review.reason"), longest=LONGEST_LINE),
    )
    return form(scene, "postpone_review", aimed(Verb.POSTPONE_REVIEW, review), elements)


def approve_review(scene: Scene, review: RetentionReview) -> Form:
    """Return the form that approves a whole list: what will be gone, and the number to type."""
    facts = {
        "count": scene.count(review.count, "count.contacts"),
        "system": scene.system(review.system),
    }
    elements = (
        Text(scene.say("form.approve_review.line", facts)),
        Text(two_asked(scene, "form.decide.two_people", len(review.approved_by) + 1)),
        Input(
            fields.REFERENCE,
            scene.say("form.approve_review.number"),
            InputKind.REFERENCE,
            hint=scene.say("form.approve_review.number_hint", {"n": str(review.count)}),
            longest=LONGEST_LINE,
        ),
    )
    return form(scene, "approve_review", aimed(Verb.APPROVE_REVIEW, review), elements)


def new(scene: Scene, mark: str = "home") -> Form:
    """Return the form for a request that came another way than by mail (F03); by its *mark* it is known again."""
    channels = tuple((one, scene.say(f"channel.{one}")) for one in Channel if one not in BY_MAIL)
    elements = (
        Choice(fields.CHANNEL, scene.say("form.new.channel"), channels),
        Input(
            fields.RECEIVED,
            scene.say("form.new.received"),
            InputKind.MOMENT,
            scene.now.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M"),
            hint=scene.say("form.new.received_hint"),
        ),
        line(scene, "new", fields.RECEIVED_WHY, hint=scene.say("form.new.received_why_hint")),
        line(scene, "new", fields.NAME),
        line(scene, "new", fields.SUBJECT, hint=scene.say("form.new.subject_hint")),
        line(scene, "new", fields.PHONE),
        Choice(
            fields.LANGUAGE,
            scene.say("form.change.language"),
            (("", scene.say("form.new.language_as_read")), *_languages(scene, Language.SV).options),
            ("",),
            required=False,
        ),
        Input(
            fields.TEXT,
            scene.say("form.new.text"),
            InputKind.PROSE,
            hint=scene.say("form.new.text_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "new", Press(Verb.NEW, mark), elements)


def checklist(scene: Scene, ticket: Ticket, task: Task) -> tuple[str, ...]:
    """Return a step's instructions in order: the system's own words, or ours for a manner it has none for."""
    part = ticket.part(task.part_id)
    how = manner(part.type, part.scope, task.operation)
    if how in MANNERS:
        facts = {"system": scene.system(task.system)}
        keys = takewhile(scene.texts.has, (f"manner.{how}.step{number}" for number in count(1)))
        return tuple(scene.say(key, facts) for key in keys)
    if task.operation in (Operation.HIDE, Operation.LIFT, Operation.RESUME):
        facts = {"system": scene.system(task.system)}
        keys = takewhile(scene.texts.has, (f"manner.{task.operation}.step{number}" for number in count(1)))
        return tuple(scene.say(key, facts) for key in keys)
    steps = (scene.word(task.system, f"checklist.{task.operation}.{number}") for number in count(1))
    return (*_beside_contract(scene, ticket, task), *takewhile(bool, steps))


def _beside_contract(scene: Scene, ticket: Ticket, task: Task) -> tuple[str, ...]:
    """Return what to leave where a contract governs some of what is held (P5)."""
    if taken(ticket) is not Road.CONTRACT or task.operation not in (Operation.EXPORT, Operation.ERASE):
        return ()
    facts = {"system": scene.system(task.system)}
    return tuple(scene.say(f"manner.contract.step{number}", facts) for number in (1, 2))


def _languages(scene: Scene, chosen: Language) -> Choice:
    languages = tuple((one, scene.say(f"language.{one}")) for one in Language)
    return Choice(fields.LANGUAGE, scene.say("form.change.language"), languages, (chosen,))
