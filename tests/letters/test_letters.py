"""Letters: whole in both languages, true to the facts, and caught when a required block is taken out."""

import re
from dataclasses import replace
from datetime import date

import pytest

from bot.domain.errors import Incomplete
from bot.domain.identity import Method
from bot.domain.letter import LetterKind
from bot.domain.locking import PACKAGE_GRACE
from bot.domain.request import EVERYTHING, Language, RequestType, Role, Scope, ScopeKind
from bot.domain.system import AT_RECIPIENTS, Operation
from bot.letters import LetterIncomplete, Matter, RecipientsMatter, SystemResult, Told, compose, missing, required
from bot.letters.access import BLOCKS, article_15
from bot.letters.compose import HEADS, line
from bot.letters.required import FACTS, MARKED, TELL_OTHERS
from tests.letters.examples import ACCESS, BASE, LINK, REFUSED, STATIONERY, matter, result

SV, EN = Language.SV, Language.EN
EVERY = [(kind, language) for kind in LetterKind for language in Language]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_letter_holds_what_it_must(kind: LetterKind, language: Language) -> None:
    drafted = compose(kind, language, matter(kind))
    assert missing(kind, language, drafted.text, matter(kind)) == ()
    assert drafted.subject.endswith("(PR-2026-0042)")
    assert "\n" not in drafted.subject
    assert drafted.text.endswith("\n")
    assert "\n\n\n" not in drafted.text
    assert not re.search(r"[{}<>]|None|\bletter_|StrEnum", drafted.text)


@pytest.mark.parametrize("kind", LetterKind)
def test_an_english_letter_has_no_swedish_in_it(kind: LetterKind) -> None:
    """R8: the answer is in the language of the request."""
    assert not re.search("[åäöÅÄÖ]", compose(kind, EN, matter(kind)).text)


def without(block: str, language: Language, text: str, about: Matter) -> str:
    """Take a block out of a letter the way a careless edit would."""
    texts = STATIONERY.texts
    gone: list[str] = []
    if block in FACTS:
        gone += FACTS[block](language, about)
    if block in MARKED or block == "asked":
        keys = [f"letter_mark_right.{right}" for right in about.asked] if block == "asked" else [f"letter_mark.{block}"]
        gone += [word for key in keys for mark in texts.say(language, key).split("|") for word in mark.split("+")]
    if block in HEADS and block != "complaint":
        gone.append(texts.say(language, f"letter_head.{block}"))
    if block == "answer":
        return text + texts.say(language, "letter_line.no_answer")
    for words in gone:
        text = re.sub(re.escape(words), "", text, flags=re.IGNORECASE)
    return text


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_no_required_block_can_be_dropped_unseen(kind: LetterKind, language: Language) -> None:
    about = matter(kind)
    text = compose(kind, language, about).text
    unseen = [
        block
        for block in required(kind, about)
        if block not in missing(kind, language, without(block, language, text, about), about)
    ]
    assert unseen == []


@pytest.mark.parametrize("block", [*BLOCKS, "masked", "results"])
@pytest.mark.parametrize("language", Language)
def test_a_heading_without_words_below_it_is_an_empty_block(block: str, language: Language) -> None:
    about = matter(LetterKind.ACCESS_ANSWER)
    text = compose(LetterKind.ACCESS_ANSWER, language, about).text
    head = STATIONERY.texts.say(language, f"letter_head.{block}")
    before, _, after = text.partition(f"{head}\n")
    _, _, rest = after.partition("\n\n")
    assert block in missing(LetterKind.ACCESS_ANSWER, language, f"{before}{head}\n\n{rest}", about)


@pytest.mark.parametrize("kind", LetterKind)
def test_every_required_block_has_a_name_for_the_colleague(kind: LetterKind) -> None:
    assert [one for one in required(kind, matter(kind)) if not STATIONERY.texts.has(f"letter_block.{one}")] == []
    assert STATIONERY.texts.has("letter_block.no_personnummer")


DOCUMENTS = re.compile(
    r"legitimation|passport|\bpass\b|personnummer|identity document|personal identity", re.IGNORECASE
)


def test_no_letter_asks_for_an_identity_document_or_a_personal_number() -> None:
    """R13, R17: where they are mentioned it is to say that we do not want them, or take no copy."""
    for kind, language in EVERY:
        text = compose(kind, language, replace(matter(kind), needs=tuple(Method), helps=())).text
        for sentence in re.split(r"(?<=[.;:])\s|\n", text):
            if DOCUMENTS.search(sentence):
                told = f"{sentence} {text[text.index(sentence) + len(sentence) :][:60]}"
                allowed = r"\b(inte|ingen|not|nor|no)\b|Ansökningshandlingar|Application documents"
                assert re.search(allowed, told, re.IGNORECASE), sentence


