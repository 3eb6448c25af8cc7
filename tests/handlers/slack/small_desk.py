"""A small desk that works: one kind of ticket, versions, roles, forms. Stands in for `bot.desk` behind Slack."""

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

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
    Style,
    Text,
    Values,
    Verb,
)
from bot.desk import ChatMessage, Taken
from bot.domain.errors import Incomplete, NotAllowedNow, NotFound, NotYours, PrivacyDeskError, StaleCard
from bot.domain.people import Colleague, Duty, People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import LyingMail
from config.texts import load_catalogue
from handlers.pace import Pace

TEXTS: Final = Texts(load_catalogue())
PRIVATE: Final = frozenset({Verb.REVIEW, Verb.OPEN, Verb.REVIEW_LIST, Verb.OPEN_ITEM})
CHANNEL: Final = "C0PRIVACY"
MAIL_CHANNEL: Final = "C0MAIL"
REF: Final = "PR-2026-0042"

ANNA_IN_TEAMS: Final = "aaaaaaaa-0000-4000-8000-000000000001"
KARIN_IN_TEAMS: Final = "aaaaaaaa-0000-4000-8000-000000000002"

ANNA: Final = Colleague(
    "anna",
    "Anna",
    "anna@goto.work",
    frozenset({Duty.HANDLER}),
    handles={"slack": "U0ANNA", "teams": ANNA_IN_TEAMS},
)
KARIN: Final = Colleague(
    "karin",
    "Karin",
    "karin@goto.work",
    frozenset({Duty.VIEWER}),
    language=Language.EN,
    handles={"slack": "U0KARIN", "teams": KARIN_IN_TEAMS},
)
PEOPLE: Final = People((ANNA, KARIN))


@dataclass(frozen=True, slots=True)
class SmallTicket:
    """What the small desk knows of a ticket."""

    ref: str
    confirmed_by: tuple[str, ...] = ()
    rights: tuple[str, ...] = ("access",)
    version: int = 0


