"""Cards 2 to 5: what stands on a ticket's card between confirmation and answer.

A ticket's parts run at different speeds, so the card is named by the earliest of them
but offers whatever any part waits for: an access letter can be approved while the
erasure still waits for an owner.
"""

from collections.abc import Iterator
from typing import Final

from bot.card import Button, CardElement, Text, Verb
from bot.cards.buttons import Choices, button
from bot.cards.lettering import named, short, written_in
from bot.cards.particulars import Particulars
from bot.cards.progress import dates, rights, steps, waiting_line
from bot.cards.rows import table
from bot.cards.scene import Scene, capital, dotted
from bot.cards.wait import For, Wait
from bot.cards.waiting import lapses, letter_under_way, question, waits
from bot.domain.correcting import WRITTEN, awaits_values
from bot.domain.disclosure import hands_out
from bot.domain.identity import ATTEMPTS, TIER_OF_TWO, Identity, IdentityState, Method
from bot.domain.incident import clocked
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.policy import officer_only
from bot.domain.protection import hidings, protected, suspect
from bot.domain.redaction import awaited, judgings
from bot.domain.restriction import liftings
from bot.domain.system import Operation
from bot.domain.ticket import Stage, Ticket
from bot.domain.unpressed import a_person_decides, pressable_since

TITLES: Final = {
    Stage.RECEIVED: "card.thread.title",
    Stage.LOCATING: "card.locating.title",
    Stage.VERIFYING: "card.identity.title",
    Stage.DECIDING: "card.decide.title",
    Stage.EXECUTING: "card.executing.title",
    Stage.REPLYING: "card.reply.title",
}


def title(scene: Scene, ticket: Ticket) -> str:
    """Return the title by the stage of the earliest open part."""
    key = TITLES[ticket.stage]
    if ticket.stage is Stage.REPLYING and not any(_approvable(letter) for letter in ticket.letters):
        key = "card.reply.title_under_way"
    return scene.say(key, {"ref": ticket.ref})


def body(scene: Scene, ticket: Ticket, beside: Particulars) -> tuple[CardElement, ...]:
    """Return what stands on the card above its buttons."""
    about: tuple[str, ...]
    match ticket.stage:
        case Stage.VERIFYING:
            about = _identity(scene, ticket)
        case Stage.LOCATING:
            about = (searched(scene, ticket),)
        case _:
            about = ()
    lines = (
        Text(dotted(rights(scene, ticket.parts), *_identity_words(scene, ticket)), strong=True),
        *(Text(line) for line in about),
        *(Text(line) for line in letter_lines(scene, ticket, beside)),
        *(Text(line) for line in _copy_lines(scene, ticket)),
        Text(_link_unpressed(scene, ticket)),
    )
    after = (dates(scene, ticket), waiting_line(scene, ticket))
    return (
        *(line for line in lines if line.text),
        *table(scene, ticket, beside),
        *(Text(line) for line in after if line),
        steps(scene, ticket),
    )


def searched(scene: Scene, ticket: Ticket) -> str:
    """Return how many systems have been gone through, and that nothing is disclosed by it (D6)."""
    searches = [task for task in ticket.tasks if task.operation is Operation.FIND]
    facts = {"done": sum(task.settled for task in searches), "total": len(searches)}
    line = scene.say("card.locating.line")
    return dotted(scene.say("card.locating.progress", facts), line) if searches else line


def _identity_words(scene: Scene, ticket: Ticket) -> tuple[str, ...]:
    state = ticket.identity.state
    if ticket.stage in (Stage.LOCATING, Stage.VERIFYING) or state is IdentityState.NOT_NEEDED:
        return ()
    if state is IdentityState.AUTHENTICATED:
        return (scene.say("card.decide.identity_by_link"),)
    return (scene.say("card.decide.identity", {"state": scene.say(f"identity_state.{state}")}),)


def _identity(scene: Scene, ticket: Ticket) -> tuple[str, ...]:
    identity, asked = ticket.identity, question(ticket)
    method = identity.challenge.method if identity.challenge else Method.LINK
    by = capital(scene.say("card.identity.by", {"method": scene.say(f"method.{method}")})) if asked else ""
    sent = _sent(scene, asked) if asked else scene.say("card.identity.not_sent")
    tried = ""
    if identity.challenge is not None:
        facts = {"used": identity.challenge.attempts, "allowed": ATTEMPTS}
        tried = scene.say("card.identity.tried", facts)
    return tuple(line for line in (by, dotted(sent, tried), _attested(scene, identity)) if line)