def test_a_personal_number_in_a_letter_is_caught_but_not_our_own_number() -> None:
    kind = LetterKind.GENERAL
    text = compose(kind, SV, matter(kind)).text
    assert "556920-3580" in text
    assert missing(kind, SV, f"{text} 850214-1239", matter(kind)) == ("no_personnummer",)
    assert missing(kind, SV, f"{text} 19850214-1239", matter(kind)) == ("no_personnummer",)


# --- truthful -------------------------------------------------------------------------------------

TELLING = [
    LetterKind.ACCESS_ANSWER,
    LetterKind.NOTHING_FOUND,
    LetterKind.ERASURE_DONE,
    LetterKind.REFUSED,
    LetterKind.OPTED_OUT,
]


@pytest.mark.parametrize("kind", TELLING)
def test_no_answer_is_written_while_a_system_has_no_result(kind: LetterKind) -> None:
    about = matter(kind)
    for results in ((), (*about.results, result("paper", Operation.ERASE, Told.OPEN))):
        with pytest.raises(LetterIncomplete) as refused:
            compose(kind, SV, replace(about, results=results))
        assert refused.value.blocks == ("results",)
        assert isinstance(refused.value, Incomplete)


def test_a_letter_does_not_say_all_is_erased_when_something_is_kept() -> None:
    with pytest.raises(LetterIncomplete, match=r"refusal\.letter_incomplete"):
        compose(LetterKind.ERASURE_DONE, SV, replace(matter(LetterKind.ERASURE_DONE), results=REFUSED))
    with pytest.raises(LetterIncomplete):
        compose(LetterKind.REFUSED, SV, replace(matter(LetterKind.REFUSED), results=ACCESS))


def test_a_letter_does_not_say_nothing_is_held_when_something_is() -> None:
    with pytest.raises(LetterIncomplete):
        compose(LetterKind.NOTHING_FOUND, SV, replace(matter(LetterKind.NOTHING_FOUND), results=ACCESS))


def test_the_answer_says_it_when_nothing_could_be_erased_or_searched() -> None:
    nothing = tuple(result(one, Operation.ERASE, Told.NOT_HELD) for one in ("hubspot", "paper"))
    erased = compose(LetterKind.ERASURE_DONE, SV, replace(matter(LetterKind.ERASURE_DONE), results=nothing))
    assert "Dina uppgifter är raderade" not in erased.subject + erased.text
    assert "Det fanns inget att radera" in erased.text
    blind = replace(matter(LetterKind.NOTHING_FOUND), results=ACCESS[2:])
    assert "i dem som går att söka" in compose(LetterKind.NOTHING_FOUND, SV, blind).text
    assert "i dem som går att söka" not in compose(LetterKind.NOTHING_FOUND, SV, matter(LetterKind.NOTHING_FOUND)).text


@pytest.mark.parametrize("operation", [one for one in Operation if one not in AT_RECIPIENTS])
@pytest.mark.parametrize("told", Told)
@pytest.mark.parametrize("language", Language)
def test_every_result_can_be_said_and_only_what_was_done_is_said_to_be_done(
    operation: Operation, told: Told, language: Language
) -> None:
    said = line(language, BASE, result("hubspot", operation, told, "the reason why."))
    assert said.startswith("Hubspot: ")
    done = STATIONERY.texts.say(language, f"letter_line.done.{operation}")
    assert (done in said) is (told in (Told.DONE, Told.BY_HAND))
    if told in (Told.DECLINED, Told.FAILED, Told.NOT_DONE):
        assert "the reason why" in said
    assert ".." not in said


def test_a_line_names_day_number_and_hand() -> None:
    one = SystemResult("x", "X", Operation.ERASE, Told.BY_HAND, what="2 poster", on=date(2026, 3, 12))
    assert line(SV, BASE, one) == (
        "X: Uppgifterna är raderade. En kollega gjorde det för hand. Klart den 12 mars 2026. Det gällde 2 poster."
    )
    own = replace(one, sentence="Borta för gott.", what="", on=None)
    assert line(SV, BASE, own) == "X: Borta för gott."
    kept = SystemResult("x", "X", Operation.ERASE, Told.DECLINED, why="a claim", kept_until=date(2027, 1, 1))
    assert "1 January 2027" in line(EN, BASE, kept)
    assert line(SV, BASE, replace(one, told=Told.BLIND, why="")) == "X: kunde inte sökas."


