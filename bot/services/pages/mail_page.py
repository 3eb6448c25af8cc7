"""What came in, on a colleague's page: each mail as text, the sentences that decided, and what was doubted."""

from bot.domain.request import BY_MAIL, Language, Proposal
from bot.domain.ticket import Ticket
from bot.ports import Shelf, Unit
from bot.services import casefile
from bot.services.house import House
from bot.services.intake import threads
from bot.services.views import Prose, Rows, Section


async def mails(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return the mails of a ticket as text, latest first, with what decided and what was doubted."""
    proposal = await casefile.proposal_of(unit, ticket.id, Shelf.CASE)
    marks = _deciding(proposal)
    sections: list[Section] = []
    sections += await _asked(unit, house, ticket, language)
    for later in await casefile.later_mails(unit, ticket.id):
        sections += _one_mail(house, language, later, _later_title(house, language, later), _deciding(later))
    came = "mail" if ticket.channel in BY_MAIL else "words"  # what a colleague typed after a call was no mail
    sections += _one_mail(house, language, proposal, house.texts.say(language, f"review.{came}"), marks)
    if proposal.doubts:
        why = tuple((house.texts.say(language, f"reading_doubt.{doubt}"),) for doubt in proposal.doubts)
        sections.append(Rows(house.texts.say(language, "review.doubts"), (), why))
    flags = [f"flag.{flag}" for flag in sorted(ticket.flags) if house.texts.has(f"flag.{flag}")]
    if flags:
        words = tuple((house.texts.say(language, flag),) for flag in flags)
        sections.append(Rows(house.texts.say(language, "review.flags"), (), words))
    return sections


async def beside(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return what colleagues told beside the person's words: why so late, where the chat message is, why again."""
    told = {"review.received_why": casefile.NOTE, "review.chat_message": casefile.LINK}
    found = {key: await casefile.beside(unit, ticket.id, name) for key, name in told.items()}
    sections: list[Section] = [
        Rows(house.texts.say(language, key), (), ((words,),)) for key, words in found.items() if words
    ]
    if again := await casefile.reopenings(unit, ticket.id):
        rows = tuple((house.texts.moment(language, at), words) for at, words in again)
        sections.append(Rows(house.texts.say(language, "review.reopened_why"), (), rows))
    return sections


def _deciding(mail: Proposal) -> tuple[str, ...]:
    """Return the sentences that decided what a mail asks."""
    return mail.evidence or tuple(sentence for part in mail.parts for sentence in part.evidence)


def _later_title(house: House, language: Language, mail: Proposal) -> str:
    when = house.texts.moment(language, mail.received) if mail.received else ""
    return house.texts.say(language, "review.later_mail", {"moment": when})


async def _asked(unit: Unit, house: House, ticket: Ticket, language: Language) -> list[Section]:
    """Return which right came by which mail, with its own receipt, once a later mail asked for something (R9)."""
    came = {part.id: await threads.reads_of(unit, ticket, part) for part in ticket.parts}
    if not any(came.values()):
        return []
    head = tuple(house.texts.say(language, f"review.asked_{name}") for name in ("right", "received", "mail", "stage"))
    rows = []
    for part in ticket.parts:
        mail = came[part.id]
        by = _later_title(house, language, mail) if mail else house.texts.say(language, "review.first_mail")
        right, stage = (house.texts.say(language, key) for key in (f"right.{part.type}", f"stage.{part.stage}"))
        rows.append((right, house.texts.moment(language, part.received), by, stage))
    return [Rows(house.texts.say(language, "review.asked"), head, tuple(rows))]


def _one_mail(
    house: House, language: Language, mail: Proposal, title: str, marks: tuple[str, ...] = ()
) -> list[Section]:
    sections: list[Section] = [Prose(title, _headed(mail.title, mail.text), marks)]
    if mail.errors:
        wrong = tuple((house.texts.say(language, f"mail_error.{error}"),) for error in mail.errors)
        sections.append(Rows(house.texts.say(language, "review.mail_errors"), (), wrong))
    if mail.hidden:
        sections.append(Prose(house.texts.say(language, "review.hidden"), mail.hidden, hidden=True))
    if mail.attachments:
        names = tuple((name,) for name in mail.attachments)
        sections.append(Rows(house.texts.say(language, "review.attachments"), (), names))
    return sections


def _headed(title: str, text: str) -> str:
    return f"{title}\n\n{text}" if title else text
