"""Answering the questions of a review page as a colleague does: find the form, choose, save."""

from selectolax.lexbor import LexborHTMLParser

from tests.journeys.furnished import FIRST, Furnished


def asked(page: str) -> dict[str, tuple[str, list[str]]]:
    """Return the questions of a page: what each is about, its heading, and the values that can be chosen."""
    found = {}
    for form in LexborHTMLParser(page).css("form[action$='/answer']"):
        about = form.css_first("input[name='about']")
        section = form.parent
        assert about is not None
        assert section is not None
        heading = section.css_first("h2")
        values = [one.attributes["value"] or "" for one in form.css("input[name='chosen']")]
        found[about.attributes["value"] or ""] = (heading.text() if heading else "", values)
    return found


async def reply(
    desk: Furnished, name: str, about: str, chosen: str, ref: str = FIRST, typed: str | None = None
) -> tuple[int, str]:
    """Open the review page as a colleague, answer one question, and let follow what follows."""
    browser, path, page = await desk.review(name, ref)
    form = LexborHTMLParser(page).css_first("form[action$='/answer']")
    assert form is not None, "nothing is asked"
    csrf = form.css_first("input[name='csrf']")
    assert csrf is not None
    given = {"csrf": csrf.attributes["value"] or "", "about": about, "chosen": chosen}
    given["reference"] = ref if typed is None else typed
    answered = await browser.post(f"{path}/answer", given)
    await desk.settle()
    return answered
