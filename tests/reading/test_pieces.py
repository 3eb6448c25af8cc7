"""HTML, sentences, personal numbers and scopes: each piece by itself."""

import pytest

from bot.domain.request import Route, ScopeKind
from bot.reading import read
from bot.reading.html import read_page
from bot.reading.numbers import count_personnummer, has_organisation_number
from bot.reading.sentences import sentences, tidy
from tests.reading.mails import CONTEXT, written


@pytest.mark.parametrize(
    "hiding",
    [
        "style='display:none'",
        "style='visibility: hidden'",
        "style='font-size:0px'",
        "style='font-size:1px !important'",
        "style='opacity:0'",
        "style='color:#fff'",
        "style='color: white'",
        "style='color:rgb(255, 255, 255)'",
        "style='position:absolute;left:-9999px'",
        "style='text-indent:-5000px'",
        "style='max-height:0;overflow:hidden'",
        "style='mso-hide:all'",
        "hidden",
        "class='gone'",
        "id='gone'",
    ],
)
def test_what_a_reader_cannot_see_is_kept_apart(hiding: str) -> None:
    page = read_page(f"<style>.gone, #gone {{display:none}}</style><p>Synligt</p><div {hiding}><b>Dolt</b></div>")
    assert page.text == "Synligt"
    assert page.hidden == "Dolt"


@pytest.mark.parametrize(
    "showing",
    [
        "style='font-size:1em'",
        "style='font-size:0.9rem'",
        "style='color:#ff0000'",
        "bgcolor='#000000' style='color:#ffffff'",
        "style='background:#123456;color:white'",
        "style='opacity:0.8'",
        "style='height:0'",
    ],
)
def test_what_a_reader_sees_is_not_called_hidden(showing: str) -> None:
    assert read_page(f"<div {showing}>Synligt</div>").hidden == ""


def test_comments_and_scripts_are_not_read_aloud() -> None:
    page = read_page(
        "<p>a<!-- hemligt --></p><script>x()</script><style>p{}</style><title>t</title><!--[if mso]>m<![endif]-->"
    )
    assert (page.text, page.hidden) == ("a", "hemligt")


def test_a_page_keeps_its_lines_and_quotations() -> None:
    page = read_page("<p>Hej</p><ul><li>ett</li><li>två</li></ul><blockquote>förr<br>då</blockquote>slut")
    assert page.text == "Hej\n\nett\ntvå\n\n> förr\n> då\n\nslut"


def test_a_deep_page_is_read_as_far_as_is_sane() -> None:
    page = read_page("<p>Radera</p>" + "<div>" * 5_000 + "x" + "</div>" * 5_000)
    assert (page.text, page.cut) == ("Radera", True)
    assert not read_page("<div><p>a</div>" * 5_000).cut
    assert read_page("").text == ""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("900101-2385", 1),
        ("19900101-2385", 1),
        ("199001012385", 1),
        ("9001012385", 1),
        ("850214-1239 och 850214-1239", 1),
        ("850214-1239, 961130–5528", 2),
        ("121212+1212", 1),
        ("850274-1239", 1),
        ("9001012386", 0),
        ("556920-3580", 0),
        ("559999-9991", 0),
        ("OCR 1234567897", 0),
        ("OCR 9001012385", 0),
        ("org.nr 900101-2385", 0),
        ("851314-1239", 0),
        ("850230-1239", 0),
        ("070-174 06 12", 0),
        ("20991231-1234", 0),
        ("1900101-23856", 0),
    ],
)
def test_personal_numbers_are_counted(text: str, count: int) -> None:
    assert count_personnummer(text, 2026) == count


def test_organisation_numbers_are_known() -> None:
    assert has_organisation_number("556920-3580")
    assert not has_organisation_number("900101-2385")
    assert not has_organisation_number("1234567890")


def test_sentences_end_where_people_end_them() -> None:
    text = "Hej! Jag bor på t.ex. Ekvägen 3, tel. 08-1. Radera\nmig. Kl. 9 går det bra\n\nNytt stycke"
    assert [one.text for one in sentences(text, "Ämne")] == [
        "Ämne",
        "Hej!",
        "Jag bor på t.ex. Ekvägen 3, tel. 08-1.",
        "Radera mig.",
        "Kl. 9 går det bra",
        "Nytt stycke",
    ]


def test_a_bullet_is_heard_with_its_lead_in_and_shown_without() -> None:
    found = sentences("Jag vill att ni inte:\n- raderar mina uppgifter\n- ringer")
    assert found[1].text == "raderar mina uppgifter"
    assert found[1].words[:5] == ("jag", "vill", "att", "ni", "inte")


def test_wrapped_lines_are_one_sentence() -> None:
    long = "Det här är en rad som är så lång att den bröts av programmet och\nfortsätter på nästa rad."
    assert len(sentences(long)) == 1


def test_invisible_letters_do_not_hide_a_word() -> None:
    assert tidy("ra\u200bde\u00adra\u00a0mina\r\nupp\ufeffgifter") == "radera mina\nuppgifter"


@pytest.mark.parametrize(
    ("body", "kind", "names"),
    [
        ("Ta bort min hemadress ur registret, resten ska vara kvar.", ScopeKind.FIELDS, ("home_address",)),
        ("Radera allt ni har om mig, även telefonnumret.", ScopeKind.EVERYTHING, ()),
        ("Jag sökte jobb hos er. Radera min ansökan.", ScopeKind.ROLES, ("candidate",)),
        ("Ni har stavat mitt namn fel, rätta det.", ScopeKind.FIELDS, ("name",)),
        ("Sluta ringa mig!", ScopeKind.PURPOSES, ("phone_calls",)),
        ("Please delete my phone number.", ScopeKind.FIELDS, ("phone",)),
        ("Please stop tracking my clicks, but keep sending the newsletter.", ScopeKind.PURPOSES, ("tracking",)),
    ],
)
def test_scope_is_named_in_words_never_values(body: str, kind: ScopeKind, names: tuple[str, ...]) -> None:
    part = read(written({"id": "s", "subject": "hej", "body": body}), CONTEXT).parts[0]
    assert part.scope.kind is kind
    assert set(names) <= set(part.scope.names)
    assert "mig" not in part.scope.names


@pytest.mark.parametrize(
    ("body", "rights"),
    [
        ("Jag vill ha en kopia på mina uppgifter. Radera sedan allt.", ["access", "erasure"]),
        ("Radera alla mina uppgifter. Men skicka först en kopia på mina uppgifter.", ["access", "erasure"]),
        ("Radera först mina uppgifter och skicka sedan en kopia på mina uppgifter.", ["erasure", "access"]),
    ],
)
def test_access_comes_before_erasure_unless_the_person_says_otherwise(body: str, rights: list[str]) -> None:
    assert list(read(written({"id": "o", "subject": "hej", "body": body}), CONTEXT).rights) == rights


@pytest.mark.parametrize(
    "body",
    [
        "Bitte löschen Sie meine Daten. Ich möchte nicht, dass Sie meine Daten haben.",
        "Jeg vil gerne have slettet mine oplysninger og ikke høre mere fra jer.",
    ],
)
def test_a_language_we_do_not_know_goes_to_a_person(body: str) -> None:
    proposal = read(written({"id": "l", "subject": "?", "body": body}), CONTEXT)
    assert "other_language" in proposal.flags
    assert proposal.route is Route.HUMAN_REVIEW
