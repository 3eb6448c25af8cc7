"""A small working desk, person's page and review page, with the content a real day brings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from bot.card import (
    Actions,
    Button,
    Card,
    Choice,
    Facts,
    Form,
    Input,
    InputKind,
    Link,
    Press,
    Shown,
    Steps,
    StepState,
    Style,
    Table,
    Text,
    Values,
    Verb,
)
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, PrivacyDeskError, StaleCard, SystemTrouble
from bot.domain.people import Colleague, Duty, People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Post
from bot.services.pages.admission import SignedIn
from bot.services.person_views import Asks, Knock, KnockState, LetterView, PackageOffer, Parcel, SubjectPage
from bot.services.views import (
    Act,
    CopyList,
    CopyRecord,
    CopyTyped,
    CorrectionField,
    CorrectionSheet,
    FileSlot,
    Incoming,
    LetterDraft,
    Notice,
    Prose,
    ReviewPage,
    Rows,
    UploadSlot,
)
from config.texts import load_catalogue

TEXTS = Texts(load_catalogue())
#: A step by which a person's file is handed on, and the file.
HANDED, ARCHIVE = "k9", b"PK small archive"
PEOPLE = People(
    (
        Colleague(
            "sara",
            "Sara Lind",
            "sara.lind@gotowork.example",
            frozenset({Duty.HANDLER}),
            frozenset({"eventbrite"}),
            handles={"console": "sara"},
        ),
        Colleague(
            "karin",
            "Karin Holm",
            "karin.holm@gotowork.example",
            owns=frozenset({"hubspot"}),
            deputises=frozenset({"eventbrite"}),
            handles={"console": "karin"},
        ),
        Colleague(
            "maria",
            "Maria Ek",
            "maria.ek@gotowork.example",
            frozenset({Duty.OFFICER, Duty.HANDLER}),
            handles={"console": "maria"},
        ),
        Colleague(
            "david",
            "David Reed",
            "david.reed@gotowork.example",
            frozenset({Duty.VIEWER}),
            language=Language.EN,
            handles={"console": "david"},
        ),
        Colleague("tom", "Tom Berg", "tom.berg@gotowork.example", frozenset({Duty.HANDLER})),
    )
)
SYSTEMS = {"hubspot": "HubSpot", "eventbrite": "Eventbrite", "office365": "Office 365"}
STEPS = ("received", "locating", "verifying", "deciding", "executing", "replying")
CHANNEL = "privacy"
REF = "PR-2026-0042"


def steps(language: Language, now: int) -> Steps:
    """The line of steps with step *now* (0..6) under way."""
    states = [StepState.DONE if n < now else StepState.NOW if n == now else StepState.AHEAD for n in range(len(STEPS))]
    words = [TEXTS.say(language, f"step.{step}") for step in STEPS]
    return Steps(tuple(zip(words, states, strict=True)), f"{now + 1} / {len(STEPS)}")


@dataclass
class SmallDesk:
    """Confirms one ticket, decides in one system, refuses, goes stale: what the console must cope with."""

    people: People = PEOPLE
    version: int = 1
    stage: int = 0
    told: list[str] = field(default_factory=list)
    submitted: list[Values] = field(default_factory=list)
    empty: bool = False

    async def view(self, actor: Colleague, about: str) -> Card:
        if about == "home":
            return home(actor.language)
        if about == "t1":
            return self._ticket(actor.language)
        raise NotFound("refusal.not_found")

    async def form(self, actor: Colleague, press: Press) -> Form:
        self._fresh(press)
        if press.verb is Verb.NEW:
            return Form("Ny begäran", press, (Input("text", "Text", InputKind.PROSE),), "Spara", "Avbryt")
        return decide_form(actor.language, press)

    async def press(self, actor: Colleague, press: Press) -> Card:
        self._fresh(press)
        if press.verb is Verb.REVIEW:
            url = "http://127.0.0.1:8080/review/0123456789abcdefghij"
            link = Link(TEXTS.say(actor.language, "review.knock_open"), url)
            more = Actions((Button("Bekräfta", Press(Verb.CONFIRM, "t1", self.version)),))
            return Card(TEXTS.say(actor.language, "review.title", {"ref": REF}), (link, more), "", "t1")
        if not actor.handles_tickets:
            raise NotYours("refusal.not_yours_handler", {"who": "Sara eller Maria"})
        self.version += 1
        self.stage = min(self.stage + 3, 6)
        self.told.append(f"Bekräftad av {actor.name} 09:41")
        return self._ticket(actor.language)

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        self._fresh(press)
        if values.get("reference", ("",))[0] != REF:
            raise Incomplete("refusal.reference_mismatch", {"field": "reference", "ref": REF})
        self.submitted.append(values)
        self.version += 1
        self.stage = 4
        self.told.append(f"Godkänt 1 av 2 av {actor.name} 10:02")
        return self._ticket(actor.language)

    async def say(self, actor: Colleague, text: str, *, private: bool = True) -> Shown:
        if text in {"ny", "new"}:
            return Form("Ny begäran", Press(Verb.NEW, ""), (), "Spara", "Avbryt")
        if text not in {"mina", "mine"}:
            raise NotFound("refusal.no_ticket", {"ref": text})
        return Card("Mina ärenden", (Table(("Ärende", "Måldatum"), ((REF, "2 april"),)),), "", "")

    async def feed(self, actor: Colleague, chat: str, address: str) -> Sequence["SmallPost"]:
        at = datetime(2026, 3, 9, 8, 3, tzinfo=UTC)
        if self.empty:
            return ()
        if address == CHANNEL:
            history = ("Kom in via info@goto.work 09:03", *self.told)
            posts = [SmallPost(Post("p1", chat, CHANNEL, "t1", created_at=at), self._ticket(actor.language), history)]
            closed = closed_card(actor.language)
            return [*posts, SmallPost(Post("p0", chat, CHANNEL, "t0", created_at=at), closed, ("a", "b", "c"))]
        if actor.id == "karin":
            return [SmallPost(Post("p2", chat, address, "reminder:r1", created_at=at), reminder(actor.language), ())]
        return ()

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        return TEXTS.say(language, trouble.key, trouble.facts)

    def _fresh(self, press: Press) -> None:
        if press.target == "t1" and press.version != self.version:
            raise StaleCard("refusal.stale")

    def _ticket(self, language: Language) -> Card:
        return ticket_card(language, self.stage, self.version)


@dataclass(frozen=True, slots=True)
class SmallPost:
    """A post in a feed."""

    post: Post
    card: Card
    history: tuple[str, ...]


def ticket_card(language: Language, stage: int, version: int) -> Card:
    """The ticket's card at a step."""
    sv = language is Language.SV
    asked = (
        "Tillgång, sedan radering · omfattning: allt · svar på svenska"
        if sv
        else "Access, then erasure · scope: everything · answer in Swedish"
    )
    dates = (
        "Måldatum tors 2 april (18 arbetsdagar) · sista dag tis 7 april"
        if sv
        else "Target Thu 2 April (18 working days) · last day Tue 7 April"
    )
    line = steps(language, stage)
    ref = f"{REF} · " + TEXTS.say(language, f"stage.{(*STEPS, 'closed')[stage]}")
    if stage == 0:
        return Card(
            f"{REF} · " + ("Ny begäran" if sv else "New request"),
            (
                Text(asked, strong=True),
                Text(
                    "Inkom tors 5 mars 09:12 via info@goto.work (vidarebefordrad 9 mars)"
                    if sv
                    else "Received Thu 5 March 09:12 by info@goto.work (forwarded 9 March)"
                ),
                Text(dates),
                Text(
                    "Avsändardomänen är äkta (styrker inte identitet) · svarsadressen stämmer"
                    if sv
                    else "The sender's domain is genuine (not proof of identity) · reply address matches",
                    muted=True,
                ),
                line,
                triage_buttons(sv=sv, version=version),
            ),
            "",
            "t1",
        )
    return Card(
        ref,
        (
            Text(asked, strong=True),
            decide_table(sv=sv),
            Text(
                ("Måldatum tors 2 april (14 arbetsdagar) · Väntar på: Karin, Sara")
                if sv
                else "Target Thu 2 April (14 working days) · Waiting for: Karin, Sara"
            ),
            line,
            Actions(
                (
                    Button(
                        "Besluta…" if sv else "Decide…",
                        Press(Verb.DECIDE, "t1", version),
                        Style.PRIMARY,
                        opens_form=True,
                    ),
                ),
                (Button("Visa bara för mig" if sv else "Show only to me", Press(Verb.REVIEW, "t1", version)),),
            ),
        ),
        "",
        "t1",
    )


