"""What every card needs to know beside the state it shows: texts, language, people, today.

A card is a pure function of a `Scene` and some state, so the same state always looks
the same, and the tests are pictures. The present moment comes in here once and from
nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from bot.cards.wait import Wait
from bot.domain.approving import ALONE_AFTER, seconds
from bot.domain.deadline import Calendar, local_date
from bot.domain.errors import NO_FACTS, NotFound
from bot.domain.ledger import DESK, PERSON
from bot.domain.people import Colleague, People
from bot.domain.recipients import number_of
from bot.domain.request import Language
from bot.domain.ticket import Ticket
from bot.i18n import Texts, plural_form
from bot.ports import ALL_SYSTEMS, Pause

DOT: Final = " · "
#: More names than this become "and others": a card is read at a glance.
NAMES_SHOWN: Final = 3
#: Days within which a day without its year can only be one: about half a year, either way.
NEAR: Final = timedelta(days=180)
#: Who acts in the ledger without being a colleague.
NOT_COLLEAGUES: Final[Mapping[str, str]] = {DESK: "word.the_desk", PERSON: "word.the_person"}

Colleagues = tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class SystemWords:
    """A system's name and its own words by language and key, as in its `strings.toml`.

    Keys: `kind.<kind>.one` and `.other` (they know `{n}`), `reason.<reason>`, `checklist.<operation>.<n>` from 1,
    `link.<place>` (a URL without personal data), `letter.<operation>`, `prepared.<name>.title` and `.text`.
    """

    name: str
    words: Mapping[Language, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings of a card: whose language, which colleagues, what moment (aware)."""

    texts: Texts
    language: Language
    people: People
    calendar: Calendar
    now: datetime
    systems: Mapping[str, SystemWords]
    recipients: Mapping[str, str] = field(default_factory=dict)  # the policy's, by key, with their names
    stopped: Mapping[str, Pause] = field(default_factory=dict)  # what is stopped, by system (`ALL_SYSTEMS`: every one)
    single: bool = False  # one person may say both of two yeses, a day apart (D10)
    #: What `waiting` worked out, by the identity of the ticket: kept beside it, so that no other can take its place.
    waited: dict[int, tuple[Ticket, tuple[Wait, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def today(self) -> date:
        """Today in Sweden."""
        return local_date(self.now)

    def seconds(self, able: Iterable[Colleague], earlier: Collection[str], first: datetime | None = None) -> Colleagues:
        """Return who is waited for to say the second of two yeses, of those *able* to (see `bot.domain.approving`)."""
        return seconds(able, earlier, first, self.now, single=self.single)

    def opens(self, first: datetime) -> str:
        """Return when who said yes first may say it again, in single-person mode; "" once it is open or without."""
        moment = first + ALONE_AFTER
        return self.soon(moment) if self.single and self.now < moment else ""

    def soon(self, at: datetime) -> str:
        """Return a moment of these days as people say it: the time today, "i morgon 10:05", else day and time."""
        if local_date(at) == self.today + timedelta(days=1):
            return f"{self.say('word.tomorrow')} {self.texts.time_of_day(at)}"
        return self.when(at)

    def say(self, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return a sentence."""
        return self.texts.say(self.language, key, facts)

    def count(self, n: int, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return a sentence that counts."""
        return self.texts.count(self.language, n, key, facts)

    def day(self, day: date) -> str:
        """Return a day: "tors 5 mars"; with its year where it is so far off that another would be understood."""
        said = self.texts.day(self.language, day)
        return f"{said} {day.year}" if abs(day - self.today) > NEAR else said

    def on(self, at: datetime) -> str:
        """Return the day in Sweden on which a moment fell."""
        return self.day(local_date(at))

    def when(self, at: datetime) -> str:
        """Return a moment as briefly as is clear: the time today, else day and time."""
        if local_date(at) == self.today:
            return self.texts.time_of_day(at)
        if abs(local_date(at) - self.today) > NEAR:
            return self.texts.long_moment(self.language, at)
        return self.texts.moment(self.language, at)

    def name(self, colleague_id: str) -> str:
        """Return a colleague's first name, the whole one where two share it; a role for who is not known."""
        try:
            colleague = self.people.by_id(colleague_id)
        except NotFound:
            return self.say(NOT_COLLEAGUES.get(colleague_id, "word.someone"))
        first = colleague.name.split()[0]
        alike = [other for other in self.people.colleagues if other.name.split()[0] == first]
        return first if len(alike) == 1 else colleague.name

    def names(self, colleagues: Iterable[Colleague | str], *, either: bool = False) -> str:
        """Return "Karin, Sara och Bo", or "Karin eller Sara" when any one of them will do."""
        ids = [one if isinstance(one, str) else one.id for one in colleagues]
        shown = [self.name(one) for one in dict.fromkeys(ids)]
        if len(shown) > NAMES_SHOWN:
            shown = [*shown[:NAMES_SHOWN], self.say("word.others")]
        if len(shown) <= 1:
            return "".join(shown)
        joint = self.say("word.or" if either else "word.and")
        return f"{', '.join(shown[:-1])} {joint} {shown[-1]}"

    def system(self, key: str) -> str:
        """Return the name of a system or of a recipient; of one that a colleague named only its number (D14)."""
        if number := number_of(key):
            return self.say("word.recipient", {"n": number})
        return self.systems[key].name if key in self.systems else self.recipients.get(key, key)

    def pause(self, system: str) -> Pause | None:
        """Return that a system is stopped, by itself or with all others; None while it works."""
        return self.stopped.get(ALL_SYSTEMS) or self.stopped.get(system)

    def word(self, system: str, key: str, facts: Mapping[str, object] = NO_FACTS) -> str:
        """Return one of a system's own words with its facts in place, or "" when it has none of that name."""
        known = self.systems.get(system)
        return known.words.get(self.language, {}).get(key, "").format_map(facts) if known else ""

    def counted(self, system: str, counts: Mapping[str, int], *, joint: str = DOT) -> str:
        """Return "1 kontakt · 14 aktiviteter"; what the system has no word for is "poster"."""
        return joint.join(self._counted(system, kind, n) for kind, n in counts.items() if n)

    def counted_by(self, system: str, key: str, n: int) -> str:
        """Return one of a system's own words that count, or "" when it has none of that name."""
        form = plural_form(self.language, n)
        return self.word(system, f"{key}.{form}", {"n": self.texts.number(self.language, n)})

    def _counted(self, system: str, kind: str, n: int) -> str:
        return self.counted_by(system, f"kind.{kind}", n) or self.count(n, "count.records")


def capital(sentence: str) -> str:
    """Return *sentence* with a capital first letter and the rest as it is."""
    return f"{sentence[:1].upper()}{sentence[1:]}"


def dotted(*pieces: str) -> str:
    """Return the pieces that say something, joined by a middle dot."""
    return DOT.join(piece for piece in pieces if piece)