@dataclass(slots=True)
class SmallDesk:
    """Keeps its promises: a stale press is refused, a refusal changes nothing, a look is counted."""

    tickets: dict[str, SmallTicket] = field(default_factory=lambda: {"t1": SmallTicket(REF)})
    looks: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    taken: list[ChatMessage] = field(default_factory=list)
    mails: list[tuple[str, str, str, bool]] = field(default_factory=list)
    met_cards: list[tuple[str, str, str, str]] = field(default_factory=list, compare=False)
    delivered: set[str] = field(default_factory=set)
    looked_for_mail: int = 0
    strangers: list[str] = field(default_factory=list, compare=False)
    breaks: bool = False
    home_lost: bool = False

    def home(self, actor: Colleague) -> Card:
        """Return a colleague's own page: every ticket, and a button for a new one."""
        rows = tuple(Text(f"{one.ref} {', '.join(one.confirmed_by)}".strip()) for one in self.tickets.values())
        new = Button("Ny begäran…", Press(Verb.NEW, "home"), opens_form=True)
        look = Button("Visa bara för mig", Press(Verb.REVIEW, "t1"))
        confirm = Button("Bekräfta", Press(Verb.CONFIRM, "t1", self.tickets["t1"].version))
        more = tuple(Button(f"Öppna {one.ref}", Press(Verb.OPEN, name)) for name, one in self.tickets.items())
        return Card(f"Start för {actor.name}", (*rows, Actions((new, look, confirm), more[:5])), "Start.", "home")

    def card(self, ticket_id: str = "t1") -> Card:
        """Return the ticket's card, as a job would post it."""
        ticket = self.tickets[ticket_id]
        state = f"Bekräftad av {', '.join(ticket.confirmed_by)}" if ticket.confirmed_by else "Ny begäran"
        press = Press(Verb.CONFIRM, ticket_id, ticket.version)
        buttons = (
            Button("Bekräfta", press, Style.PRIMARY),
            Button("Ändra…", replace(press, verb=Verb.CHANGE), opens_form=True),
        )
        more = (
            Button("Visa bara för mig", replace(press, verb=Verb.REVIEW)),
            Button("Lämna över…", replace(press, verb=Verb.HAND_OVER), opens_form=True),
        )
        elements = (Text(state), Facts((("Rättigheter", ", ".join(ticket.rights)),)), Actions(buttons, more))
        return Card(f"{ticket.ref} · {state}", elements, f"{ticket.ref}. {state}.", ticket_id)

    async def recognise(self, chat: str, handle: str, *, acts: bool = True) -> Colleague:
        """Return whose a handle is; a stranger who does something is noted."""
        try:
            return PEOPLE.by_handle(chat, handle)
        except NotFound:
            self.strangers += [handle] if acts else []
            raise

    async def form(self, actor: Colleague, press: Press) -> Form:
        """Return the form of *Ändra…*, *Lämna över…*."""
        if press.verb is Verb.REVIEW:
            raise NotFound("refusal.unknown_button")
        self._allowed(actor)
        if press.verb is Verb.NEW:
            return change_form(press)
        self._fresh(press)
        if press.verb is Verb.HAND_OVER:
            colleague = Choice("colleague", "Till vem", (("anna", "Anna"), ("karin", "Karin")))
            return Form("Lämna över", press, (colleague,), "Lämna över", "Avbryt")
        return change_form(press)

    async def act(self, actor: Colleague, press: Press) -> None:
        """Do what `press` does; nobody waits for the card."""
        await self.press(actor, press)

    async def press(self, actor: Colleague, press: Press) -> Card:
        """Confirm, or look."""
        if self.breaks:
            raise RuntimeError("the disk is full: personal data of somebody@example.org")
        if press.verb is Verb.REVIEW:
            self.looks.append(actor.id)
            return Card(
                "Bara för dig", (Link("Öppna", "https://desk.example.org/review/abc"),), "En länk, bara för dig."
            )
        if press.verb is Verb.OPEN:
            return self.card(press.target)
        self._allowed(actor)
        self._fresh(press)
        ticket = self.tickets[press.target]
        self.tickets[press.target] = replace(
            ticket, confirmed_by=(*ticket.confirmed_by, actor.name), version=ticket.version + 1
        )
        return self.card(press.target)

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        """Change a ticket or make a new one."""
        self._allowed(actor)
        if press.verb is Verb.NEW:
            name = f"t{len(self.tickets) + 1}"
            self.tickets[name] = SmallTicket(f"PR-2026-{len(self.tickets) + 42:04}")
            return self.card(name)
        self._fresh(press)
        if values.get("received") and not values.get("received_why"):
            raise Incomplete("refusal.field_missing", {"field": "received_why"})
        if values.get("reference") not in {None, (), (REF,)}:
            raise Incomplete("refusal.field_bad", {"field": "no_such_field"})
        ticket = self.tickets[press.target]
        rights = values.get("rights", ticket.rights)
        self.tickets[press.target] = replace(ticket, rights=rights, version=ticket.version + 1)
        return self.card(press.target)

    async def take(self, actor: Colleague, message: ChatMessage) -> Taken:
        """Keep a message; the form of the first ticket is what comes next."""
        self._allowed(actor)
        if self.breaks:
            raise RuntimeError(f"the disk is full: {message.text}")
        self.taken.append(message)
        return Taken(self.card(), Press(Verb.CHANGE, "t1", self.tickets["t1"].version))

    async def mail_came(self, chat: str, place: str, mail: LyingMail) -> None:
        """Note a mail."""
        self.mails.append((chat, place, mail.file, mail.shared))

    async def look_for_mail(self) -> None:
        """Count it."""
        if self.breaks:
            raise RuntimeError("the disk is full")
        self.looked_for_mail += 1

    async def met(self, chat: str, place: str, message: str, target: str) -> None:
        """Note a card."""
        self.met_cards.append((chat, place, message, target))

    async def view(self, actor: Colleague, about: str) -> Card:
        """Return a ticket's card."""
        if about not in self.tickets:
            raise NotFound("refusal.no_ticket", {"ref": about})
        return self.card(about)

    async def say(self, actor: Colleague, text: str, *, private: bool = True) -> Shown:
        """Answer a few words."""
        self.heard.append(text if private else f"{text} (others read)")
        word, _, rest = text.partition(" ")
        match word:
            case "home" if self.home_lost:
                raise NotFound("refusal.not_found")
            case "home":
                return self.home(actor)
            case "ny" | "new" if actor.handles_tickets:
                return change_form(Press(Verb.NEW, "new"))
            case "new":
                return Card("Svar", (Text("Bara handläggare."),), "Bara handläggare.")
            case "visa" if rest in {ticket.ref for ticket in self.tickets.values()}:
                return self.card()
            case "visa":
                raise NotFound("refusal.no_ticket", {"ref": rest})
            case "hitta" if not private:
                return Card("Sökning", (Text(TEXTS.say(actor.language, "refusal.find_not_here")),), "Inte här.")
            case "hitta":
                return Card("Sökning", (Text("Inget ärende."),), "Inget ärende.")
            case "stopp":
                raise NotAllowedNow("refusal.not_from_here")
            case _:
                return Card("Hjälp", (Text(f"Hej {actor.name}"),), "Hjälp.")

    async def hear(self, actor: Colleague, text: str, delivery: str, *, private: bool = True) -> Shown | None:
        """Answer a few words, once for each delivery."""
        if delivery and delivery in self.delivered:
            return None
        self.delivered.add(delivery)
        return await self.say(actor, text, private=private)

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        """Return the sentence of a refusal."""
        return TEXTS.say(language, trouble.key, {"who": ANNA.name, **trouble.facts})

    def _allowed(self, actor: Colleague) -> None:
        if not actor.handles_tickets:
            raise NotYours("refusal.not_yours_handler", {"who": ANNA.name})

    def _fresh(self, press: Press) -> None:
        if press.target not in self.tickets:
            raise NotFound("refusal.not_found")
        if self.tickets[press.target].version != press.version:
            raise StaleCard("refusal.stale")


def change_form(press: Press) -> Form:
    """Return a form with every kind of field."""
    rights = (("access", "Tillgång"), ("erasure", "Radering"), ("rectification", "Rättelse"))
    return Form(
        "Ändra begäran och hur den ska läsas",
        press,
        (
            Text("Ändra det som lästes fel."),
            Choice("rights", "Rättigheter, i ordning", rights, ("access",), several=True),
            Choice("scope", "Omfattning", (("everything", "Allt"), ("fields", "Vissa fält")), ("everything",)),
            Choice("language", "Språk", tuple((f"l{n}", f"Språk {n}") for n in range(7)), ("",), required=False),
            Input("received", "Inkom", InputKind.MOMENT, "2026-03-05T09:12"),
            Input("received_why", "Varför", required=False, hint="Bara när tiden ändras."),
            Input("reference", "Skriv numret", InputKind.REFERENCE, required=False, longest=20),
            Input("text", "Begäran", InputKind.PROSE, required=False),
        ),
        "Spara",
        "Avbryt",
    )


def an_easy_pace() -> Pace:
    """Return a pace by a clock that runs a second a look: nobody waits. That the pace is kept is proved elsewhere."""
    seconds = count()
    return Pace(lambda: float(next(seconds)))
