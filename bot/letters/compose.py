"""Writes a letter: plain text from a template of its kind and language.

Templates are text files a lawyer can edit (`config/letters`), run in Jinja's sandbox with
strict names: a template that asks for something unknown fails in a test, not in front of
a person. What people wrote is inserted as a value and never read as a template.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.domain.identity import Method
from bot.domain.letter import LetterKind
from bot.domain.request import EVERYTHING, Language, RequestType, ScopeKind
from bot.domain.system import Operation
from bot.letters.access import BLOCKS, Blocks, article_15
from bot.letters.extension import of_extension
from bot.letters.matter import Corrected, Drafted, LetterIncomplete, Matter, SystemResult, Told
from bot.letters.others import of_others

#: Between the subject and the text of a rendered template.
RULE: Final = "\n---\n"
#: A greeting uses a name only if it looks like one: a sender chooses what stands in theirs.
NAME: Final = re.compile(r"[^\W\d_][\w'’ .-]{0,58}")
READS: Final = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})
#: Letters that tell what was done: never while something is still open.
TELLS_RESULTS: Final = frozenset(
    {
        LetterKind.ACCESS_ANSWER,
        LetterKind.NOTHING_FOUND,
        LetterKind.ERASURE_DONE,
        LetterKind.REFUSED,
        LetterKind.OPTED_OUT,
        LetterKind.UNDONE,
        LetterKind.CONSENT_WITHDRAWN,
        LetterKind.RECTIFIED,
        LetterKind.RESTRICTED,
        LetterKind.OBJECTION_WEIGHED,
        LetterKind.PORTABLE,
    }
)
#: Answers that say, where it holds, that what a contract governs is no part of them (P5).
BESIDE_CONTRACT: Final = frozenset({*TELLS_RESULTS, LetterKind.GENERAL})
#: Letters that greet nobody by name: it would confirm a guess (R65), or be another's than the reader's.
NAMELESS: Final = frozenset(
    {LetterKind.NEUTRAL, LetterKind.CANNOT_IDENTIFY, LetterKind.AUTHORITY_NEEDED, LetterKind.DECEASED}
)
#: Letters whose "you" is who reads them, also when they write for another.
TO_THEMSELVES: Final = NAMELESS | {LetterKind.NO_REPLY}
#: Ways to prove identity that begin with the link to the person's page.
BY_LINK: Final = frozenset({Method.LINK, Method.CODE, Method.ORDER_NUMBER})
ACTED: Final = (Told.DONE, Told.BY_HAND)
LEFT: Final = (Told.DECLINED, Told.FAILED)


def compose(kind: LetterKind, language: Language, matter: Matter) -> Drafted:
    """Return the letter. Raises `LetterIncomplete` for an empty block of Article 15, or a result still open."""
    if kind in TELLS_RESULTS:
        _truthful(kind, matter)
    environment = _environment(tuple(matter.stationery.templates[language].items()))
    rendered = environment.get_template(f"{kind}.j2").render(_facts(kind, language, matter))
    subject, _, text = rendered.partition(RULE)
    return Drafted(" ".join(subject.split()), _tidy(text))


@lru_cache(maxsize=8)
def _environment(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    """Return where templates run; kept, because reading one takes far longer than filling it in."""
    return ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def _truthful(kind: LetterKind, matter: Matter) -> None:
    """Refuse a letter whose very kind would say what the facts do not."""
    if not matter.results or any(one.told is Told.OPEN for one in matter.results):
        raise LetterIncomplete(("results",))
    left = any(one.told in LEFT for one in matter.results)
    if left != (kind is LetterKind.REFUSED) and kind in (LetterKind.REFUSED, LetterKind.ERASURE_DONE):
        raise LetterIncomplete(("kept",))
    if kind is LetterKind.NOTHING_FOUND and any(one.holds for one in matter.results):
        raise LetterIncomplete(("results",))


def needs_article_15(kind: LetterKind, matter: Matter) -> bool:
    """Whether the letter answers an access request: T5, and T8 when part of a copy goes out all the same."""
    if kind is LetterKind.ACCESS_ANSWER:
        return True
    return kind is LetterKind.REFUSED and bool(READS & set(matter.asked)) and packed(matter)


def packed(matter: Matter) -> bool:
    """Whether there is a copy to fetch."""
    return any(one.operation is Operation.EXPORT and one.told in ACTED for one in matter.results)


def _facts(kind: LetterKind, language: Language, matter: Matter) -> dict[str, object]:
    texts, policy = matter.stationery.texts, matter.stationery.policy
    blocks: Blocks | None = article_15(language, matter) if needs_article_15(kind, matter) else None
    return (
        {
            "m": matter,
            "controller": policy.controller,
            "policy": policy,
            "dated": texts.long_day(language, policy.dated),
            "hello": _hello(kind, language, matter),
            "received": texts.long_day(language, matter.received),
            "last_day": texts.long_day(language, matter.last_day),
            "link_until": texts.long_day(language, matter.link_until) if matter.link_until else "",
            "answer_by": texts.long_day(language, matter.answer_by or matter.link_until or matter.last_day),
            "asked": texts.together(
                language, [texts.say(language, f"right_asked.{_asked(right, matter)}") for right in matter.asked]
            ),
            "scope": scope_in_words(language, matter),
            "done": [line(language, matter, one) for one in matter.results if one.told in ACTED],
            "left": [line(language, matter, one) for one in matter.results if one.told in LEFT],
            "others": [line(language, matter, one) for one in matter.results if one.told not in (*ACTED, *LEFT)],
            "held": any(one.holds for one in matter.results),
            "no_answer": texts.say(language, "letter_line.no_answer"),
            "searched_by": texts.together(
                language, [texts.say(language, f"letter_known_by.{one}") for one in matter.searched_by]
            ),
            "doubts": [texts.say(language, f"letter_doubt.{doubt}") for doubt in matter.doubts],
            "needs": [texts.say(language, f"letter_need.{method}") for method in _open_ways(kind, matter)],
            "by_link": bool(BY_LINK & set(matter.needs)),
            "helps": [texts.say(language, f"letter_help.{one}") for one in matter.helps],
            "backups": policy.backups[language],
            "blocks": blocks,
            "packed": packed(matter),
            "head": {key: texts.say(language, f"letter_head.{key}") for key in HEADS},
            "withdrawn": RequestType.CONSENT_WITHDRAWAL in matter.asked,
            "objected": RequestType.OBJECTION in matter.asked,
        }
        | _came_of(matter)
        | _unreached(matter)
        | _of_others(language, matter)
        | _of_the_road(kind, language, matter)
        | _of_restriction(language, matter)
        | _in_words(language, matter)
        | of_others(language, matter)
    )


def _unreached(matter: Matter) -> dict[str, object]:
    """Return whether a system could not be searched, and whether what was asked could not be done somewhere."""
    told = {one.told for one in matter.results}
    return {"blind": Told.BLIND in told, "out_of_reach": bool(told & {Told.BLIND, Told.NOT_APPLICABLE})}


def _of_others(language: Language, matter: Matter) -> dict[str, object]:
    """Return what others' rights took from the copy (Art. 15(4)): details blanked out, and records left out, by why."""
    texts, left = matter.stationery.texts, sorted(matter.left_out.items())
    return {
        "masked": texts.count(language, matter.masked, "letter_masked"),
        "left_out": [texts.count(language, n, f"letter_left_out.{reason}") for reason, n in left],
    }


