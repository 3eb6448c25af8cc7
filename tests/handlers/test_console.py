"""The console over HTTP: guarded, plain forms and redirects, answers to one colleague, the made-up world."""

from email import message_from_bytes
from email.policy import default

import pytest
from aiohttp import FormData
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.card import Press, Verb
from bot.domain.people import People
from bot.domain.request import Language
from handlers.console import ConsoleMessenger, Outside, Sample, SentLetter, console_routes
from handlers.console.notes import REMEMBERED, Note, Notes
from handlers.page import Pages
from tests.fakes import FixedClock
from tests.handlers.conftest import Client, Serve, only, sound, words
from tests.handlers.stand_ins import CHANNEL, LETTER, REF, SYSTEMS, TEXTS, SmallDesk, home


class World:
    """Mails that were dropped, letters that left, days that passed."""

    def __init__(self) -> None:
        self.dropped: list[bytes] = []
        self.letters: list[SentLetter] = []
        self.days = 0

    async def skip(self, days: int) -> None:
        """Let days pass."""
        self.days += days


@pytest.fixture
def desk() -> SmallDesk:
    """A desk with one ticket."""
    return SmallDesk()


@pytest.fixture
def world() -> World:
    """The world outside."""
    return World()


@pytest.fixture
async def client(serve: Serve, desk: SmallDesk, world: World) -> Client:
    """A browser on the console."""
    titles = {Language.SV: "Anna vill ha en kopia", Language.EN: "Anna wants a copy"}
    samples = [Sample("anna", titles, b"From: anna@example.com\r\n\r\nHej")]
    outside = Outside(samples, world.dropped.append, lambda: world.letters, FixedClock(), world.skip)
    return await serve([console_routes(desk, Pages(TEXTS), outside, channel=CHANNEL, systems=SYSTEMS)])


async def console(client: Client, query: str = "") -> LexborHTMLParser:
    """Return the page as it is."""
    answer = await client.get(f"/console{query}")
    assert answer.status == 200
    return sound(await answer.text())


async def send(client: Client, where: str, values: dict[str, str]) -> LexborHTMLParser:
    """Post one of the page's forms and return the page after it."""
    csrf = only(await console(client), "input[name=csrf]").attributes["value"] or ""
    answer = await client.post(f"/console/{where}", data={"csrf": csrf} | values)
    assert answer.status in {200, 422}
    return sound(await answer.text())


async def press(client: Client, page: LexborHTMLParser | LexborNode, label: str) -> LexborHTMLParser:
    """Press the first button with that label."""
    button = next(node for node in page.css("button") if node.text().strip() == label)
    form = button.parent
    assert form is not None
    assert form.tag == "form"
    values = {node.attributes["name"] or "": node.attributes.get("value") or "" for node in form.css("input")}
    if name := button.attributes.get("name"):
        values[name] = button.attributes["value"] or ""
    where = form.attributes["action"] or ""
    if form.attributes["method"] == "get":
        answer = await client.get(where, params=values)
    else:
        answer = await client.post(where, data=values)
    assert answer.status == 200
    return sound(await answer.text())


async def act_as(client: Client, colleague: str) -> None:
    """Be another colleague."""
    await send(client, "act-as", {"colleague": colleague})


async def test_the_start_leads_to_the_console(client: Client) -> None:
    answer = await client.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/console")


async def test_only_the_console_may_run_its_own_script(client: Client) -> None:
    answer = await client.get("/console")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "'none'" in (await client.get("/healthz")).headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil", "[::2]"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/console"), ("POST", "/console/press"), ("POST", "/console/upload")]
)
async def test_a_rebound_name_cannot_reach_it(client: Client, host: str, method: str, path: str) -> None:
    answer = await client.request(method, path, headers={"Host": host})
    assert answer.status == 409
    assert TEXTS.say(Language.SV, "console.wrong_origin") in await answer.text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:8080"])
async def test_loopback_names_reach_it(client: Client, host: str) -> None:
    assert (await client.get("/console", headers={"Host": host})).status == 200


