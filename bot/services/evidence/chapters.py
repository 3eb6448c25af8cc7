"""The chapters of a ticket's file: what came in, its days and how they were counted, who decided, what was done."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from bot.cards.history import sentence
from bot.cards.rows import LOOKED, LOOKED_AGAIN
from bot.cards.scene import capital, dotted
from bot.domain.deadline import local_date
from bot.domain.extension import told
from bot.domain.ledger import CARD, DESK, Entry, LedgerEvent
from bot.domain.letter import Letter
from bot.domain.task import Task, TaskState
from bot.domain.ticket import BY_REASON, Part
from bot.services.dossier import Chapter
from bot.services.evidence.case import NOTHING, Case, at, on

LOOKS: Final = frozenset({LedgerEvent.LOOKED, LedgerEvent.LINK_OPENED, LedgerEvent.PACKAGE_FETCHED})
SHORT: Final = 12  # digits of a hash that are shown; the head is shown whole
#: Who approves a letter that goes by itself.
#: What is written down of a look at the file, to tell it from a look at the content.
FILE: Final = "file"


def opening(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what stands at the head of the file."""
    ticket, scene = case.ticket, case.scene
    forwarded = case.say("evidence.forwarded", {"at": at(ticket.forwarded_at)}) if ticket.forwarded_at else ""
    unsure = case.say("evidence.unsure") if ticket.unsure_clock else ""
    outcomes = dict.fromkeys(case.say(f"outcome.{part.outcome}") for part in ticket.parts if part.outcome)
    made = {"at": at(scene.now), "who": case.who(case.reader.id)}
    facts = (
        ("asked", "; ".join(_asked(case, part) for part in ticket.parts)),
        ("received", dotted(at(ticket.received), case.say(f"channel.{ticket.channel}"), forwarded, unsure)),
        ("state", dotted(capital(case.say(f"stage.{ticket.stage}")), ", ".join(outcomes))),
        ("handler", case.who(ticket.handler) if ticket.handler else NOTHING),
        ("language", capital(case.say(f"language.{ticket.language}"))),
        ("made", case.say("evidence.made", made)),
    )
    return tuple((case.say(f"evidence.fact.{key}"), value) for key, value in facts)


def sealed(case: Case) -> str:
    """Return in one sentence whether the ledger's chain held."""
    facts = {"n": len(case.entries), "seq": case.broken.seq if case.broken else 0}
    return case.say("evidence.broken" if case.broken else "evidence.whole", facts)


def chapters(case: Case) -> tuple[Chapter, ...]:
    """Return the chapters in their order."""
    return (
        _days(case),
        _identity(case),
        _decisions(case),
        _done(case),
        _letters(case),
        *_notes(case),
        _events(case),
        _looks(case),
        _proof(case),
    )


def _asked(case: Case, part: Part) -> str:
    """Return the right with its article, and the scope in words without values."""
    wide = case.say(f"scope.{part.scope.kind}") if part.scope.kind == "everything" else case.say("evidence.limited")
    return f"{case.say(f'right.{part.type}')} ({case.say(f'evidence.article.{part.type}')}), {wide}"


def _days(case: Case) -> Chapter:
    rows, words = [], [case.say("evidence.how_counted"), case.say("evidence.how_targeted")]
    for part in case.ticket.parts:
        days, notice = case.house.dates(case.ticket, part), told(case.ticket, part, case.house.calendar)
        answered = local_date(part.closed_at) if part.closed_at else None
        rows.append(
            (
                case.say(f"right.{part.type}"),
                at(part.received),
                on(days.nominal_end),
                on(days.safe_target),
                on(days.last_day),
                on(answered) if answered else NOTHING,
                _in_time(case, part, answered, days.last_day),
            )
        )
        if notice is not None and notice.sent_at is not None:
            words.append(_extended(case, part, notice.sent_at))
    columns = ("right", "received", "month_ends", "target", "last_day", "answered", "in_time")
    return Chapter(case.say("evidence.days"), words=tuple(words), sheets=case.table("days", columns, rows))


