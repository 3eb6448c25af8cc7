"""What stands on the console's one page, made ready for its template.

Answers only one colleague sees stand below the card they answer, or at the top of that
colleague's own column when the card is not in sight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from bot.card import Card, Form, Values
from bot.domain.people import Colleague
from bot.domain.request import Language
from handlers.console.front import InFeed
from handlers.console.notes import IN_NOTE, Note
from handlers.console.outside import Outside, SentLetter
from handlers.console.render import Renderer, filled
from handlers.page import Pages

HOME: Final = "home"
OUTSIDE: Final = "outside"


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that is open. `on` is the place it was opened from; `typed` what was refused and why."""

    form: Form
    on: str
    typed: Values = field(default_factory=dict)
    refusal: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card drawn: where it stands, its title and inside, its thread, and answers to one colleague below it."""

    place: str
    title: str
    spoken: str
    inside: Markup
    history: tuple[str, ...] = ()
    posted: str = ""
    answer: "Drawn | None" = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything the page shows to the colleague being played."""

    actor: Colleague
    systems: Mapping[str, str]
    colleagues: tuple[Colleague, ...]
    channel: Sequence[InFeed]
    direct: Sequence[InFeed]
    home: Card
    notes: tuple[Note, ...]
    letters: Sequence[SentLetter]
    asked: Asked | None

    def values(self, pages: Pages, outside: Outside, csrf: str) -> Mapping[str, object]:
        """Return what `console.html` needs."""
        renderer = Renderer(pages, self.actor.language, csrf)
        channel = [self._posted(renderer, shown) for shown in self.channel]
        direct = [self._posted(renderer, shown) for shown in self.direct]
        in_sight = {drawn.place for drawn in (*channel, *direct)} | {OUTSIDE}
        return {
            "csrf": csrf,
            "actor": self.actor,
            "colleagues": [(one, self._duties(pages, one)) for one in self.colleagues],
            "duties": self._duties(pages, self.actor),
            "channel": channel,
            "direct": direct,
            "home": Drawn(HOME, self.home.title, self.home.spoken, renderer.card(self.home, HOME)),
            "answers": [_noted(renderer, note) for note in self.notes if note.place not in in_sight],
            "told": next((note.sentence for note in self.notes if note.place == OUTSIDE), ""),
            "asked": self.asked,
            "fields": self._fields(renderer),
            "samples": [(sample.key, sample.titles[self.actor.language]) for sample in outside.samples],
            "letters": self.letters,
            "now": pages.texts.long_moment(self.actor.language, outside.clock.now()),
            "can_skip": outside.skip_days is not None,
            "languages": tuple(Language),
        }

    def _fields(self, renderer: Renderer) -> Markup:
        if self.asked is None:
            return Markup()
        form = filled(self.asked.form, self.asked.typed) if self.asked.typed else self.asked.form
        return renderer.form(form, self.asked.wrong)

    def _posted(self, renderer: Renderer, shown: InFeed) -> Drawn:
        place = shown.post.about
        at = shown.post.created_at
        note = next((note for note in self.notes if note.place == place), None)
        return Drawn(
            place,
            shown.card.title,
            shown.card.spoken,
            renderer.card(shown.card, place),
            shown.history,
            renderer.pages.texts.moment(self.actor.language, at) if at is not None else "",
            _noted(renderer, note) if note is not None else None,
        )

    def _duties(self, pages: Pages, colleague: Colleague) -> str:
        """Return what a colleague is, in words: "handläggare, systemägare HubSpot"."""
        texts, language = pages.texts, self.actor.language
        words = [texts.say(language, f"duty.{duty}") for duty in sorted(colleague.duties)]
        for key, systems in (("owner", colleague.owns), ("deputy", colleague.deputises)):
            if systems:
                names = texts.together(language, (self.systems.get(one, one) for one in sorted(systems)))
                words.append(texts.say(language, f"console.{key}_of", {"systems": names}))
        return ", ".join(words)


def _noted(renderer: Renderer, note: Note) -> Drawn:
    if note.card is None:
        return Drawn(note.place, "", note.sentence, Markup(), sentence=note.sentence)
    inside = renderer.card(note.card, IN_NOTE + note.place)
    return Drawn(note.place, note.card.title, note.card.spoken, inside, sentence=note.sentence)