def _attested(scene: Scene, identity: Identity) -> str:
    """Return how many colleagues must vouch for the person; which tier that is, and why, a chat is not told (D14)."""
    if identity.tier < TIER_OF_TWO:
        return ""
    if identity.attestations:
        return scene.say("card.identity.attested_once_alone" if scene.single else "card.identity.attested_once")
    return scene.say("card.identity.two_alone" if scene.single else "card.identity.two")


def _sent(scene: Scene, asked: Letter) -> str:
    over = lapses(asked)
    if asked.sent_at is None or over is None:
        return scene.say("card.identity.not_sent")
    facts = {"moment": scene.texts.moment(scene.language, asked.sent_at), "day": scene.on(over)}
    return scene.say("card.identity.sent" if over > scene.now else "card.identity.lapsed", facts)


def letter_lines(scene: Scene, ticket: Ticket, beside: Particulars) -> Iterator[str]:
    """Return one line per letter that somebody must see to, or that is on its way."""
    for letter in ticket.letters:
        if letter.state is LetterState.DOUBTFUL:
            lost = "card.reply.unwritten" if letter.unwritten else "card.reply.doubtful"
            yield scene.say(lost, {"letter": named(scene, letter.kind)})
    held_back = (letter for letter in ticket.letters if _approvable(letter))
    for letter in dict.fromkeys((*_answers_under_way(ticket), *held_back)):
        words = written_in(scene, letter.kind, ticket.language)
        size = ""
        packed = letter.kind is LetterKind.ACCESS_ANSWER and not letter.unwritten
        if beside.package_bytes is not None and packed:
            amount = scene.texts.size(scene.language, beside.package_bytes)
            size = scene.say("card.reply.package", {"size": amount})
        under_way = "" if _approvable(letter) else scene.say(f"letter_state.{letter.standing}")
        blanked = sum(one.blanked for part_id in letter.part_ids for one in judgings(ticket, ticket.part(part_id)))
        masked = scene.count(blanked, "count.masked") if blanked else ""
        yield dotted(words, size, masked, under_way)


def _copy_lines(scene: Scene, ticket: Ticket) -> Iterator[str]:
    """Say how many records of a copy wait to be gone through, system by system: counts and nothing else (D14)."""
    for one in (one for part in ticket.parts for one in awaited(ticket, part)):
        facts = {"system": scene.system(ticket.task(one.task_id).system)}
        undecided = scene.count(one.undecided, "count.to_judge") if one.undecided else ""
        proposed = scene.count(one.proposed, "count.to_second") if one.proposed else ""
        yield scene.say("card.executing.copy", facts | {"count": dotted(undecided, proposed)})


def _answers_under_way(ticket: Ticket) -> Iterator[Letter]:
    for part in ticket.parts:
        if part.stage is Stage.REPLYING and (letter := letter_under_way(ticket, part)) is not None:
            yield letter


def _approvable(letter: Letter) -> bool:
    return letter.state is LetterState.DRAFT


def choices(scene: Scene, ticket: Ticket) -> Choices:
    """Return what can be done now by anybody, in the order it is most likely wanted."""
    waited = waits(scene, ticket)
    ahead = [
        *for_letters(scene, ticket),
        *_for_identity(scene, ticket),
        *(() if WRITTEN in ticket.flags else _for_values(scene, ticket)),
        *_for_decisions(scene, ticket, waited),
        *(_for_values(scene, ticket) if WRITTEN in ticket.flags else ()),
        *by_hand(scene, ticket, waited),
        *_unpressed(scene, ticket),
    ]
    reading = any(one.press.verb is Verb.REVIEW for one in ahead)
    review = () if reading else (button(scene, Verb.REVIEW, ticket),)
    return Choices(ahead, (*review, button(scene, Verb.HAND_OVER, ticket)), leads=_leads(waited))


def _leads(waited: tuple[Wait, ...]) -> bool:
    """Nothing stands out while the person is asked who they are: there is nothing to press yet."""
    return not any(wait.what is For.PROOF for wait in waited)