def _extended(case: Case, part: Part, sent: datetime) -> str:
    days = case.house.dates(case.ticket, part)
    reasons = [
        case.say(f"extension_reason.{key}")
        for entry in case.entries
        if entry.event is LedgerEvent.EXTENDED
        for key in str(entry.facts["reasons"]).split(",")
    ]
    facts = {
        "right": case.say(f"right.{part.type}"),
        "notice": at(sent),
        "latest": on(days.extension_notice_last_day),
        "last": on(days.extended_last_day),
        "reasons": case.house.texts.together(case.language, list(dict.fromkeys(reasons))),
    }
    return case.say("evidence.extended", facts)


def _in_time(case: Case, part: Part, answered: date | None, last: date) -> str:
    if part.outcome in BY_REASON:
        return case.say("evidence.not_owed")
    if answered is None:
        return case.say("evidence.still_open" if case.house.today() <= last else "evidence.overdue")
    return case.say("evidence.yes" if answered <= last else "evidence.no")


def _identity(case: Case) -> Chapter:
    identity = case.ticket.identity
    doubts = "; ".join(case.say(f"doubt.{one}") for one in identity.doubts)
    method = case.say(f"method.{identity.method}") if identity.method else NOTHING
    facts = [
        ("state", capital(case.say(f"identity_state.{identity.state}"))),
        ("tier", str(identity.tier)),
        ("doubts", capital(doubts) or case.say("evidence.no_doubt")),
        ("method", dotted(capital(method), at(identity.proven_at) if identity.proven_at else "")),
    ]
    rows = [(at(one.at), capital(case.say(f"method.{one.method}")), case.who(one.by)) for one in identity.attestations]
    return Chapter(
        case.say("evidence.identity"),
        tuple((case.say(f"evidence.fact.identity_{key}"), value) for key, value in facts),
        (case.say("evidence.no_document"),),
        case.table("attested", ("time", "method", "who"), rows),
    )


def _decisions(case: Case) -> Chapter:
    rows = [
        row for part in case.ticket.parts for task in case.ticket.tasks_of(part) for row in _decided(case, part, task)
    ]
    columns = ("time", "system", "measure", "decision", "who")
    sheets = case.table("decisions", columns, sorted(rows))
    return Chapter(case.say("evidence.decisions"), sheets=sheets, empty=case.say("evidence.no_decisions"))


def _decided(case: Case, part: Part, task: Task) -> Iterator[tuple[str, ...]]:
    what = (case.scene.system(task.system), _measure(case, part, task))
    for number, yes in enumerate(task.approvals, 1):
        of = case.say("evidence.yes_of", {"n": number, "of": task.approvals_needed})
        said = of if task.approvals_needed > 1 else case.say("evidence.approved")
        yield (at(yes.at), *what, said, case.who(yes.by, task.system))
    if task.ground and task.declined_by:
        ground = case.say("evidence.declined", {"ground": case.say(f"ground.{part.type}.{task.ground}")})
        when = at(task.settled_at) if task.settled_at else NOTHING
        yield (when, *what, ground, case.who(task.declined_by, task.system))


def _measure(case: Case, part: Part, task: Task) -> str:
    return f"{capital(case.say(f'operation.{task.operation}'))} ({case.say(f'right_inside.{part.type}')})"


def _done(case: Case) -> Chapter:
    rows = [
        (
            case.scene.system(task.system),
            _measure(case, part, task),
            capital(case.say(f"mode.{task.mode}")),
            _result(case, task),
            _proof_of(case, task),
            at(task.settled_at) if task.settled_at else NOTHING,
        )
        for part in case.ticket.parts
        for task in case.ticket.tasks_of(part)
    ]
    columns = ("system", "measure", "how", "result", "proof", "time")
    sheets = case.table("done", columns, rows)
    return Chapter(case.say("evidence.done"), sheets=sheets, empty=case.say("evidence.nothing_done"))


def _result(case: Case, task: Task) -> str:
    counts = task.done if task.state is TaskState.DONE and task.done else task.found
    shown = task.state in (TaskState.DONE, TaskState.DECLINED, TaskState.EXCEPTION)
    counted = case.scene.counted(task.system, counts) if shown else ""
    why = case.say(task.reason) if case.house.texts.has(task.reason) and task.reason not in LOOKED else ""
    if task.state is TaskState.NOT_APPLICABLE and not why:
        why = case.say("evidence.own_reason")
    return dotted(capital(case.say(f"task_state.{task.state}")), counted, why)