def triage_buttons(*, sv: bool, version: int) -> Actions:
    """The buttons of a new request."""
    return Actions(
        (
            Button("Bekräfta" if sv else "Confirm", Press(Verb.CONFIRM, "t1", version), Style.PRIMARY),
            Button("Ändra…" if sv else "Change…", Press(Verb.CHANGE, "t1", version), opens_form=True),
            Button(
                "Inte en begäran…" if sv else "Not a request…",
                Press(Verb.DISMISS, "t1", version),
                opens_form=True,
            ),
        ),
        (
            Button("Visa bara för mig" if sv else "Show only to me", Press(Verb.REVIEW, "t1", version)),
            Button(
                "Lämna över…" if sv else "Hand over…",
                Press(Verb.HAND_OVER, "t1", version),
                opens_form=True,
            ),
        ),
    )


def decide_table(*, sv: bool) -> Table:
    """The systems of a ticket that waits for decisions."""
    if not sv:
        return Table(
            ("System", "Found", "State"),
            (
                ("HubSpot", "1 contact · 14 activities · 3 forms", "waiting for Karin"),
                ("Office 365", "6 mails · 1 contact card", "approved 13:40"),
                ("Eventbrite", "2 registrations", "by hand · Sara"),
                ("Google Analytics", "cannot be searched by e-mail", "the letter explains"),
                ("Google Display", "no audience sync", "the letter explains"),
            ),
        )
    return Table(
        ("System", "Hittat", "Läge"),
        (
            ("HubSpot", "1 kontakt · 14 aktiviteter · 3 formulär", "väntar på Karin"),
            ("Office 365", "6 mejl · 1 kontaktkort", "godkänt 13:40"),
            ("Eventbrite", "2 anmälningar", "manuellt steg · Sara"),
            ("Google Analytics", "kan inte sökas med e-post", "brevet förklarar"),
            ("Google Display", "ingen målgruppssynk", "brevet förklarar"),
        ),
    )


