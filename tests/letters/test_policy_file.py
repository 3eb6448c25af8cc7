"""The policy and the periods as files: a hole is named at start, not found in a letter."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.letter import LetterKind
from bot.domain.policy_text import Basis, Recipient
from bot.domain.request import Language, Role
from bot.letters import LetterIncomplete
from bot.letters.access import article_15
from config.policy_file import HERE, BadFile, load_policy, load_retention, recipient_problems
from tests.letters.examples import STATIONERY, matter

POLICY = (HERE / "policy.toml").read_text(encoding="utf-8")
RETENTION = (HERE / "retention.toml").read_text(encoding="utf-8")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_months_without_interest_have_no_hidden_default(tmp_path: Path) -> None:
    """G8: the policy names no number, so GoToWork must."""
    assert load_retention().no_interest.months == 24
    with pytest.raises(BadFile, match=r"settings\.toml: no_interest\.months: Field required"):
        load_retention(written(tmp_path, RETENTION.replace("months = 24\npost", "post")))
    with pytest.raises(BadFile, match="greater than 0"):
        load_retention(written(tmp_path, RETENTION.replace("months = 24\npost", "months = 0\npost")))


def test_the_periods_are_settings(tmp_path: Path) -> None:
    terms = load_retention(written(tmp_path, RETENTION.replace("years_after = 2", "years_after = 1")))
    assert terms.candidate_years_after == 1
    assert (terms.findings_days, terms.case_months, terms.items_days, terms.recheck_days) == (30, 24, 30, 31)


def test_a_word_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="Extra inputs"):
        load_policy(written(tmp_path, f"colour = 'red'\n{POLICY}"))
    with pytest.raises(BadFile, match=r"settings\.toml: .*line 1"):
        load_policy(written(tmp_path, "this is no toml"))


def test_an_empty_sentence_is_refused_by_name(tmp_path: Path) -> None:
    emptied = POLICY.replace('en = "to meet your wishes"', 'en = "  "')
    with pytest.raises(BadFile, match=r"purpose\.1\.en"):
        load_policy(written(tmp_path, emptied))


def test_an_open_passage_may_stand_empty_but_stops_the_letter(tmp_path: Path) -> None:
    """G6: empty means that the handler must fill it before T5 can be written."""
    head, _, tail = POLICY.partition("[third_countries]")
    rest = tail[tail.index("[backups]") :]
    policy = load_policy(written(tmp_path, f'{head}[third_countries]\nsv = ""\nen = ""\n{rest}'))
    about = replace(matter(LetterKind.ACCESS_ANSWER), stationery=replace(STATIONERY, policy=policy))
    with pytest.raises(LetterIncomplete) as refused:
        article_15(Language.SV, about)
    assert refused.value.blocks == ("third_countries",)


def test_what_the_policy_does_not_say_is_marked_for_confirming() -> None:
    assert load_policy().unconfirmed == ("profiling", "portable", "third_countries", "backups")


def test_the_policy_names_the_five_systems_and_both_languages() -> None:
    policy = load_policy()
    assert {one.key for one in policy.systems} - {"office365_personal"} == {
        "hubspot",
        "office365",
        "eventbrite",
        "google_analytics",
        "google_display",
    }
    assert {one.key for one in policy.recipients} == {one.key for one in policy.systems} - {"office365_personal"}
    assert policy.controller.registration == "556920-3580"
    spoken = [one.text for one in policy.purposes] + [one.text for one in policy.categories]
    spoken += [one.text for one in (*policy.sources, *policy.keeping, *policy.profiling, *policy.exclusions)]
    assert all(text[language].strip() for text in spoken for language in Language)
    assert {one.basis for one in policy.purposes} == {Basis.UNCLEAR, Basis.LEGITIMATE_INTEREST, Basis.CONSENT}


@pytest.mark.parametrize("role", [Role.CONTACT, Role.ATTENDEE, Role.CANDIDATE])
def test_every_role_has_every_block(role: Role) -> None:
    about = replace(matter(LetterKind.ACCESS_ANSWER), roles=(role,))
    for language in Language:
        assert all(article_15(language, about).values())


def test_a_recipient_who_could_not_be_told_is_named_at_start() -> None:
    """Art. 19: a slip in a key would leave somebody untold without a word."""
    policy = load_policy()
    systems = {one.key for one in policy.systems}
    assert list(recipient_problems(policy, systems)) == []
    good = Recipient(
        "caterer", frozenset({Role.ATTENDEE}), "Caterer", {}, receives_from=("eventbrite:order", "hubspot")
    )
    assert list(recipient_problems(replace(policy, recipients=(good,)), systems)) == []
    bad = replace(good, key="recipient_1", receives_from=("eventbright",))
    said = list(recipient_problems(replace(policy, recipients=(good, bad, good)), systems))
    assert said[0] == "policy.toml [[recipient]] caterer: stands there 2 times – give each a key of its own"
    assert (
        said[1] == "policy.toml [[recipient]] recipient_1: that key is for those whom colleagues name – choose another"
    )
    assert said[2].startswith("policy.toml [[recipient]] recipient_1: receives_from eventbright is no system – known: ")


def test_a_recipient_is_read_with_what_they_get_and_how_they_are_reached(tmp_path: Path) -> None:
    more = """
[[recipient]]
key = "caterer"
roles = ["attendee"]
name = "Cateringbolaget"
receives_from = ["eventbrite"]
contact = "order@catering.example"
sv = "allergier"
en = "allergies"
"""
    found = load_policy(written(tmp_path, POLICY + more)).recipients[-1]
    assert (found.key, found.receives_from, found.contact) == ("caterer", ("eventbrite",), "order@catering.example")
    with pytest.raises(BadFile, match="recipient"):
        load_policy(written(tmp_path, POLICY + more.replace('"caterer"', '"The Caterer"')))