def _of_the_road(kind: LetterKind, language: Language, matter: Matter) -> dict[str, object]:
    """Return what only the letters of the special roads ask for."""
    texts, road = matter.stationery.texts, matter.road
    authority = texts.say(language, f"letter_authority.{road.authority}") if road.authority else ""
    return {
        "passed_on": texts.long_day(language, road.passed_on) if road.passed_on else "",
        "questions": [
            (texts.say(language, f"clarify.{one}"), texts.say(language, f"clarify_choices.{one}").split("|"))
            for one in road.questions
        ],
        "authority": authority,
        "erases": RequestType.ERASURE in matter.asked,
        "for_another": road.on_behalf and kind not in TO_THEMSELVES,
        "beside_contract": road.beside_contract and kind in BESIDE_CONTRACT,
    }


def _in_words(language: Language, matter: Matter) -> dict[str, object]:
    """Return what was put right, how an objection was weighed, and why an answer takes longer."""
    corrected = [corrected_line(language, matter, one) for one in matter.corrected]
    return {"corrected": corrected, "weighing": matter.weighing} | of_extension(language, matter)


def _of_restriction(language: Language, matter: Matter) -> dict[str, object]:
    """Return what only the letters about a restriction ask for: its ground, its days and what ends it, in words."""
    texts, one = matter.stationery.texts, matter.restriction
    if one is None:
        return {
            "ground": "",
            "meanwhile": False,
            "since": "",
            "ends": "",
            "review_on": "",
            "lift_why": "",
            "lift_from": "",
        }
    return {
        "ground": texts.say(language, f"restriction_ground.{one.ground}"),
        "meanwhile": one.meanwhile,
        "since": texts.long_day(language, one.since) if one.since else "",
        "ends": texts.say(language, f"restriction_ends.{one.ends}"),
        "review_on": texts.long_day(language, one.review_on) if one.review_on else "",
        "lift_why": texts.say(language, f"restriction_lifted.{one.lifting}") if one.lifting else "",
        "lift_from": texts.long_day(language, one.lift_from) if one.lift_from else "",
    }


