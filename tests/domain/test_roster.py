"""Who is who: what the people file says wins over what a chat's directory told."""

from dataclasses import replace

import pytest

from bot.domain.people import Colleague, People
from bot.domain.roster import NOT_THEIRS, Account, known_as, renamed

ANNA = Colleague("anna", "Anna Ek", "anna@goto.work", handles={"slack": "U0ANNA"})
KARIN = Colleague("karin", "Karin Holm", "karin@goto.work")
PEOPLE = People((ANNA, KARIN))


def test_what_a_directory_told_is_added() -> None:
    known = known_as(PEOPLE, [("teams", "t-anna", "anna"), ("slack", "U0KARIN", "karin")])
    assert known.by_handle("teams", "t-anna") == replace(ANNA, handles={"teams": "t-anna", "slack": "U0ANNA"})
    assert known.by_handle("slack", "U0KARIN").id == "karin"


def test_an_id_that_stands_in_the_file_is_nobody_elses() -> None:
    known = known_as(PEOPLE, [("slack", "U0ANNA", "karin"), ("slack", "U0OTHER", "anna")])
    assert known == PEOPLE, "hers stays hers, and she keeps the one the file names"


def test_an_id_that_is_not_theirs_gives_no_rights() -> None:
    """A slip of the pen in the file: the account is a stranger's, and the chat says so."""
    known = known_as(PEOPLE, iter([("slack", "U0ANNA", NOT_THEIRS), ("teams", "t-anna", "anna")]))
    assert known.by_id("anna").handles == {"teams": "t-anna"}
    assert known_as(PEOPLE, [("teams", "U0ANNA", NOT_THEIRS)]) == PEOPLE, "an id of another chat is another id"


@pytest.mark.parametrize(
    ("account", "belies"),
    [
        (Account(ours=False, addresses=("anna@goto.work",)), True),
        (Account(ours=True, addresses=("somebody@goto.work",)), True),
        (Account(ours=True, addresses=("x@goto.onmicrosoft.com", "ANNA@goto.work")), False),
        (Account(ours=True, addresses=("ek@goto.work",)), False),
        (Account(ours=True), False),
    ],
    ids=["a guest", "somebody else", "hers among several", "a former address of hers", "none shown"],
)
def test_an_account_is_held_against_every_address_of_a_colleague(account: Account, belies: bool) -> None:
    assert account.belies(replace(ANNA, addresses=("ek@goto.work",))) is belies


def test_one_person_under_another_id_is_told() -> None:
    """By any address of theirs, however it is spelled, or by a chat id: a yes is remembered by the id (D10)."""
    anew = {
        "same address": Colleague("anna-ek", "Anna Ek", "ANNA@goto.work"),
        "former address": Colleague("anna-ek", "Anna Ek", "ek@goto.work", addresses=("anna@goto.work",)),
        "chat id": Colleague("anna-ek", "Anna Ek", "ek@goto.work", handles={"slack": "U0ANNA"}),
        "all of it": replace(ANNA, id="anna-ek"),
    }
    for how, one in anew.items():
        assert renamed(PEOPLE, People((one, KARIN))) == (("anna", "anna-ek"),), how


def test_nobody_else_is_taken_for_somebody_who_left() -> None:
    assert renamed(PEOPLE, People((KARIN, Colleague("eva", "Eva Ek", "eva@goto.work")))) == ()
    assert renamed(PEOPLE, People((replace(ANNA, email="ek@goto.work"), KARIN))) == (), "the id stayed"
    taken_over = replace(KARIN, addresses=("anna@goto.work",))
    assert renamed(PEOPLE, People((taken_over,))) == (), "Karin was there all along: her yeses are by her id"