def test_a_suppression_entry_is_spoken_of_only_if_one_is_kept() -> None:
    for kind in (LetterKind.ERASURE_DONE, LetterKind.OPTED_OUT):
        assert "spärrnotering" in compose(kind, SV, matter(kind)).text
        assert "spärrnotering" not in compose(kind, SV, replace(matter(kind), suppressed=False)).text
        assert "suppression" not in required(kind, replace(matter(kind), suppressed=False))


def test_who_was_told_is_named_and_nobody_else_is_claimed() -> None:
    about = matter(LetterKind.ERASURE_DONE)
    assert "inte underrättat några" in compose(LetterKind.ERASURE_DONE, SV, about).text
    others = RecipientsMatter(
        told=("Cateringbolaget", "Hotellet"),
        waiting=("Bussbolaget",),
        unreached=(("Tryckeriet", "exception.impossible"), ("Byrån", "exception.disproportionate")),
    )
    told = compose(LetterKind.ERASURE_DONE, SV, replace(about, recipients=others)).text
    assert "Vi har också underrättat Cateringbolaget och Hotellet." in told
    assert "Vi håller på att underrätta Bussbolaget." in told
    assert "Vi har inte underrättat Tryckeriet, därför att det har visat sig vara omöjligt." in told
    assert "Byrån, därför att det skulle kräva en oproportionell ansträngning." in told
    assert "inte underrättat några" not in told


@pytest.mark.parametrize("kind", sorted(TELL_OTHERS))
@pytest.mark.parametrize("language", list(Language))
def test_every_letter_that_tells_what_was_done_owes_who_was_told(kind: LetterKind, language: Language) -> None:
    others = RecipientsMatter(told=("Cateringbolaget",), unreached=(("Tryckeriet", "exception.impossible"),))
    about = replace(matter(kind), recipients=others)
    text = compose(kind, language, about).text
    assert "told" in required(kind, about)
    assert missing(kind, language, text, about) == ()
    assert missing(kind, language, text.replace("Tryckeriet", "somebody"), about) == ("told",)
    assert "told" not in required(kind, matter(kind))


def test_who_else_got_the_data_is_named_to_who_asks() -> None:
    about = replace(matter(LetterKind.ACCESS_ANSWER), recipients=RecipientsMatter(further=("Cateringbolaget",)))
    assert "Cateringbolaget" in article_15(SV, about)["recipients"]
    assert "Cateringbolaget" in compose(LetterKind.ACCESS_ANSWER, SV, about).text


HANDED = {
    Told.DONE: "vi lämnade över filen den 12 mars 2026",
    Told.FAILED: "är inte överlämnad, därför att mottagaren inte tar emot den",
    Told.TAKEN_BACK: "du tog tillbaka ditt godkännande",
    Told.OPEN: "Vi håller på att lämna över filen",
}


@pytest.mark.parametrize("told", HANDED)
@pytest.mark.parametrize("kind", [LetterKind.PORTABLE, LetterKind.TRANSFERRED])
def test_what_came_of_handing_a_file_over_is_said(kind: LetterKind, told: Told) -> None:
    one = replace(BASE.transfers[0], told=told, why="exception.not_taken")
    about = replace(matter(kind), transfers=(one,), masked=0)  # what is blanked out can be complained of, too
    for language in Language:
        text = compose(kind, language, about).text
        assert missing(kind, language, text, about) == ()
        assert missing(kind, language, text.replace("Nya arbetsgivaren AB", "X"), about) == ("transfer",)
    swedish = compose(kind, SV, about).text
    assert HANDED[told] in swedish
    assert ("domstol" in swedish) == (told is Told.FAILED), "what could not be done can be complained of (R51)"


def test_a_file_beside_something_refused_complains_in_its_own_words() -> None:
    """The complaint stands under a heading of its own only among those of Article 15."""
    left = result("office365", Operation.EXPORT, Told.FAILED, "the archive is locked", file=1)
    about = replace(matter(LetterKind.PORTABLE), results=(*matter(LetterKind.PORTABLE).results, left))
    assert missing(LetterKind.PORTABLE, SV, compose(LetterKind.PORTABLE, SV, about).text, about) == ()
    failed = (replace(BASE.transfers[0], told=Told.FAILED, why="exception.format"),)
    handed = replace(about, transfers=failed)
    assert missing(LetterKind.TRANSFERRED, SV, compose(LetterKind.TRANSFERRED, SV, handed).text, handed) == ()


