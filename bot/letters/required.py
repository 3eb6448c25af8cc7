"""What a letter must hold (domain.md section 4), checked after writing and after a colleague's edit.

Facts are looked for as they stand (reference, dates, link, names); duties by marks in the
texts (`letter_mark`), so that a colleague may word them otherwise but not drop them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from bot.domain.letter import LetterKind
from bot.domain.policy_text import for_roles
from bot.domain.request import Language
from bot.letters.access import BLOCKS
from bot.letters.compose import BESIDE_CONTRACT, HEADS, LEFT, clause, needs_article_15, packed
from bot.letters.extension import extended_to, extension_why
from bot.letters.matter import Matter, Told
from bot.letters.others import transfer_why

FRAME: Final = ("controller", "registration", "address", "email", "ref")
ASKED: Final = (*FRAME, "received", "asked", "imy")
CLOSING: Final = ("reasons", "complaint", "court")

#: The blocks each kind must hold; what depends on the facts is added by `required`.
REQUIRED: Final[Mapping[LetterKind, tuple[str, ...]]] = {
    LetterKind.ACKNOWLEDGEMENT: (*ASKED, "last_day", "free_of_charge"),
    LetterKind.IDENTITY_NEEDED: (*ASKED, "doubt", "needed", "no_id_copy", "only_for_check", "otherwise"),
    LetterKind.CLARIFICATION: (*ASKED, "questions", "otherwise", "last_day"),
    LetterKind.EXTENDED: (*ASKED, "last_day", "extended_to", "extension_why"),
    LetterKind.ACCESS_ANSWER: (*ASKED, "results", "masked", "version"),
    LetterKind.NOTHING_FOUND: (*ASKED, "results", "another_address", "case_log"),
    LetterKind.ERASURE_DONE: (*ASKED, "results", "backups", "case_log"),
    LetterKind.REFUSED: (*ASKED, "results", "kept", *CLOSING),
    LetterKind.RECTIFIED: (*ASKED, "results", "corrected", "case_log"),
    LetterKind.RESTRICTED: (*ASKED, "results", "ground", "ends", "only_stored", "before_lifting", "case_log"),
    LetterKind.PORTABLE: (*ASKED, "results", "not_covered", "access_instead", "case_log"),
    LetterKind.TRANSFERRED: (*FRAME, "received", "transfer", "case_log"),
    LetterKind.OBJECTION_WEIGHED: (*ASKED, "results", "case_log"),
    LetterKind.LIFTING: (*FRAME, "since", "lift_why", "lift_from", *CLOSING),
    LetterKind.OPTED_OUT: (*ASKED, "results", "stopped_from", "covers", "still_sent", "remains"),
    LetterKind.CANNOT_IDENTIFY: (*ASKED, "article_11", "what_helps", *CLOSING),
    LetterKind.ID_NEEDED: (*ASKED, "no_link", "article_11", "the_id", "what_helps", "own_check", "last_day", *CLOSING),
    LetterKind.CONTRACT: (*ASKED, "contract", "contact", "passed_on", "own_check", "last_day"),
    LetterKind.JOB_SITE: (*ASKED, "site", "not_ours", "reach", "own_check", "last_day"),
    LetterKind.AUTHORITY_NEEDED: (*FRAME, "received", "authority", "says_nothing", "themselves", "otherwise", "imy"),
    LetterKind.CONSENT_WITHDRAWN: (*ASKED, "results", "withdrawn", "lawful_before", "effect", "case_log"),
    LetterKind.DECEASED: (*FRAME, "received", "condolence", "no_mailings", "nothing_given"),
    LetterKind.NEUTRAL: (*FRAME, "on_file"),
    LetterKind.GENERAL: (*FRAME, "received", "answer", "how_to_ask", "imy"),
    LetterKind.CONFIRM_ERASURE: (*ASKED, "link", "link_expiry", "otherwise"),
    LetterKind.CODE: (*FRAME, "code"),
    LetterKind.NEW_LINK: (*FRAME, "link", "link_expiry"),
    LetterKind.UNDONE: (*FRAME, "received", "results"),
    LetterKind.TAKEN_BACK: (*ASKED, "taken_back", "anew"),
    LetterKind.NO_REPLY: (*FRAME, "received", "not_heard", "anew", *CLOSING),
}

#: Answers that may have to say that something was left, and then owe the closing block (R51).
MAY_LEAVE: Final = frozenset(
    {
        LetterKind.OPTED_OUT,
        LetterKind.GENERAL,
        LetterKind.CONSENT_WITHDRAWN,
        LetterKind.RECTIFIED,
        LetterKind.RESTRICTED,
        LetterKind.OBJECTION_WEIGHED,
        LetterKind.PORTABLE,
    }
)

#: What such an answer owes beside the closing block.
OF_ITS_OWN: Final[Mapping[LetterKind, tuple[str, ...]]] = {
    LetterKind.RECTIFIED: ("statement",),
    LetterKind.OBJECTION_WEIGHED: ("weighing",),
}

#: Letters that say who else was told of what was done (Art. 19).
TELL_OTHERS: Final = frozenset(
    {
        LetterKind.ERASURE_DONE,
        LetterKind.REFUSED,
        LetterKind.RECTIFIED,
        LetterKind.RESTRICTED,
        LetterKind.OBJECTION_WEIGHED,
        LetterKind.CONSENT_WITHDRAWN,
    }
)

#: Letters that say what came of handing a file to somebody else (Art. 20(2)).
HAND_OVER: Final = frozenset({LetterKind.PORTABLE, LetterKind.TRANSFERRED})

#: Swedish personal identity numbers, and what looks like them; the controller's own number is none.
PERSONNUMMER: Final = re.compile(r"\b(?:\d{2})?\d{6}[-+–]\d{4}\b")


def missing(kind: LetterKind, language: Language, text: str, matter: Matter) -> tuple[str, ...]:
    """Return the keys of the blocks the letter lacks, in order; below `letter_block` stand their words."""
    lacking = [block for block in required(kind, matter) if not _holds(block, kind, language, text, matter)]
    if PERSONNUMMER.search(text.replace(matter.stationery.policy.controller.registration, "")):
        lacking.append("no_personnummer")
    return tuple(lacking)


def required(kind: LetterKind, matter: Matter) -> tuple[str, ...]:
    """Return the blocks a letter of that kind must hold, given the facts."""
    blocks = list(REQUIRED[kind])
    if needs_article_15(kind, matter):
        blocks += [*BLOCKS, *(("link", "link_expiry") if packed(matter) else ())]
    blocks += _of_others(kind, matter)
    if kind is LetterKind.PORTABLE:
        blocks += ("link", "link_expiry", "field_key", "direct") if packed(matter) else CLOSING
    if kind is LetterKind.IDENTITY_NEEDED and matter.link:
        blocks += ["link", "link_expiry"]
    if matter.suppressed and kind in (LetterKind.ERASURE_DONE, LetterKind.OPTED_OUT):
        blocks.append("suppression")
    if kind in MAY_LEAVE and any(one.told in LEFT for one in matter.results):
        blocks += CLOSING
        blocks += OF_ITS_OWN.get(kind, ())
    return tuple(dict.fromkeys([*blocks, *_by_facts(kind, matter)]))


def _by_facts(kind: LetterKind, matter: Matter) -> Iterator[str]:
    """Yield what the facts alone add, whatever the kind holds besides."""
    if matter.road.stopped and kind is LetterKind.CLARIFICATION:
        yield "stopped_already"
    if matter.road.beside_contract and kind in BESIDE_CONTRACT:
        yield "beside_contract"
    if "results" in REQUIRED[kind] and any(one.lasts for one in matter.results):
        yield "lasts"
    if matter.recipients.names and kind in TELL_OTHERS:
        yield "told"
    if matter.transfers and kind in HAND_OVER:
        yield "transfer"
        if any(one.told is Told.FAILED for one in matter.transfers):
            yield from ("complaint", "court")  # the reason stands with whom it was to go to
    if matter.road.cookie and kind is LetterKind.CANNOT_IDENTIFY:
        yield from ("results", "the_id")
    if matter.undo_link and kind is LetterKind.OPTED_OUT:
        yield "undo"


def _of_others(kind: LetterKind, matter: Matter) -> tuple[str, ...]:
    """Return what is owed where others' rights took something from the copy: heavy blanking is a refusal in part (R51).

    A refusal owes the closing block whatever is blanked out.
    """
    if not (matter.masked or matter.left_out):
        return ()
    left = ("left_out",) if matter.left_out else ()
    match kind:
        case LetterKind.ACCESS_ANSWER:
            return (*CLOSING, *left)
        case LetterKind.PORTABLE:
            return ("masked", *CLOSING, *left)
        case _:
            return left


def _holds(block: str, kind: LetterKind, language: Language, text: str, matter: Matter) -> bool:
    flat = _flat(text)
    if _headed(block, kind, matter) and not _under_head(block, language, text, matter):
        return False
    if block in FACTS and not all(_flat(fact) in flat for fact in FACTS[block](language, matter)):
        return False
    if block == "answer":
        return _flat(matter.stationery.texts.say(language, "letter_line.no_answer")) not in flat
    if block == "asked":
        return all(_marked(f"letter_mark_right.{right}", language, flat, matter) for right in matter.asked)
    return block not in MARKED or _marked(f"letter_mark.{block}", language, flat, matter)


def _headed(block: str, kind: LetterKind, matter: Matter) -> bool:
    """Whether the block stands under a heading of its own; the complaint does so only among those of Article 15."""
    return block in HEADS and (block != "complaint" or (needs_article_15(kind, matter) and packed(matter)))


def _under_head(block: str, language: Language, text: str, matter: Matter) -> bool:
    """Whether the heading stands there with words right below it: a blank line or another heading is an empty block."""
    texts = matter.stationery.texts
    heads = {_flat(texts.say(language, f"letter_head.{key}")) for key in HEADS}
    wanted = _flat(texts.say(language, f"letter_head.{block}"))
    rows = [_flat(row) for row in text.splitlines()]
    return any(row == wanted and after and after not in heads for row, after in pairwise(rows))


def _marked(key: str, language: Language, flat: str, matter: Matter) -> bool:
    """Whether any alternative ("a|b") stands there with all its words ("a+b")."""
    marks = matter.stationery.texts.say(language, key).split("|")
    return any(all(_flat(word) in flat for word in mark.split("+")) for mark in marks)


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def _recipients(_: Language, matter: Matter) -> list[str]:
    policy = matter.stationery.policy
    roles = policy.roles_held(matter.roles, (place for result in matter.results for place in result.places))
    return [one.name for one in for_roles(policy.recipients, roles)]


def _restriction(language: Language, matter: Matter, what: str) -> list[str]:
    """Return the words of a restriction's ground, of what ends it, or of why it is lifted."""
    one = matter.restriction
    word = {"ground": one.ground, "ends": one.ends, "lifted": one.lifting}[what] if one else None
    return [matter.stationery.texts.say(language, f"restriction_{what}.{word}")] if word else []


