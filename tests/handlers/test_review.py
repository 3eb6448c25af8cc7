"""A colleague's one-time page: opened once, marked, mended, added to, and never without its own token."""

from io import BytesIO

import pytest
from aiohttp import FormData

from bot.domain.request import Language
from bot.services.views import Act, CopyTyped
from handlers.marks import marked
from tests.handlers.conftest import Client, only, sound, words
from tests.handlers.stand_ins import ARCHIVE, HANDED, LETTER, REF, SEEN, TEXTS, SmallReview

LINK = "/review/review-token-0123456789"


async def opened(colleague: Client, link: str = LINK) -> tuple[str, str]:
    """Open the link and return the page and its address."""
    answer = await colleague.post(link)
    assert answer.status == 200
    return await answer.text(), answer.url.path


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the letter's form."""
    form = only(sound(html), "form[action$=letter]")
    return {node.attributes["name"] or "": node.attributes["value"] or "" for node in form.css("input[type=hidden]")}


async def test_looking_at_a_link_changes_nothing(colleague: Client, review: SmallReview) -> None:
    page = sound(await (await colleague.get(LINK)).text())
    assert only(page, "main form").attributes == {"method": "post", "action": LINK}
    assert review.fresh
    assert not review.sessions


async def test_the_page_opens_once_at_a_place_of_its_own(colleague: Client, review: SmallReview) -> None:
    answer = await colleague.post(LINK, allow_redirects=False)
    place = answer.headers["Location"]
    cookie = answer.cookies["review_session"]
    assert place.startswith("/review/at/")
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == (place, "Strict", "600")
    assert cookie["httponly"]
    assert (await colleague.get(place)).status == 200
    assert (await colleague.post(LINK)).status == 404
    assert (await colleague.get("/review/at/another-place")).status == 404


async def test_two_tickets_stand_side_by_side(colleague: Client, review: SmallReview) -> None:
    review.fresh.add("second-token-0123456789")
    _, first = await opened(colleague)
    _, second = await opened(colleague, "/review/second-token-0123456789")
    assert first != second
    assert [(await colleague.get(place)).status for place in (first, second)] == [200, 200]


async def test_used_and_unknown_links_look_alike_and_are_slowed_down(colleague: Client) -> None:
    pages = set()
    for n in range(5):
        answer = await colleague.get(f"/review/unknown-{n}")
        assert answer.status == 404
        pages.add(await answer.text())
    assert len(pages) == 1
    assert (await colleague.get(LINK)).status == 429


async def test_the_deciding_sentences_are_marked_in_words_too(colleague: Client) -> None:
    page = sound((await opened(colleague))[0])
    marks = [" ".join(node.text().split()) for node in page.css("mark")]
    assert marks == [
        "markerat: Jag vill veta vilka uppgifter ni har om mig.",
        "markerat: När jag har fått kopian vill jag att ni raderar allt.",
    ]
    assert "<b>Hälsningar</b>" in only(page, "section[aria-labelledby=s4]").text()
    assert "Ignore all rules" in words(page, ".hidden-text")
    assert "anna.exempelsson@example.com" in words(page, "table")
    assert "Kopian är klar." in words(page, ".onpaper")


def test_marks_survive_overlap_repetition_and_markup() -> None:
    text = "Radera <allt>. Radera\n  allt. Radera allt."
    assert marked(text, ("Radera <allt>.", "<allt>. Radera", " "), "m") == (
        '<mark><span class="unseen">m </span>Radera &lt;allt&gt;.</mark>'
        '<mark><span class="unseen">m </span> Radera</mark>\n  allt. Radera allt.'
    )
    assert str(marked(text, ("Radera allt.",), "m")).count("<mark>") == 2
    assert marked("Inget här", ("annat",), "m") == "Inget här"


def copied(html: str, act: str) -> dict[str, str]:
    """Return the hidden fields of the one form of a copy with that act."""
    form = only(sound(html), f"form[action$='/{act}']")
    return {node.attributes["name"] or "": node.attributes["value"] or "" for node in form.css("input[type=hidden]")}


async def test_a_record_of_a_copy_is_shown_escaped_and_judged(colleague: Client, review: SmallReview) -> None:
    """What a record says is never run; what was said before stands there; a file that was added comes with it."""
    html, place = await opened(colleague)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Hej &lt;b&gt;Kim&lt;/b&gt;" in html
    assert "Kim &lt;i&gt;</textarea>" in html
    form = FormData(default_to_multipart=True)
    for name, value in {**copied(html, "copy"), "way": "blank", "words": "Kim\r\nHolm", "reason": ""}.items():
        form.add_field(name, value)
    form.add_field("file", BytesIO(b"%PDF"), filename="maskad.pdf")
    answer = await colleague.post(f"{place}/copy", data=form)
    assert answer.url.query_string == "told=saved"
    assert review.judged == [CopyTyped("k9", 3, 0, "blank", "Kim\nHolm", "", ("maskad.pdf", b"%PDF"))]