def test_a_portable_answer_offers_to_hand_the_file_over_and_claims_nothing() -> None:
    text = compose(LetterKind.PORTABLE, SV, replace(matter(LetterKind.PORTABLE), transfers=())).text
    assert "direkt till någon annan, svara" in text
    assert "Så har det gått" not in text


def test_withdrawing_consent_does_not_reach_back() -> None:
    about = replace(matter(LetterKind.ERASURE_DONE), asked=(RequestType.CONSENT_WITHDRAWAL,))
    assert "före återkallelsen" in compose(LetterKind.ERASURE_DONE, SV, about).text
    assert "före återkallelsen" not in compose(LetterKind.ERASURE_DONE, SV, matter(LetterKind.ERASURE_DONE)).text


def test_an_opt_out_that_did_not_reach_everywhere_says_so_and_how_to_complain() -> None:
    results = (result("hubspot", Operation.SUPPRESS, Told.FAILED, "the vendor is down"),)
    about = replace(matter(LetterKind.OPTED_OUT), results=results, undo_link="")
    drafted = compose(LetterKind.OPTED_OUT, EN, about)
    assert "stopped the marketing" not in drafted.subject
    assert "not everything could be stopped" in drafted.text
    assert missing(LetterKind.OPTED_OUT, EN, drafted.text, about) == ()
    assert "court" in required(LetterKind.OPTED_OUT, about)
    assert "undo" not in required(LetterKind.OPTED_OUT, about)


def test_a_scope_is_told_in_full_words() -> None:
    fields = Scope(ScopeKind.FIELDS, ("home_address", "shoe", "sock"))
    narrow = replace(matter(LetterKind.ACKNOWLEDGEMENT), scope=fields)
    assert "gäller bara hemadress och en del av uppgifterna." in compose(LetterKind.ACKNOWLEDGEMENT, SV, narrow).text
    everything = replace(narrow, scope=Scope(ScopeKind.EVERYTHING, ("unused",)))
    assert "gäller bara" not in compose(LetterKind.ACKNOWLEDGEMENT, SV, everything).text


# --- who is greeted, and what people wrote is never read as a template ------------------------------


def test_a_person_is_greeted_by_name_where_we_know_them() -> None:
    assert compose(LetterKind.ACKNOWLEDGEMENT, SV, matter(LetterKind.ACKNOWLEDGEMENT)).text.startswith("Hej Anna Ek,")


@pytest.mark.parametrize("kind", [LetterKind.NEUTRAL, LetterKind.CANNOT_IDENTIFY])
def test_somebody_we_do_not_know_is_told_nothing(kind: LetterKind) -> None:
    """R65: no name, no system, no yes or no."""
    text = compose(kind, SV, replace(matter(kind), results=ACCESS)).text
    assert text.startswith("Hej,")
    for telling in ("Anna", "Hubspot", "Office365", LINK):
        assert telling not in text


NO_NAMES = ["", "http://evil.example", "A\n\nKlicka här: x", "{{ 7 * 7 }}", "<b>", "9" * 5, "A" * 80]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_is_none_is_not_used(name: str) -> None:
    text = compose(LetterKind.ACKNOWLEDGEMENT, SV, replace(matter(LetterKind.ACKNOWLEDGEMENT), name=name)).text
    assert text.startswith("Hej,\n")


@pytest.mark.parametrize("name", ["Anna-Lena O'Neill", "Åke", "Siv  Ek", "J. P. Öst"])
def test_a_name_is_used_as_it_is_written(name: str) -> None:
    text = compose(LetterKind.ACKNOWLEDGEMENT, SV, replace(matter(LetterKind.ACKNOWLEDGEMENT), name=name)).text
    assert text.startswith(f"Hej {' '.join(name.split())},\n")


def test_what_people_wrote_is_a_value_never_a_template() -> None:
    words = "{{ controller.name }} {% for x in y %}"
    text = compose(LetterKind.GENERAL, SV, replace(matter(LetterKind.GENERAL), words=words)).text
    assert words in text


def test_a_template_that_asks_for_something_unknown_fails() -> None:
    templates = {language: {"T1.j2": "x\n---\n{{ nothing_of_the_kind }}"} for language in Language}
    broken = replace(BASE, stationery=replace(STATIONERY, templates=templates))
    with pytest.raises(Exception, match="nothing_of_the_kind"):
        compose(LetterKind.ACKNOWLEDGEMENT, SV, broken)