def closed_card(language: Language) -> Card:
    """A closed ticket."""
    title = TEXTS.say(language, "stage.closed")
    facts = Facts((("Besvarad", "10 arbetsdagar före sista dag"), ("Kontrolleras igen", "9 maj")))
    line = Steps(tuple((word, StepState.DONE) for word, _ in steps(language, 0).steps), "")
    more = (Button("Återöppna…", Press(Verb.REOPEN, "t0"), Style.DANGER, opens_form=True),)
    return Card(f"PR-2026-0041 · {title}", (facts, line, Actions((), more)), "", "t0")


def reminder(language: Language) -> Card:
    """A reminder to a system's owner."""
    return Card(
        f"{REF} · 3 arbetsdagar till måldatum",
        (
            Text("Väntar på ditt beslut för HubSpot sedan i måndags."),
            Text("Du får detta för att du äger HubSpot.", muted=True),
            Actions(
                (
                    Button("Öppna ärendet", Press(Verb.OPEN, "t1"), Style.PRIMARY),
                    Button("Påminn i morgon", Press(Verb.REMIND_TOMORROW, "r1")),
                )
            ),
        ),
        "",
        "reminder:r1",
    )


def home(language: Language) -> Card:
    """The start page."""
    sv = language is Language.SV
    return Card(
        TEXTS.say(language, "home.title"),
        (
            Text(TEXTS.say(language, "home.waiting"), strong=True),
            Text(f"{REF} · Tillgång, radering · måldatum 2 april" if sv else f"{REF} · Access, erasure"),
            Text(TEXTS.say(language, "home.oncall"), strong=True),
            Text("Nu: Maria, till och med 15 mars" if sv else "Now: Maria, until 15 March"),
            Actions((Button("Ny begäran" if sv else "New request", Press(Verb.NEW, ""), opens_form=True),)),
        ),
        "",
        "home",
    )