def _restriction_day(language: Language, matter: Matter, what: str) -> list[str]:
    one = matter.restriction
    day = {"since": one.since, "lift_from": one.lift_from}[what] if one else None
    return [matter.stationery.texts.long_day(language, day)] if day else []


Fact = Callable[[Language, Matter], list[str]]

FACTS: Final[Mapping[str, Fact]] = {
    "controller": lambda _, m: [m.stationery.policy.controller.name],
    "registration": lambda _, m: [m.stationery.policy.controller.registration],
    "address": lambda _, m: [m.stationery.policy.controller.postal],
    "email": lambda _, m: [m.stationery.policy.controller.email],
    "ref": lambda _, m: [m.ref],
    "received": lambda language, m: [m.stationery.texts.long_day(language, m.received)],
    "last_day": lambda language, m: [m.stationery.texts.long_day(language, m.last_day)],
    "extended_to": extended_to,
    "extension_why": extension_why,
    "link": lambda _, m: [m.link],
    "undo": lambda _, m: [m.undo_link],
    "link_expiry": lambda language, m: [m.stationery.texts.long_day(language, m.link_until)] if m.link_until else [],
    "code": lambda _, m: [m.code],
    "results": lambda _, m: [result.name for result in m.results],
    "kept": lambda _, m: [result.name for result in m.results if result.told in LEFT],
    "reasons": lambda _, m: [clause(result.why) for result in m.results if result.told in LEFT],
    "lasts": lambda _, m: [one.lasts for one in m.results],
    "recipients": _recipients,
    "told": lambda _, m: list(m.recipients.names),
    "transfer": lambda language, m: [word for one in m.transfers for word in (one.to, transfer_why(language, m, one))],
    "weighing": lambda _, m: [" ".join(m.weighing.split())],
    "corrected": lambda _, m: [
        word for one in m.corrected for word in (one.name, *((one.before, one.after) if one.told else ()))
    ],
    "ground": lambda language, m: _restriction(language, m, "ground"),
    "ends": lambda language, m: _restriction(language, m, "ends"),
    "lift_why": lambda language, m: _restriction(language, m, "lifted"),
    "since": lambda language, m: _restriction_day(language, m, "since"),
    "lift_from": lambda language, m: _restriction_day(language, m, "lift_from"),
    "version": lambda _, m: [m.stationery.policy.version],
    "questions": lambda language, m: [m.stationery.texts.say(language, f"clarify.{one}") for one in m.road.questions],
    "contact": lambda _, m: [m.road.contact],
    "passed_on": lambda language, m: (
        [m.stationery.texts.long_day(language, m.road.passed_on)] if m.road.passed_on else []
    ),
    "site": lambda _, m: [m.road.site],
    "reach": lambda _, m: [m.road.reach],
    "authority": lambda language, m: (
        [m.stationery.texts.say(language, f"letter_authority.{m.road.authority}")] if m.road.authority else []
    ),
}

MARKED: Final = frozenset(
    {
        "imy",
        "free_of_charge",
        "doubt",
        "needed",
        "no_id_copy",
        "only_for_check",
        "otherwise",
        "another_address",
        "case_log",
        "backups",
        "statement",
        "only_stored",
        "not_covered",
        "access_instead",
        "field_key",
        "direct",
        "before_lifting",
        "reasons",
        "complaint",
        "court",
        "stopped_from",
        "covers",
        "still_sent",
        "remains",
        "article_11",
        "no_link",
        "the_id",
        "what_helps",
        "on_file",
        "how_to_ask",
        "suppression",
        "contract",
        "own_check",
        "not_ours",
        "says_nothing",
        "themselves",
        "withdrawn",
        "lawful_before",
        "effect",
        "condolence",
        "no_mailings",
        "nothing_given",
        "not_heard",
        "anew",
        "taken_back",
        "stopped_already",
        "left_out",
        "beside_contract",
    }
)