# --- the general letter and the identity question ------------------------------------------------


def test_a_general_letter_without_words_or_results_waits_for_its_answer() -> None:
    empty = replace(matter(LetterKind.GENERAL), words="", asked=())
    text = compose(LetterKind.GENERAL, SV, empty).text
    assert missing(LetterKind.GENERAL, SV, text, empty) == ("answer",)
    written = text.replace("[Skriv svaret här]", "Vi har rättat din titel.")
    assert missing(LetterKind.GENERAL, SV, written, empty) == ()
    assert "Vi tog emot ditt meddelande" in text


def test_a_general_letter_tells_results_and_closes_when_something_was_not_done() -> None:
    results = (result("x", Operation.RECTIFY, Told.DECLINED, "why"),)
    about = replace(matter(LetterKind.GENERAL), words="", results=results)
    text = compose(LetterKind.GENERAL, SV, about).text
    assert missing(LetterKind.GENERAL, SV, text, about) == ()
    assert "domstol" in text
    assert "[Skriv" not in text


def test_only_ways_that_the_letter_opens_are_offered() -> None:
    by_link = compose(LetterKind.IDENTITY_NEEDED, SV, replace(matter(LetterKind.IDENTITY_NEEDED), needs=(Method.LINK,)))
    assert "Gör så här" in by_link.text
    about = replace(matter(LetterKind.IDENTITY_NEEDED), link="", needs=(Method.LINK, Method.CALL_BACK))
    text = compose(LetterKind.IDENTITY_NEEDED, SV, about).text
    assert "öppna länken" not in text
    assert "link" not in required(LetterKind.IDENTITY_NEEDED, about)
    assert missing(LetterKind.IDENTITY_NEEDED, SV, text, about) == ()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("needs", [(Method.CODE, Method.VISIT), (Method.ORDER_NUMBER, Method.VISIT), (Method.BANKID,)])
def test_what_needs_the_link_says_so_and_the_link_is_no_way_by_itself(
    language: Language, needs: tuple[Method, ...]
) -> None:
    """2.7: above tier 1 an opened link proves nothing; each way offered is whole, so that any of them is enough."""
    kind = LetterKind.IDENTITY_NEEDED
    about = replace(matter(kind), needs=needs)
    text = compose(kind, language, about).text
    assert missing(kind, language, text, about) == ()
    opens = {SV: "öppna länken", EN: "open the link"}[language]
    assert text.count(opens) == sum(method in (Method.CODE, Method.ORDER_NUMBER) for method in needs)
    assert STATIONERY.texts.say(language, "letter_need.link") not in text
    itself = {SV: "Länken i sig", EN: "The link itself"}[language]
    assert (itself in text) == (needs == (Method.BANKID,))
    assert opens not in compose(LetterKind.CANNOT_IDENTIFY, language, about).text, "T15 prints no link"


def test_the_letter_to_somebody_not_identified_always_says_what_would_help() -> None:
    kind = LetterKind.CANNOT_IDENTIFY
    for changed in ({"needs": (), "helps": ()}, {"helps": ()}, {"needs": ()}, {"words": ""}):
        about = replace(matter(kind), **changed)
        for language in Language:
            assert missing(kind, language, compose(kind, language, about).text, about) == ()


def test_when_we_act_without_a_reply() -> None:
    kind = LetterKind.IDENTITY_NEEDED
    assert "26 mars 2026" in compose(kind, SV, matter(kind)).text
    by = replace(matter(kind), answer_by=date(2026, 3, 20))
    assert "senast den 20 mars 2026" in compose(kind, SV, by).text
    assert "senast den 7 april 2026" in compose(kind, SV, replace(by, answer_by=None, link="", link_until=None)).text


def test_an_address_block_shows_a_telephone_if_there_is_one() -> None:
    policy = replace(STATIONERY.policy, controller=replace(STATIONERY.policy.controller, phone="08-465 004 00"))
    about = replace(matter(LetterKind.CODE), stationery=replace(STATIONERY, policy=policy))
    assert "08-465 004 00" in compose(LetterKind.CODE, SV, about).text