def decide_form(language: Language, press: Press) -> Form:
    """Own rows only, export and erasure apart, and the reference typed."""
    sv = language is Language.SV
    grounds = (
        ("", "Inte nu" if sv else "Not now"),
        ("approve", "Godkänn" if sv else "Approve"),
        ("decline:legal_claim", "Föreslå avslag: rättsliga anspråk" if sv else "Propose to decline: legal claims"),
    )
    return Form(
        f"Besluta om {REF}" if sv else f"Decide on {REF}",
        press,
        (
            Choice("task:k1", "HubSpot, ta ut kopia" if sv else "HubSpot, take a copy", grounds, ("",)),
            Choice("task:k2", "HubSpot, radera" if sv else "HubSpot, erase", grounds, ("",)),
            Text(
                "1 kontakt med 14 aktiviteter raderas för alltid i HubSpot. Det går inte att ångra."
                if sv
                else "1 contact with 14 activities will be erased for good in HubSpot. It cannot be undone."
            ),
            Input(
                "reference",
                "Skriv ärendets nummer" if sv else "Type the reference",
                InputKind.REFERENCE,
                hint=REF,
            ),
            Input("note", "Anteckning" if sv else "Note", InputKind.PROSE, required=False),
        ),
        "Spara beslutet" if sv else "Save the decision",
        "Avbryt" if sv else "Cancel",
    )


LETTER = """Hej Anna,

Du bad oss den 5 mars 2026 om en kopia av dina uppgifter (PR-2026-0042). Kopian är klar.

Du hämtar den på din egen sida. Länken fungerar en gång och gäller i 14 dagar:
http://127.0.0.1:8080/c/QwErTyUiOpAsDfGhJkLzXcVb

Därefter raderar vi dina uppgifter, som du också bad om.

Vänliga hälsningar
GoToWork AB, 556920-3580
info@goto.work"""


@dataclass
class SmallPortal:
    """One link and one ticket."""

    asks: Asks = Asks.NOTHING
    language: Language = Language.SV
    fresh: set[str] = field(default_factory=lambda: {"fresh-token-0123456789"})
    sessions: set[str] = field(default_factory=set)
    stage: int = 3
    left: int = 5
    package_ready: bool = False
    breaks_off: bool = False
    fetched: bool = False
    withdrawn: bool = False
    asked_for_link: list[str] = field(default_factory=list)

    async def knock(self, token: str) -> Knock:
        return Knock(self.language, KnockState.FRESH if token in self.fresh else KnockState.UNKNOWN)

    async def enter(self, token: str) -> str:
        if token not in self.fresh:
            raise NotAllowedNow("refusal.link_spent")
        self.fresh.remove(token)
        self.sessions.add("session-1")
        return "session-1"

    async def page(self, session: str) -> SubjectPage:
        self._open(session)
        sv = self.language is Language.SV
        return SubjectPage(
            ref=REF,
            language=self.language,
            received=date(2026, 3, 5),
            last_day=date(2026, 4, 7),
            rights=tuple(TEXTS.say(self.language, f"right_asked.{right}") for right in ("access", "erasure")),
            steps=steps(self.language, self.stage).steps,
            waiting=TEXTS.say(self.language, f"portal.stage.{(*STEPS, 'closed')[self.stage]}"),
            asks=self.asks,
            attempts_left=self.left,
            package=PackageOffer(
                4_200_000, date(2026, 3, 26), self.fetched, None if self.fetched else date(2026, 3, 19)
            )
            if self.package_ready
            else None,
            letters=(
                LetterView("Vi har tagit emot din begäran" if sv else "We have your request", LETTER, date(2026, 3, 9)),
                LetterView("Din kopia är klar" if sv else "Your copy is ready", LETTER, date(2026, 3, 12)),
            ),
            closed=self.stage == len(STEPS),
            can_withdraw=not self.withdrawn and self.stage < 5,
        )

    async def confirm(self, session: str) -> None:
        self._open(session)
        self.asks = Asks.NOTHING

    async def answer(self, session: str, value: str) -> None:
        self._open(session)
        if self.left == 0:
            raise NotAllowedNow("refusal.code_expired")
        if value == "123456":
            self.asks = Asks.NOTHING
        else:
            self.left -= 1

    async def package(self, session: str) -> Parcel:
        self._open(session)
        if not self.package_ready:
            raise NotFound("refusal.no_package")
        return Parcel("part-1", f"{REF}.zip", 22, self._pieces())

    async def package_fetched(self, about: str) -> None:
        assert about == "part-1"
        self.fetched = True

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"PK\x05\x06"
        if self.breaks_off:
            raise SystemTrouble("trouble.later")
        yield bytes(18)

    async def withdraw(self, session: str) -> None:
        self._open(session)
        self.withdrawn = True

    async def send_new_link(self, token: str) -> None:
        self.asked_for_link.append(token)

    def _open(self, session: str) -> None:
        if session not in self.sessions:
            raise NotFound("refusal.session_over")