def for_letters(scene: Scene, ticket: Ticket) -> Iterator[Button]:
    """Return what can be done about drafts and doubtful letters."""
    for letter in ticket.letters:
        if letter.state is LetterState.DOUBTFUL:
            yield button(scene, Verb.SETTLE_LETTER, letter)
    drafts = [letter for letter in ticket.letters if _approvable(letter)]
    for letter in drafts:
        verb = Verb.SEND_PACKAGE if hands_out(ticket, letter) else Verb.SEND_LETTER
        which = scene.say(f"button.{verb}_named", {"letter": short(scene, letter.kind)})
        yield button(scene, verb, letter, which if len(drafts) > 1 else "")
    if drafts:
        yield button(scene, Verb.REVIEW, ticket, scene.say("button.read_letter"))


def _for_identity(scene: Scene, ticket: Ticket) -> Iterator[Button]:
    if not any(part.stage is Stage.VERIFYING for part in ticket.parts):
        return
    verbs = [Verb.ASK_AGAIN, Verb.ATTEST, Verb.GIVE_UP_IDENTITY]
    if question(ticket) is None:
        verbs = [Verb.ATTEST, Verb.GIVE_UP_IDENTITY]
        # never by itself: a colleague decides whether to ask, of a settled breach too
        asks = suspect(ticket) or officer_only(ticket) or clocked(ticket)
        if asks and not protected(ticket):
            yield button(scene, Verb.ASK_AGAIN, ticket, scene.say("button.ask_on_file"))
    elif ticket.identity.attestations:
        verbs = [Verb.ATTEST, Verb.ASK_AGAIN, Verb.GIVE_UP_IDENTITY]
    yield from (button(scene, verb, ticket) for verb in verbs)


def _for_values(scene: Scene, ticket: Ticket) -> Iterator[Button]:
    """Return the way to the page where values are put right, while any waits for them."""
    if any(awaits_values(task) for task in ticket.tasks):
        yield button(scene, Verb.CORRECT, ticket)


def _for_decisions(scene: Scene, ticket: Ticket, waited: tuple[Wait, ...]) -> Iterator[Button]:
    if any(wait.what in (For.APPROVAL, For.SECOND_APPROVAL) for wait in waited):
        yield button(scene, Verb.DECIDE, ticket)
    for wait in waited:
        if wait.what is For.DECLINE:
            facts = {"system": scene.system(wait.system)}
            yield button(
                scene,
                Verb.CONFIRM_DECLINE,
                ticket.task(wait.about),
                scene.say("button.confirm_decline_in", facts),
            )


def by_hand(scene: Scene, ticket: Ticket, waited: tuple[Wait, ...]) -> Iterator[Button]:
    """Return what can be done about steps by hand and those that stand still."""
    hidden = {task.id for task in (*hidings(ticket), *liftings(ticket))}  # those have buttons of their own
    copies = [wait.about for wait in waited if wait.what is For.COPY]
    for wait in waited:
        facts = {"system": scene.system(wait.system)}
        if wait.what is For.BY_HAND and wait.about not in hidden:
            label = scene.say("button.finish_by_hand_in", facts)
            yield button(scene, Verb.FINISH_BY_HAND, ticket.task(wait.about), label)
        if wait.what is For.SHARED:
            yield button(scene, Verb.REVIEW, ticket, scene.say("button.rule_shared"))
        if wait.what is For.COPY and wait.about == copies[0]:  # one page shows them all
            yield button(scene, Verb.REVIEW, ticket, scene.say("button.judge_copy"))
        if wait.what is For.STUCK:
            yield button(scene, Verb.RETRY, ticket.task(wait.about), scene.say("button.retry_in", facts))
            label = scene.say("button.finish_by_hand_in", facts)
            yield button(scene, Verb.FINISH_BY_HAND, ticket.task(wait.about), label)


def _link_unpressed(scene: Scene, ticket: Ticket) -> str:
    since = pressable_since(ticket)
    if since is None or not a_person_decides(ticket, scene.now, scene.calendar):
        return ""
    return scene.say("card.unpressed.line", {"day": scene.on(since)})


def _unpressed(scene: Scene, ticket: Ticket) -> Iterator[Button]:
    if a_person_decides(ticket, scene.now, scene.calendar):
        yield button(scene, Verb.SETTLE_UNPRESSED, ticket)