# --- Article 15 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("block", BLOCKS)
def test_an_access_answer_is_not_written_with_an_empty_block(block: str) -> None:
    """R31, F52: nine blocks, each filled from the policy."""
    fields = {
        "purposes": "purposes",
        "categories": "categories",
        "recipients": "recipients",
        "retention": "keeping",
        "source": "sources",
        "profiling": "profiling",
    }
    emptied: object = () if block in fields else dict.fromkeys(Language, " ")
    policy = replace(STATIONERY.policy, **{fields.get(block, block): emptied})  # type: ignore[arg-type]
    about = replace(matter(LetterKind.ACCESS_ANSWER), stationery=replace(STATIONERY, policy=policy))
    with pytest.raises(LetterIncomplete) as refused:
        compose(LetterKind.ACCESS_ANSWER, SV, about)
    assert refused.value.blocks == (block,)
    assert refused.value.facts == {"blocks": block}


def test_a_refusal_that_still_hands_over_a_copy_answers_article_15_too() -> None:
    results = (*ACCESS, result("paper", Operation.EXPORT, Told.DECLINED, "others' rights"))
    about = replace(matter(LetterKind.REFUSED), asked=(RequestType.ACCESS,), results=results, masked=0)
    for language in Language:
        text = compose(LetterKind.REFUSED, language, about).text
        assert missing(LetterKind.REFUSED, language, text, about) == ()
        assert LINK in text
    assert set(BLOCKS) <= set(required(LetterKind.REFUSED, about))
    assert "purposes" not in required(LetterKind.REFUSED, matter(LetterKind.REFUSED))
    declined = replace(about, results=results[2:])
    assert "purposes" not in required(LetterKind.REFUSED, declined)
    assert LINK not in compose(LetterKind.REFUSED, SV, declined).text


def test_a_refusal_says_why_and_what_was_done() -> None:
    only = replace(matter(LetterKind.REFUSED), results=REFUSED[-1:])
    assert "Vi har inte kunnat göra" in compose(LetterKind.REFUSED, SV, only).text
    both = compose(LetterKind.REFUSED, SV, matter(LetterKind.REFUSED)).text
    assert "en del av det du bad om" in both
    assert "the archive is locked" in both
    dropped = both.replace("the archive is locked", "")
    assert "reasons" in missing(LetterKind.REFUSED, SV, dropped, matter(LetterKind.REFUSED))


def test_blanking_is_told_and_how_to_complain_about_it() -> None:
    kind = LetterKind.ACCESS_ANSWER
    assert "2 uppgifter i kopian är maskerade" in compose(kind, SV, matter(kind)).text
    assert "court" in required(kind, matter(kind))
    whole = replace(matter(kind), masked=0)
    text = compose(kind, SV, whole).text
    assert "Inget är maskerat" in text
    assert "court" not in required(kind, whole)
    assert missing(kind, SV, text, whole) == ()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [LetterKind.ACCESS_ANSWER, LetterKind.PORTABLE, LetterKind.REFUSED])
def test_what_is_left_out_of_a_copy_is_told_with_its_reason(kind: LetterKind, language: Language) -> None:
    """R33, R51: each reason with its number; the closing block is owed, and neither may be dropped by an edit."""
    left = {"rights_of_others": 1, "another_person": 2, "secrecy": 1}
    results = (*ACCESS, result("paper", Operation.EXPORT, Told.DECLINED, "others' rights"))
    refused = {"asked": (RequestType.ACCESS,), "results": results} if kind is LetterKind.REFUSED else {}
    for masked in (0, 2):
        about = replace(matter(kind), masked=masked, left_out=left, **refused)  # type: ignore[arg-type]
        text = compose(kind, language, about).text
        assert missing(kind, language, text, about) == ()
        assert {"left_out", "court", "complaint"} <= set(required(kind, about))
        said = [STATIONERY.texts.count(language, n, f"letter_left_out.{reason}") for reason, n in left.items()]
        assert all(one in text for one in said)
        assert STATIONERY.texts.say(language, "letter_head.masked") in text
        silent = text
        for one in said:
            silent = silent.replace(one, "")
        assert "left_out" in missing(kind, language, silent, about)
        assert ("Inget är maskerat" in text) is False
    whole = replace(matter(kind), masked=0, **refused)  # type: ignore[arg-type]
    assert "left_out" not in required(kind, whole)


def test_a_copy_made_by_nobody_has_no_link() -> None:
    kind = LetterKind.ACCESS_ANSWER
    about = replace(matter(kind), results=ACCESS[2:], link="", link_until=None)
    text = compose(kind, SV, about).text
    assert LINK not in text
    assert "Ja, vi behandlar" not in text
    assert "link" not in required(kind, about)