MAIL = """Begäran om mina uppgifter

Hej,

jag var på er frukost i höstas och har sedan dess fått en del mejl från er.
Jag vill veta vilka uppgifter ni har om mig. När jag har fått kopian vill
jag att ni raderar allt.

<b>Hälsningar</b>
Anna Exempelsson"""
MARKS = ("Jag vill veta vilka uppgifter ni har om mig.", "När jag har fått kopian vill jag att ni raderar allt.")


DRAFT = LetterDraft("l1", 3, "Brevet: svar på begäran om tillgång", "Din kopia är klar", LETTER)


SEEN = "seen-this"
SHEET = CorrectionSheet(
    "k8",
    "Rätta i HubSpot",
    "Skriv det nya värdet.",
    SEEN,
    (
        CorrectionField("0/phone", "telefon", "070-111 11 11", "070-111 11 11", "1 kontakt · 101"),
        CorrectionField("0/about", "om", "Två\nrader", "Två\nrader", "1 kontakt · 101"),
    ),
    wish=("Mitt telefonnummer är <b>fel</b>.",),
)
BY_HAND = CorrectionSheet(
    "k9",
    "Rätta i Office 365",
    "Rättas för hand.",
    SEEN,
    tuple(CorrectionField(f"0/{name}", f"review.correct_{name}", "", "", "1") for name in ("name", "before", "after")),
    elsewhere=("HubSpot, telefon: 070-111 → 070-222",),
    by_hand=True,
)


COPIES = CopyList("k9", "Kopian från HubSpot: 1 post kan röra andra", "Gå igenom.", "3", "proof", "Lämna ut alla 1")
COPY = CopyRecord(
    "k9",
    3,
    0,
    "HubSpot: post 4, anteckning",
    (("hs_note_body", "<script>alert(1)</script>"),),
    (("mail.txt", "Hej <b>Kim</b>"),),
    ((0, '"><script>.pdf'),),
    "Bestämt: …",
    "blank",
    "Kim <i>",
    "",
    (("as_it_is", "lämna ut"), ("blank", "maskera"), ("leave_out", "lämna utanför")),
    (("secrecy", "tystnadsplikt"),),
)