@pytest.mark.parametrize("where", ["press", "submit", "say", "close", "act-as", "language", "drop", "write", "skip"])
async def test_every_form_needs_its_token(client: Client, desk: SmallDesk, world: World, where: str) -> None:
    values = {"press": Press(Verb.CONFIRM, "t1", 1).pack(), "sample": "anna", "days": "1", "colleague": "maria"}
    assert (await client.post(f"/console/{where}", data=values | {"csrf": "guessed"})).status == 409
    assert (await client.post(f"/console/{where}", data=values)).status == 409
    csrf = only(await console(client), "input[name=csrf]").attributes["value"] or ""
    crossed = await client.post(
        f"/console/{where}", data=values | {"csrf": csrf}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert crossed.status == 409
    assert (desk.version, world.dropped, world.days) == (1, [], 0)


async def test_the_page_shows_channel_own_messages_and_start(client: Client) -> None:
    page = await console(client)
    assert [words(post, "h3") for post in page.css("#channel .post")] == [
        f"{REF} · Ny begäran",
        "PR-2026-0041 · Avslutad",
    ]
    assert words(page, "#at-home h3") == home(Language.SV).title
    assert words(page, ".who summary") == "Du är Sara Lind handläggare, systemägare Eventbrite".replace(
        "Lind h", "Lindh"
    )
    assert not page.css("#mine-live .post:not(.home)")
    await act_as(client, "karin")
    page = await console(client)
    assert "ersättare Eventbrite" in words(page, ".who summary")
    assert [node.text() for node in page.css("#mine-live .post:not(.home) h3")] == [
        f"{REF} · 3 arbetsdagar till måldatum"
    ]


async def test_history_hides_below_the_card(client: Client) -> None:
    thread = only(await console(client), ".thread")
    assert "open" not in thread.attributes
    assert (words(thread, "summary"), words(thread, "li")) == ("1 händelse", "Kom in via info@goto.work 09:03")


async def test_colleagues_without_a_console_handle_cannot_be_played(client: Client) -> None:
    page = await console(client)
    names = {node.attributes["value"] for node in page.css("button[name=colleague]")}
    assert names == {"sara", "karin", "maria", "david"}


async def test_nobody_to_play_is_said(serve: Serve, world: World) -> None:
    outside = Outside((), world.dropped.append, lambda: (), FixedClock())
    desk = SmallDesk(people=People(()))
    client = await serve([console_routes(desk, Pages(TEXTS), outside, channel=CHANNEL, systems=SYSTEMS)])
    assert (await client.get("/console")).status == 404


async def test_an_empty_desk_shows_how_to_begin_and_no_clock_to_move(serve: Serve, world: World) -> None:
    outside = Outside((), world.dropped.append, lambda: (), FixedClock())
    client = await serve(
        [console_routes(SmallDesk(empty=True), Pages(TEXTS), outside, channel=CHANNEL, systems=SYSTEMS)]
    )
    page = await console(client)
    assert len(page.css(".empty li")) == 4
    assert not page.css("button[name=days]")
    assert "09:05" in words(page, "#time") or "10:05" in words(page, "#time")
    await send(client, "skip", {"days": "1"})


async def test_a_press_writes_and_the_card_is_drawn_anew(client: Client, desk: SmallDesk) -> None:
    page = await press(client, await console(client), "Bekräfta")
    assert desk.version == 2
    assert words(page, "#channel h3") == f"{REF} · Beslut"
    assert "2 händelser" in words(page, ".thread summary")


async def test_a_refusal_is_private_and_stands_below_the_card(client: Client, desk: SmallDesk) -> None:
    await act_as(client, "karin")
    page = await press(client, await console(client), "Bekräfta")
    assert words(page, "#channel .answer p:nth-of-type(1)") == "Bara för dig"
    assert "Det är Sara eller Maria." in words(page, "#channel .answer")
    assert desk.version == 1
    await act_as(client, "maria")
    page = await console(client)
    assert not page.css(".answer")
    await press(client, page, "Bekräfta")
    await act_as(client, "karin")
    page = await press(client, await console(client), "Stäng")
    assert not page.css(".answer")


async def test_a_stale_press_changes_nothing_and_says_so(client: Client, desk: SmallDesk) -> None:
    old = await console(client)
    await press(client, old, "Bekräfta")
    page = await press(client, old, "Bekräfta")
    assert desk.version == 2
    assert TEXTS.say(Language.SV, "refusal.stale") in words(page, "#channel .answer")


async def test_a_private_answer_stays_private_and_its_buttons_work(client: Client, desk: SmallDesk) -> None:
    page = await press(client, await console(client), "Visa bara för mig")
    answer = only(page, "#channel .answer")
    assert only(answer, "a").attributes["href"].startswith("http://127.0.0.1:8080/review/")  # type: ignore[union-attr]
    page = await press(client, answer, "Bekräfta")
    assert desk.version == 2
    assert words(page, "#channel .answer h4") == f"{REF} · Beslut"
    desk.version = 9
    page = await press(client, only(page, "#channel .answer"), "Visa bara för mig")
    answer = only(page, "#channel .answer")
    assert TEXTS.say(Language.SV, "refusal.stale") in answer.text()
    page = await press(client, answer, "Visa bara för mig")
    assert "bara för dig" in words(page, "#channel .answer h4")


async def test_a_form_opens_over_the_page_and_is_sent(client: Client, desk: SmallDesk) -> None:
    await press(client, await console(client), "Bekräfta")
    page = await press(client, await console(client), "Besluta…")
    assert "inert" in only(page, ".desk").attributes
    assert only(page, "[role=dialog]").attributes["aria-labelledby"] == "form-title"
    values = {"press": "decide|t1|2", "on": "t1", "task:k1": "approve", "note": "Klart", "reference": REF}
    page = await send(client, "submit", values)
    assert not page.css("[role=dialog]")
    assert desk.submitted == [
        {"task:k1": ("approve",), "note": ("Klart",), "reference": (REF,)},
    ]
    assert words(page, "#channel h3") == f"{REF} · Utförs"


async def test_a_refused_form_keeps_what_was_typed(client: Client, desk: SmallDesk) -> None:
    values = {"press": "decide|t1|1", "on": "t1", "task:k2": "approve", "note": "Min <text>", "reference": "PR-1"}
    page = await send(client, "submit", values)
    assert REF in words(page, "[role=alert]")
    assert only(page, "#in-reference").attributes["aria-invalid"] == "true"
    assert only(page, "#in-note").text() == "Min <text>"
    assert only(page, 'input[name="task:k2"][checked]').attributes["value"] == "approve"
    assert not desk.submitted


async def test_a_form_that_went_stale_says_so_on_the_card(client: Client, desk: SmallDesk) -> None:
    desk.version = 5
    page = await send(client, "submit", {"press": "decide|t1|1", "on": "t1", "reference": REF})
    assert TEXTS.say(Language.SV, "refusal.stale") in words(page, "#channel .answer")
    page = await console(client, "?form=decide%7Ct1%7C1&on=t1")
    assert not page.css("[role=dialog]")


async def test_what_is_typed_is_answered_to_its_writer(client: Client) -> None:
    page = await send(client, "say", {"text": " mina "})
    assert words(page, "#mine .answer h3") == "Mina ärenden"
    page = await send(client, "say", {"text": "hejsan"})
    assert "hejsan" in words(page, "#mine .answer")
    assert len(page.css(".answer")) == 1
    page = await send(client, "say", {"text": "ny"})
    assert words(page, "#form-title") == "Ny begäran"


async def test_the_language_follows_the_colleague_and_may_be_changed(client: Client) -> None:
    await act_as(client, "david")
    page = await console(client)
    assert only(page, "html").attributes["lang"] == "en"
    assert words(page, "#channel h3") == f"{REF} · New request"
    page = await send(client, "language", {"language": "sv"})
    assert only(page, "html").attributes["lang"] == "sv"
    await send(client, "language", {"language": "xx"})
    await act_as(client, "david")
    assert only(await console(client), "html").attributes["lang"] == "en"


async def test_an_answer_in_the_other_language_goes_when_the_language_is_changed(client: Client) -> None:
    page = await send(client, "say", {"text": "mina"})
    assert page.css("#mine .answer")
    page = await send(client, "language", {"language": "en"})
    assert not page.css("#mine .answer"), "it was drawn in Swedish"
    page = await send(client, "say", {"text": "mina"})
    assert page.css("#mine .answer")
    await act_as(client, "karin")
    await act_as(client, "sara")
    assert not (await console(client)).css("#mine .answer"), "it was drawn in English"


async def test_an_unknown_colleague_cannot_be_played(client: Client) -> None:
    csrf = only(await console(client), "input[name=csrf]").attributes["value"] or ""
    assert (await client.post("/console/act-as", data={"csrf": csrf, "colleague": "nobody"})).status == 404


async def test_a_sample_is_dropped(client: Client, world: World) -> None:
    page = await press(client, await console(client), "Anna vill ha en kopia")
    assert world.dropped == [b"From: anna@example.com\r\n\r\nHej"]
    assert TEXTS.say(Language.SV, "console.dropped") in words(page, "#at-outside")
    page = await send(client, "drop", {"sample": "nobody"})
    assert TEXTS.say(Language.SV, "console.mail_incomplete") in words(page, "#at-outside")


async def test_a_mail_is_written(client: Client, world: World) -> None:
    letter = {
        "name": "Åsa\r\nBcc: x@example.com",
        "address": "asa@example.com",
        "subject": "Radera\nmig",
        "text": "Hej\r\nå",
    }
    await send(client, "write", letter)
    mail = message_from_bytes(world.dropped[0], policy=default)
    assert mail["From"].addresses[0].addr_spec == "asa@example.com"
    assert mail["From"].addresses[0].display_name == "Åsa Bcc: x@example.com"
    assert (mail["Subject"], mail["To"], mail["Bcc"]) == ("Radera mig", "info@goto.work", None)
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["Date"].datetime == FixedClock().now()
    assert mail.get_content().split() == ["Hej", "å"]


@pytest.mark.parametrize(
    "wrong",
    [{"address": "no address"}, {"address": ""}, {"address": "a@b@c"}, {"address": "åsa@example.com"}, {"text": "  "}],
)
async def test_a_mail_that_could_not_be_sent_is_refused(client: Client, world: World, wrong: dict[str, str]) -> None:
    letter = {"name": "", "address": "asa@example.com", "subject": "", "text": "Hej"} | wrong
    page = await send(client, "write", letter)
    assert TEXTS.say(Language.SV, "console.mail_incomplete") in words(page, "#at-outside")
    assert not world.dropped


async def test_a_mail_file_is_added(client: Client, world: World) -> None:
    csrf = only(await console(client), "input[name=csrf]").attributes["value"] or ""
    for content, count in ((b"From: x@example.com\r\n\r\n\xff\x00", 1), (b"", 1)):
        form = FormData()
        form.add_field("csrf", csrf)
        form.add_field("mail", content, filename="brev.eml", content_type="message/rfc822")
        assert (await client.post("/console/upload", data=form)).status == 200
        assert len(world.dropped) == count
    assert world.dropped[0].endswith(b"\xff\x00")
    form = FormData()
    form.add_field("mail", b"x", filename="brev.eml")
    assert (await client.post("/console/upload", data=form)).status == 409


async def test_letters_that_left_can_be_read_and_followed(client: Client, world: World) -> None:
    world.letters.append(SentLetter("anna@example.com", "Din <b>kopia</b>", LETTER))
    page = await console(client)
    letter = only(page, "#letters details")
    assert words(letter, "summary") == "Din <b>kopia</b>Till anna@example.com"
    assert only(letter, "a").attributes["href"] == "http://127.0.0.1:8080/c/QwErTyUiOpAsDfGhJkLzXcVb"


async def test_time_moves_on_in_whole_days(client: Client, world: World) -> None:
    await press(client, await console(client), "7 dagar")
    assert world.days == 7
    for nonsense in ("0", "-1", "401", "x", "²", ""):
        await send(client, "skip", {"days": nonsense})
    assert world.days == 7


def test_answers_are_forgotten_in_turn() -> None:
    notes = Notes()
    for n in range(REMEMBERED + 1):
        notes.keep("sara", Note(f"p{n}", sentence="x"))
    kept = notes.of("sara")
    assert len(kept) == REMEMBERED
    assert kept[0].place == f"p{REMEMBERED}"
    notes.drop("sara", "never there")


async def test_the_messenger_gives_each_post_an_id_and_sends_nothing() -> None:
    messenger = ConsoleMessenger()
    card = home(Language.SV)
    first, second = await messenger.post("privacy", card), await messenger.post("privacy", card)
    assert first != second
    assert messenger.chat == "console"
    await messenger.edit("privacy", first, card)
    await messenger.tell("privacy", first, "Bekräftad")