def test_a_legal_basis_is_said_only_where_the_policy_has_one() -> None:
    """G1: an unclear basis is not invented."""
    purposes = article_15(EN, matter(LetterKind.ACCESS_ANSWER))["purposes"]
    said = [one for one in purposes if "legal basis" in one]
    assert len(said) == 1
    assert "legitimate interest" in said[0]


def test_categories_say_held_not_found_or_not_linkable() -> None:
    """P26, R20."""
    about = replace(matter(LetterKind.ACCESS_ANSWER), roles=(Role.CONTACT, Role.ATTENDEE))
    lines = {one.split(":")[0].split(" –")[0]: one for one in article_15(EN, about)["categories"]}
    assert "we hold such data" in lines["Contact details"]
    assert "cannot be linked" in lines["Technical usage information"]
    assert "found none" in lines["Registrations for our events and your answers there"]
    assert "found none" in next(one for key, one in lines.items() if key.startswith("Allergies"))
    special = replace(ACCESS[2], told=Told.HELD, special=True)
    seen = article_15(EN, replace(about, results=(*ACCESS[:2], special, *ACCESS[3:])))["categories"]
    assert "we hold such data" in next(one for one in seen if one.startswith("Allergies"))
    unsearched = article_15(EN, replace(about, results=ACCESS[:1]))["categories"]
    assert "cannot be linked" in next(one for one in unsearched if one.startswith("Registrations"))


def test_roles_are_answered_together_or_follow_from_the_findings() -> None:
    about = matter(LetterKind.ACCESS_ANSWER)
    both = article_15(SV, replace(about, roles=(Role.CONTACT, Role.CANDIDATE)))
    assert len(both["purposes"]) == 11
    implied = article_15(SV, replace(about, roles=(Role.UNKNOWN,)))
    assert implied["purposes"] == article_15(SV, about)["purposes"]
    with pytest.raises(LetterIncomplete) as refused:
        article_15(SV, replace(about, roles=(Role.UNKNOWN,), results=ACCESS[2:]))
    assert refused.value.blocks == ("role",)


@pytest.mark.parametrize("language", Language)
def test_a_role_that_was_read_hides_no_recipient_of_what_was_found(language: Language) -> None:
    """A candidate who was found in Eventbrite too is told of Eventbrite, and of the bookings held."""
    held = (*ACCESS[:2], result("eventbrite", Operation.EXPORT, Told.DONE, order=1), *ACCESS[3:])
    about = replace(matter(LetterKind.ACCESS_ANSWER), roles=(Role.CANDIDATE,), results=held)
    text = compose(LetterKind.ACCESS_ANSWER, language, about).text
    assert "Eventbrite:" in text.partition(STATIONERY.texts.say(language, "letter_head.recipients"))[2]
    only = replace(about, roles=(Role.ATTENDEE,))
    attended = set(article_15(language, only)["categories"])
    assert attended <= set(article_15(language, about)["categories"])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("told", [Told.UNCONFIRMED, Told.TAKEN_BACK])
def test_what_was_dropped_is_told_to_the_person_not_about_them(told: Told, language: Language) -> None:
    """The reason on the card speaks of the person; in their letter it would read as if written to somebody else."""
    left = result("hubspot", Operation.ERASE, told, STATIONERY.texts.say(language, "reason.withdrawn"), contact=1)
    about = replace(matter(LetterKind.GENERAL), results=(left,), words="")
    text = compose(LetterKind.GENERAL, language, about).text
    assert missing(LetterKind.GENERAL, language, text, about) == ()
    assert "personen" not in text
    assert "the person" not in text
    assert STATIONERY.texts.say(language, f"letter_line.{told}", {"system": "Hubspot"}) in text
    other = replace(about, results=(replace(left, told=Told.NOT_HELD),))
    plain = compose(LetterKind.GENERAL, language, other).text.splitlines()
    assert len(set(text.splitlines()) - set(plain)) == 2, "a sentence of its own beside the system's line"