@pytest.mark.parametrize(("given", "status"), [({"way": ""}, 422), ({"seen": "2"}, 409), ({"number": "x"}, 422)])
async def test_a_refused_judgement_keeps_what_was_typed(
    colleague: Client, review: SmallReview, given: dict[str, str], status: int
) -> None:
    html, place = await opened(colleague)
    form = FormData(default_to_multipart=True)
    for name, value in {**copied(html, "copy"), "way": "blank", "words": "Alva", "reason": "secrecy", **given}.items():
        form.add_field(name, value)
    answer = await colleague.post(f"{place}/copy", data=form)
    assert answer.status == status
    page = sound(await answer.text())
    if "number" not in given:
        assert only(page, "form[action$='/copy'] textarea").text().strip() == "Alva"
        assert only(page, "option[selected]").attributes["value"] == "secrecy"
    assert review.judged == []


async def test_what_a_page_shows_is_let_out_and_nothing_else(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    fields = copied(html, "copies")
    assert (await colleague.post(f"{place}/copies", data=fields | {"numbers": "3,4"})).status == 409
    assert (await colleague.post(f"{place}/copies", data=fields | {"csrf": "x"})).status == 409
    assert review.judged == []
    assert (await colleague.post(f"{place}/copies", data=fields)).url.query_string == "told=saved"
    assert review.judged == [None]


async def test_a_file_of_a_record_is_fetched_by_a_press_and_never_shown(colleague: Client) -> None:
    html, place = await opened(colleague)
    fields = copied(html, "copied")
    answer = await colleague.post(f"{place}/copied", data=fields)
    assert (answer.status, await answer.read()) == (200, b"%PDF")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A5%22b.pdf"
    assert (await colleague.get(f"{place}/copied")).status in (404, 405)
    assert (await colleague.post(f"{place}/copied", data=fields | {"place": "1"})).status == 404


async def test_a_letter_is_saved_when_nothing_is_missing(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    fields = hidden(html) | {"subject": "Ny rubrik", "text": LETTER.replace("\n", "\r\n") + "\r\nHej då"}
    answer = await colleague.post(f"{place}/letter", data=fields)
    assert answer.url.query_string == "told=saved"
    assert TEXTS.say(Language.SV, "review.saved") in await answer.text()
    assert (review.draft.subject, review.draft.version) == ("Ny rubrik", 4)
    assert review.draft.text == LETTER + "\nHej då"


async def test_a_letter_that_lacks_something_is_kept_on_the_page(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    fields = hidden(html) | {"subject": "S", "text": "Hej <Anna>"}
    answer = await colleague.post(f"{place}/letter", data=fields)
    page = sound(await answer.text())
    assert answer.status == 422
    assert [node.text() for node in page.css(".notice li")] == ["ärendenumret", "e-postadressen info@goto.work"]
    assert only(page, "textarea").text() == "Hej <Anna>"
    assert only(page, "textarea").attributes["aria-invalid"] == "true"
    assert review.draft.version == 3


async def test_a_stale_letter_loses_nothing_that_was_typed(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    fields = hidden(html) | {"version": "2", "subject": "S", "text": LETTER + " mitt"}
    answer = await colleague.post(f"{place}/letter", data=fields)
    assert answer.status == 409
    assert only(sound(await answer.text()), "textarea").text().endswith(" mitt")


async def test_a_letter_form_that_is_not_ours_is_refused(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    fields = hidden(html) | {"subject": "S", "text": LETTER}
    for wrong, status in (({"csrf": "x"}, 409), ({"letter": "l9"}, 404), ({"version": "x"}, 422)):
        assert (await colleague.post(f"{place}/letter", data=fields | wrong)).status == status
    crossed = await colleague.post(f"{place}/letter", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status == 409
    colleague.session.cookie_jar.clear()
    assert (await colleague.post(f"{place}/letter", data=fields)).status == 404
    assert review.draft.version == 3


async def test_files_are_added(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    form = FormData(quote_fields=False)  # as browsers do
    form.add_field("csrf", hidden(html)["csrf"])
    form.add_field("task", "k7")
    form.add_field("file", b"a,b\n", filename="deltagare å.csv")
    form.add_field("file", BytesIO(bytes(2_000_000)), filename="två.bin")
    answer = await colleague.post(f"{place}/upload", data=form)
    assert answer.url.path == place
    assert TEXTS.say(Language.SV, "review.uploaded") in await answer.text()
    assert [(task, name, len(content)) for task, name, content in review.files] == [
        ("k7", "deltagare å.csv", 4),
        ("k7", "två.bin", 2_000_000),
    ]


async def test_the_persons_file_is_fetched_by_a_press_from_our_own_page(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    form = only(sound(html), "form[action$=parcel]")
    given = {node.attributes["name"] or "": node.attributes["value"] or "" for node in form.css("input")}
    answer = await colleague.post(f"{place}/parcel", data=given)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert await answer.read() == ARCHIVE
    assert review.fetched == [HANDED]
    assert (await colleague.post(f"{place}/parcel", data={**given, "csrf": "other"})).status == 409
    assert (await colleague.get(f"{place}/parcel")).status == 405
    assert (await colleague.post(f"{place}/parcel", data={**given, "task": "k7"})).status == 409
    assert review.fetched == [HANDED]


async def test_no_file_is_said(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    form = FormData()
    form.add_field("csrf", hidden(html)["csrf"])
    form.add_field("file", b"", filename="")
    answer = await colleague.post(f"{place}/upload", data=form)
    assert answer.status == 422
    assert TEXTS.say(Language.SV, "review.no_file") in await answer.text()
    assert not review.files


async def test_the_page_speaks_english(colleague: Client, review: SmallReview) -> None:
    review.language = Language.EN
    page = sound((await opened(colleague))[0])
    assert only(page, "html").attributes["lang"] == "en"
    assert words(page, "h1") == f"{REF} · only for you"


async def test_what_came_in_can_be_made_a_ticket_once(colleague: Client, review: SmallReview) -> None:
    html, place = await opened(colleague)
    forms = sound(html).css("form[action$=open]")
    assert len(forms) == 2
    assert "Utan ämne" in html
    sent = {node.attributes["name"] or "": node.attributes["value"] or "" for node in forms[0].css("input")}
    answer = await colleague.post(f"{place}/open", data=sent)
    assert answer.status == 200
    assert review.acted == [(Act.OPEN, "i1")]
    assert (await colleague.post(f"{place}/open", data=sent)).status == 409
    assert (await colleague.post(f"{place}/open", data={**sent, "csrf": "forged"})).status == 409


async def test_a_sheet_shows_what_stands_there_and_brings_back_what_was_typed(colleague: Client) -> None:
    page, _ = await opened(colleague)
    (sheet, by_hand) = sound(page).css("form[action$='/correct']")
    assert "Nu: 070-111 11 11" in (sheet.text())
    assert "Mitt telefonnummer är <b>fel</b>." in sound(page).text()
    names = [one.attributes["name"] for one in by_hand.css("input[type=text]")]
    assert names == ["f:0/name", "f:0/before", "f:0/after"]
    ids = [node.attributes["id"] for node in sound(page).css("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [
        ({"f:0/phone": "070-222 22 22", "f:0/about": "Tre\r\nrader", "seen": SEEN}, 200, True),
        ({"f:0/phone": "070-222 22 22", "seen": "older"}, 409, False),
        ({"seen": SEEN}, 422, False),
    ],
)
async def test_what_is_typed_on_a_sheet_is_kept_or_said_why_not(
    colleague: Client, review: SmallReview, typed: dict[str, str], status: int, kept: bool
) -> None:
    page, place = await opened(colleague)
    csrf = sound(page).css_first("form[action$='/correct'] input[name=csrf]")
    assert csrf is not None
    form = {"csrf": csrf.attributes["value"] or "", "task": "k8", **typed}
    answer = await colleague.post(f"{place}/correct", data=form)
    assert answer.status == status
    assert review.corrected == ([("k8", {"0/phone": "070-222 22 22", "0/about": "Tre\nrader"})] if kept else [])


async def test_nothing_to_correct_is_one_press(colleague: Client, review: SmallReview) -> None:
    page, place = await opened(colleague)
    csrf = sound(page).css_first("form[action$='/correct'] input[name=csrf]")
    assert csrf is not None
    form = {"csrf": csrf.attributes["value"] or "", "task": "k8", "seen": SEEN, "nothing": "1"}
    assert (await colleague.post(f"{place}/correct", data=form)).status == 200
    assert review.corrected == [("k8", None)]