def _came_of(matter: Matter) -> dict[str, bool]:
    """Return what the results allow a template to say as a whole."""
    acted = {one.operation for one in matter.results if one.told in ACTED}
    told = {one.told for one in matter.results}
    none_there = {one.operation for one in matter.results if one.told is Told.NOT_HELD}
    return {
        "beyond_mail": Operation.RESTRICT in acted | none_there,
        "mail_stopped": Operation.SUPPRESS in acted,
        "erased": Operation.ERASE in acted,
        "rectified": Operation.RECTIFY in acted,
        "taken_back": Told.TAKEN_BACK in told,
        "unconfirmed": Told.UNCONFIRMED in told,
    }


def _asked(right: RequestType, matter: Matter) -> str:
    return "objection_other" if right is RequestType.OBJECTION and matter.objects_otherwise else right


def _open_ways(kind: LetterKind, matter: Matter) -> tuple[Method, ...]:
    """Return the ways to prove identity that this very letter opens: one that begins at a link only beside the link."""
    printed = kind is LetterKind.IDENTITY_NEEDED and bool(matter.link)
    return tuple(method for method in matter.needs if printed or method not in BY_LINK)


#: Headings that templates print and `missing` looks for: one truth in the texts.
HEADS: Final = (*BLOCKS, "results", "kept", "masked")


def line(language: Language, matter: Matter, result: SystemResult) -> str:
    """Return the sentence that says what came of a request in one system, and nothing the facts do not say."""
    texts = matter.stationery.texts
    facts: dict[str, object] = {"system": result.name, "why": clause(result.why), "sentence": _sentence(result.why)}
    match result.told:
        case Told.DONE | Told.BY_HAND:
            return f"{result.name}: {' '.join(_done(language, matter, result))}"
        case Told.DECLINED | Told.FAILED:
            said = texts.say(language, f"letter_line.{result.told}.{result.operation}", facts)
            until = () if result.kept_until is None else (_until(language, matter, result.kept_until),)
            return " ".join((said, *until, *result.beside))
        case _:
            return texts.say(language, f"letter_line.{result.told}", facts).strip()


def corrected_line(language: Language, matter: Matter, one: Corrected) -> str:
    """Return "HubSpot, telefon: från 070-1 till 070-2."; without the values where they are not to be repeated."""
    way = "hidden" if not one.told else "emptied" if not one.after else "added" if not one.before else "changed"
    facts = {"system": one.system, "name": one.name, "before": one.before, "after": one.after}
    return matter.stationery.texts.say(language, f"letter_line.corrected_{way}", facts)


def _done(language: Language, matter: Matter, result: SystemResult) -> list[str]:
    texts = matter.stationery.texts
    said = [result.sentence or texts.say(language, f"letter_line.done.{result.operation}")]
    if result.told is Told.BY_HAND and not result.sentence:
        said.append(texts.say(language, "letter_line.by_hand"))
    if result.on:
        said.append(texts.say(language, "letter_line.on", {"day": texts.long_day(language, result.on)}))
    if result.what:
        said.append(texts.say(language, "letter_line.counted", {"what": result.what}))
    return [*said, *filter(None, (result.lasts,)), *result.beside]


def _until(language: Language, matter: Matter, day: date) -> str:
    texts = matter.stationery.texts
    return texts.say(language, "letter_line.kept_until", {"day": texts.long_day(language, day)})


def scope_in_words(language: Language, matter: Matter) -> str:
    """Return how wide the request is in full words, "" for everything."""
    if matter.scope == EVERYTHING or matter.scope.kind is ScopeKind.EVERYTHING:
        return ""
    texts = matter.stationery.texts
    known = [name if texts.has(f"scope_named.{name}") else "other" for name in matter.scope.names]
    return texts.together(language, dict.fromkeys(texts.say(language, f"scope_named.{name}") for name in known))


def _hello(kind: LetterKind, language: Language, matter: Matter) -> str:
    """Greet by name, but never in a letter to somebody we do not know: a name would confirm what they guessed (R65)."""
    name = " ".join(matter.name.split())
    texts = matter.stationery.texts
    if kind not in NAMELESS and not matter.road.on_behalf and NAME.fullmatch(name):
        return texts.say(language, "letter_line.hello_name", {"name": name})
    return texts.say(language, "letter_line.hello")


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped[:1].upper() + stripped[1:] + ("" if not stripped or stripped.endswith(".") else ".")


def clause(text: str) -> str:
    """Return a reason as it stands inside a sentence."""
    return text.strip().rstrip(".")


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(row.rstrip() for row in text.splitlines())).strip() + "\n"