CALLS = Scope(ScopeKind.PURPOSES, ("phone_calls",))
BESIDE_MAIL = {SV: "telefon, annonser och profilering", EN: "telephone, advertisements and profiling"}
NOT_USED = {SV: "använder vi inte dina uppgifter för det", EN: "we do not use your data for"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("scope", [EVERYTHING, CALLS])
@pytest.mark.parametrize("told", [Told.BY_HAND, Told.NOT_HELD, None])
def test_an_opt_out_promises_only_what_was_done(language: Language, scope: Scope, told: Told | None) -> None:
    """R43: that more than mail has ended stands in T11 only when a colleague ended it, and no wider than asked."""
    kind = LetterKind.OPTED_OUT
    beyond = () if told is None else (result("hubspot", Operation.RESTRICT, told),)
    mail = (result("hubspot", Operation.SUPPRESS, Told.DONE),)
    about = replace(matter(kind), asked=(RequestType.OBJECTION,), scope=scope, results=(*mail, *beyond))
    text = compose(kind, language, about).text
    assert missing(kind, language, text, about) == ()
    assert (NOT_USED[language] in text) == (told is not None)
    unsubscribed = compose(kind, language, matter(kind)).text
    assert missing(kind, language, unsubscribed, matter(kind)) == ()
    assert NOT_USED[language] not in unsubscribed
    assert BESIDE_MAIL[language] in unsubscribed, "what else may be asked is told, not promised"


@pytest.mark.parametrize("language", Language)
def test_an_objection_to_something_else_is_not_called_marketing(language: Language) -> None:
    about = replace(matter(LetterKind.GENERAL), asked=(RequestType.OBJECTION,), objects_otherwise=True)
    text = compose(LetterKind.GENERAL, language, about).text
    assert STATIONERY.texts.say(language, "right_asked.objection_other") in text
    assert STATIONERY.texts.say(language, "right_asked.objection") not in text
    receipt = compose(LetterKind.ACKNOWLEDGEMENT, language, about).text
    assert missing(LetterKind.ACKNOWLEDGEMENT, language, receipt, about) == ()


@pytest.mark.parametrize("language", Language)
def test_stopped_mailings_are_no_erasure_and_need_no_proof(language: Language) -> None:
    """R46: what was stopped at once is told even where nothing was erased, or nobody was identified."""
    stopped = result("hubspot", Operation.SUPPRESS, Told.DONE)
    cannot = result("google_analytics", Operation.ERASE, Told.NOT_APPLICABLE, "no address there")
    asked = (RequestType.CONSENT_WITHDRAWAL,)
    kept = replace(matter(LetterKind.ERASURE_DONE), asked=asked, results=(stopped, cannot))
    drafted = compose(LetterKind.ERASURE_DONE, language, kept)
    assert not drafted.subject.startswith({SV: "Dina uppgifter är raderade", EN: "Your data has been erased"}[language])
    unknown = replace(matter(LetterKind.CANNOT_IDENTIFY), asked=asked, results=(stopped,))
    said = {SV: "stoppat våra utskick", EN: "stopped our mailings"}[language]
    assert said in compose(LetterKind.CANNOT_IDENTIFY, language, unknown).text
    nothing = replace(unknown, results=())
    assert said not in compose(LetterKind.CANNOT_IDENTIFY, language, nothing).text


def test_recipients_are_named() -> None:
    """R32: names, not categories; dropping one is seen."""
    kind = LetterKind.ACCESS_ANSWER
    text = compose(kind, SV, matter(kind)).text
    for name in ("HubSpot", "Microsoft (Office 365)", "Google (Google Analytics)"):
        assert name in text
    cut = text.replace("Microsoft (Office 365)", "en leverantör")
    assert missing(kind, SV, cut, matter(kind)) == ("recipients",)


@pytest.mark.parametrize("told", [Told.BLIND, Told.NOT_APPLICABLE])
def test_an_erasure_is_not_said_to_be_whole_where_a_system_is_out_of_reach(told: Told) -> None:
    about = matter(LetterKind.ERASURE_DONE)
    done = result("hubspot", Operation.ERASE, Told.DONE, contact=1)
    assert "Vi har gjort det du bad om.\n" in compose(LetterKind.ERASURE_DONE, SV, replace(about, results=(done,))).text
    beyond = result("google_analytics", Operation.ERASE, told, "the reason")
    said = compose(LetterKind.ERASURE_DONE, SV, replace(about, results=(done, beyond))).text
    assert "Vi har gjort det du bad om överallt där det går. I något system går det inte" in said


@pytest.mark.parametrize("language", Language)
def test_a_copy_says_that_an_erasure_waits_for_it(language: Language) -> None:
    """Whoever asked for both must not read the copy's letter as if the rest was forgotten, nor be surprised by it."""
    about = matter(LetterKind.ACCESS_ANSWER)
    waits = {Language.SV: "längst sju dagar från det här brevet", Language.EN: "no longer than seven days"}[language]
    assert PACKAGE_GRACE.days == 7
    assert waits in compose(LetterKind.ACCESS_ANSWER, language, replace(about, then_erased=True)).text
    assert waits not in compose(LetterKind.ACCESS_ANSWER, language, about).text
