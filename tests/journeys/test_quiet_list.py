"""The quiet list's page: what each item says, lifting one out, and taking back what was set aside (D1, D29)."""

from datetime import timedelta

from bot.card import Verb
from bot.domain.ticket import Stage
from tests.journeys.furnished import Furnished, find, verbs, words

TIPS = (
    b"Received: from mail.example.org by mx1.gotowork.example; Mon, 9 Mar 2026 08:00:00 +0000\n"
    b"From: Nora Nyfiken <nora.nyfiken@example.org>\nTo: info@goto.work\nSubject: Frukosten\n"
    b"Date: Mon, 9 Mar 2026 08:00:00 +0000\nMessage-ID: <tips@example.org>\n"
    b"Content-Type: text/plain; charset=utf-8\n\nHej, vilken tid serveras frukosten?\n"
    + b"".join(b"Vi var %d i matsalen i fredags.\n" % n for n in range(30))
)


async def about(desk: Furnished) -> str:
    return f"items:{desk.opened.house.today()}"


async def waiting(desk: Furnished) -> int:
    async with desk.opened.house.work() as unit:
        return len(await unit.items.waiting())


async def test_the_page_says_who_what_and_why(desk: Furnished) -> None:
    await desk.raw_mail(TIPS)
    assert not await desk.tickets()
    _, _, page = await desk.review("sara", await about(desk), Verb.OPEN_ITEM)
    for said in (
        "nora.nyfiken@example.org",
        "Frukosten",
        "vilken tid serveras",
        "Fortsättningen",
        "Vi var 29 i matsalen",
    ):
        assert said in page
    assert "Varför det lästes så" in page
    assert "Läsningen är säker till" in page
    assert "Det här är en begäran" in page
    card = words(await desk.card("sara", await about(desk)))
    assert "nora" not in card.casefold() + desk.slack.traffic.casefold()


async def test_one_is_lifted_out_with_its_true_receipt_and_can_be_changed(desk: Furnished) -> None:
    """Three days later; *Ändra…* works on the ticket it became, and so does its review page."""
    await desk.raw_mail(TIPS)
    await desk.later(timedelta(days=3))
    browser, path, page = await desk.review("sara", await about(desk), Verb.OPEN_ITEM)
    status, _ = await browser.post(f"{path}/open", desk.form_of(page, "open"))
    assert status == 200
    await desk.settle()
    ticket = await desk.ticket()
    assert ticket.received.isoformat() == "2026-03-09T08:00:00+00:00"
    _, _, content = await desk.review("maria", ticket.ref)
    assert "vilken tid serveras" in content
    await desk.fill("sara", Verb.CHANGE, {"rights": ["rectification"], "received": "2026-03-09T09:00"})
    assert [part.type for part in (await desk.ticket()).parts] == ["rectification"]
    assert (await desk.ticket()).stage is Stage.RECEIVED


async def test_what_was_set_aside_at_once_is_taken_back_one_by_one(desk: Furnished) -> None:
    await desk.raw_mail(TIPS)
    await desk.sample("sales")
    list_ = await about(desk)
    await desk.review("sara", list_, Verb.OPEN_ITEM)
    await desk.press("sara", Verb.DISMISS_ITEMS, list_)
    assert await waiting(desk) == 0
    card = await desk.card("sara", list_)
    assert find(card, Verb.OPEN_ITEM).label == "Visa det som avfärdats"
    assert Verb.DISMISS_ITEMS not in verbs(card)
    browser, path, page = await desk.review("maria", list_, Verb.OPEN_ITEM)
    assert "Avfärdat: 2 inkomna meddelanden" in page
    form = desk.form_of(page, "return")
    status, page = await browser.post(f"{path}/return", form)
    assert status == 200
    assert await waiting(desk) == 1
    assert "Avfärdat: 1 inkommet meddelande" in page
    assert (await browser.post(f"{path}/return", form))[0] == 409, "once"
    assert [e.actor for e in await desk.events("desk") if e.event == "item.returned"] == ["maria"]
    assert Verb.DISMISS_ITEMS not in verbs(await desk.card("sara", "items:2026-03-10")), "the new list is unseen"


async def test_it_can_be_taken_back_for_as_long_as_the_mail_is_kept(desk: Furnished) -> None:
    """Thirty days from when it was read in; then neither the list nor a page left open can bring it back (D1)."""
    await desk.raw_mail(TIPS)
    list_ = await about(desk)
    await desk.review("sara", list_, Verb.OPEN_ITEM)
    await desk.press("sara", Verb.DISMISS_ITEMS, list_)
    await desk.later(timedelta(days=29, hours=23, minutes=55))
    browser, path, page = await desk.review("sara", list_, Verb.OPEN_ITEM)
    form = desk.form_of(page, "return")
    await desk.later(timedelta(minutes=6))
    status, _ = await browser.post(f"{path}/return", form)
    assert status != 200
    assert await waiting(desk) == 0
    assert not verbs(await desk.card("sara", list_))


async def test_the_page_takes_no_act_that_its_entry_does_not_offer(desk: Furnished) -> None:
    await desk.raw_mail(TIPS)
    browser, path, page = await desk.review("sara", await about(desk), Verb.OPEN_ITEM)
    form = desk.form_of(page, "open")
    for act, status in (("dismiss", 409), ("return", 409), ("show", 404), ("erase", 404)):
        assert (await browser.post(f"{path}/{act}", form))[0] == status
    assert (await browser.post(f"{path}/open", {**form, "csrf": "forged"}))[0] == 409
    assert await waiting(desk) == 1
