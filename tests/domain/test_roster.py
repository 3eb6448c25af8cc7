"""Who is who: what the people file says wins over what a chat's directory told."""

from dataclasses import replace

from bot.domain.people import Colleague, People
from bot.domain.roster import known_as

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