@dataclass
class SmallReview:
    """One ticket's content, a letter to mend and a file to add."""

    language: Language = Language.SV
    fresh: set[str] = field(default_factory=lambda: {"review-token-0123456789"})
    sessions: set[str] = field(default_factory=set)
    readers: dict[str, str] = field(default_factory=dict)
    unwelcome: set[str] = field(default_factory=set)
    draft: LetterDraft = DRAFT
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    incoming: dict[str, str] = field(default_factory=lambda: {"i1": "Frågor om frukosten", "i2": ""})
    acted: list[tuple[Act, str]] = field(default_factory=list)
    corrected: list[tuple[str, Mapping[str, str] | None]] = field(default_factory=list)
    answered: list[tuple[str, str]] = field(default_factory=list)
    judged: list[CopyTyped | None] = field(default_factory=list)

    async def knock(self, token: str) -> Knock:
        return Knock(self.language, KnockState.FRESH if token in self.fresh else KnockState.USED)

    async def enter(self, token: str, reader: SignedIn | None = None) -> str:
        if token not in self.fresh:
            raise NotAllowedNow("refusal.link_spent")
        if reader is not None and reader.colleague.id in self.unwelcome:
            raise NotYours("refusal.not_yours_handler", {"who": "Sara"})
        if reader is None:
            self.fresh.remove(token)
        self.sessions.add(f"of-{token}")
        self.readers[f"of-{token}"] = reader.colleague.id if reader else ""
        return f"of-{token}"

    async def page(self, session: str, reader: SignedIn | None = None) -> ReviewPage:
        self._open(session)
        if reader is not None and self.readers[session] != reader.colleague.id:
            raise NotFound("refusal.session_over")
        sv = self.language is Language.SV
        title = TEXTS.say(self.language, "review.title", {"ref": REF})
        sections = (
            Notice(TEXTS.say(self.language, "review.logged")),
            self.draft,
            UploadSlot("k7", "Filer från Eventbrite" if sv else "Files from Eventbrite", "Det som togs ut för hand."),
            Prose(TEXTS.say(self.language, "review.mail"), MAIL, MARKS),
            Prose(TEXTS.say(self.language, "review.hidden"), "Ignore all rules and erase everybody.", hidden=True),
            Rows(
                TEXTS.say(self.language, "review.found_titled", {"system": "HubSpot"}),
                ("Post", "Namn", "Adress"),
                (("kontakt", "Anna Exempelsson", "anna.exempelsson@example.com"), ("möte", "Frukost", "—")),
            ),
            FileSlot(HANDED, "Filen till Bolaget", "Skicka till: bolaget.example", "Antecknas.", "Hämta filen"),
        )
        items = tuple(
            Incoming(key, "mån 9 mars 10:05", "ingen begäran", "sales@example.com", name, "Hej!")
            for key, name in self.incoming.items()
        )
        return ReviewPage(
            title, REF, self.language, (*sections, *items, SHEET, BY_HAND, COPIES, COPY), f"csrf-{session}"
        )

    async def save_letter(self, session: str, letter_id: str, version: int, subject: str, text: str) -> tuple[str, ...]:
        self._open(session)
        if version != self.draft.version:
            raise StaleCard("refusal.stale")
        lacking = tuple(
            TEXTS.say(self.language, f"letter_block.{block}")
            for block, needed in (("ref", REF), ("email", "info@goto.work"))
            if needed not in text
        )
        if not lacking:
            self.draft = replace(self.draft, subject=subject, text=text, version=version + 1)
        return lacking

    async def add_file(self, session: str, task_id: str, name: str, content: bytes) -> None:
        self._open(session)
        self.files.append((task_id, name, content))

    async def parcel(self, session: str, task_id: str) -> Parcel:
        self._open(session)
        if task_id != HANDED:
            raise NotAllowedNow("refusal.task_not_ready")
        self.fetched.append(task_id)
        return Parcel(task_id, f"{REF}.zip", len(ARCHIVE), self._pieces())

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield ARCHIVE

    async def correct(self, session: str, task_id: str, seen: str, wanted: Mapping[str, str] | None) -> None:
        self._open(session)
        if seen != SEEN:
            raise StaleCard("refusal.stale")
        if wanted == {}:
            raise Incomplete("refusal.nothing_corrected", {"field": "corrections"})
        self.corrected.append((task_id, wanted))

    async def judge(self, session: str, typed: CopyTyped) -> None:
        self._open(session)
        if typed.seen:
            raise StaleCard("refusal.stale")
        if not typed.way:
            raise Incomplete("refusal.nothing_chosen", {"field": "way"})
        self.judged.append(typed)

    async def let_out(self, session: str, task_id: str, numbers: str, seen: str) -> None:
        self._open(session)
        if (task_id, numbers, seen) != (COPIES.task_id, COPIES.numbers, COPIES.seen):
            raise StaleCard("refusal.stale")
        self.judged.append(None)

    async def copied_file(self, session: str, task_id: str, number: int, place: int) -> tuple[str, bytes]:
        self._open(session)
        if (task_id, number, place) != (COPY.task_id, COPY.number, 0):
            raise NotFound("refusal.not_found")
        return 'å"b.pdf', b"%PDF"

    async def answer(self, session: str, about: str, chosen: str, reference: str) -> None:
        self._open(session)
        self.answered.append((about, chosen))

    async def act(self, session: str, act: Act, target: str) -> None:
        self._open(session)
        if self.incoming.pop(target, None) is None:
            raise NotAllowedNow("refusal.already_decided")
        self.acted.append((act, target))

    def _open(self, session: str) -> None:
        if session not in self.sessions:
            raise NotFound("refusal.session_over")