def _proof_of(case: Case, task: Task) -> str:
    """Return what shows that it was done: what we saw when we looked again, or whose word it is."""
    if task.state is not TaskState.DONE:
        return NOTHING
    if task.reason in LOOKED:
        return dotted(capital(case.say(LOOKED[task.reason])), case.who(task.settled_by, task.system))
    if task.settled_by:
        return case.say("evidence.by_word_of", {"who": case.who(task.settled_by, task.system)})
    looked = task.operation in LOOKED_AGAIN and bool(task.found)
    return case.say("evidence.looked_again" if looked else "evidence.by_receipt")


def _letters(case: Case) -> Chapter:
    rows = [
        (
            letter.kind.number or NOTHING,
            capital(case.say(f"letter.{letter.kind}")),
            _approved_by(case, letter),
            _to(case, letter),
            at(letter.sent_at) if letter.sent_at else NOTHING,
            capital(case.say(f"letter_state.{letter.standing}")),
        )
        for letter in case.ticket.letters
    ]
    columns = ("letter", "about", "approved_by", "to", "sent", "state")
    sheets = case.table("letters", columns, rows)
    return Chapter(case.say("evidence.letters"), sheets=sheets, empty=case.say("evidence.no_letters"))


def _approved_by(case: Case, letter: Letter) -> str:
    """Return who approved a letter; what goes by itself was read by nobody, and the file says so."""
    if letter.approved_by == DESK:
        return case.say("evidence.by_itself")
    return case.who(letter.approved_by) if letter.approved_by else NOTHING


def _to(case: Case, letter: Letter) -> str:
    address = case.notes.recipients.get(letter.id, "") if case.notes else ""
    return address or case.say("evidence.to_person")


def _notes(case: Case) -> Iterator[Chapter]:
    """Yield the sealed notes, in an officer's copy alone and only while there are any."""
    if case.notes is None:
        return
    facts = [("received_why", case.notes.received), ("extension", case.notes.extension)]
    for one in case.notes.astray:
        kinds = ", ".join(case.say(f"wrong_category.{key}") for key in one.categories)
        facts.append(("astray", f"{kinds}. {one.words}"))
    told_of = tuple((case.say(f"evidence.note.{key}"), words) for key, words in facts if words)
    if told_of:
        yield Chapter(case.say("evidence.notes"), told_of, (case.say("evidence.notes_why"),))


def _events(case: Case) -> Chapter:
    rows = [
        (str(one.seq), at(one.at, seconds=True), _look(case, one), _by(case, one), one.hash[:SHORT])
        for one in case.entries
    ]
    columns = ("seq", "time", "event", "who", "hash")
    return Chapter(case.say("evidence.events"), sheets=case.table("events", columns, rows))


def _looks(case: Case) -> Chapter:
    rows = [
        (at(one.at), _look(case, one), case.who(one.actor))
        for one in case.entries
        if one.event in LOOKS and CARD not in one.facts
    ]
    sheets = case.table("looks", ("time", "event", "who"), rows)
    return Chapter(case.say("evidence.looks"), words=(case.say("evidence.looks_why"),), sheets=sheets)


def _by(case: Case, entry: Entry) -> str:
    return case.who(entry.actor, str(entry.facts.get("system", "")))


def _look(case: Case, entry: Entry) -> str:
    """Return what was looked at: a look at the file says so, any other is at the content."""
    return case.say("evidence.read_file") if FILE in entry.facts else sentence(entry, case.scene)


def _proof(case: Case) -> Chapter:
    head = case.entries[-1].hash if case.entries else NOTHING
    facts = (
        (case.say("evidence.fact.entries"), str(len(case.entries))),
        (case.say("evidence.fact.chain_head"), head),
        (case.say("evidence.fact.verified"), sealed(case)),
    )
    return Chapter(case.say("evidence.proof"), facts, (case.say("evidence.proof_how"),))
