"""Who is who: what the people file says wins over what a chat's directory told."""

from dataclasses import replace

from bot.domain.people import Colleague, People
from bot.domain.roster import known_as, renamed

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
