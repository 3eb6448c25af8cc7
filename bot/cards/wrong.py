"""The form for an answer that went to the wrong person: a breach, so everything it asks is what Art. 33 asks (R64).

What was in the letter is asked by category and kept in the vault: no card ever says it (D14).
"""

from typing import Final

from bot.card import Choice, Form, Input, InputKind, Text, Verb
from bot.cards import fields
from bot.cards.asking import LONGEST_TEXT, form, options
from bot.cards.buttons import aimed
from bot.cards.lettering import named
from bot.cards.scene import Scene
from bot.domain.deadline import SWEDEN
from bot.domain.letter import Letter, LetterState
from bot.domain.ticket import Ticket

GONE_OUT: Final = (LetterState.SENT, LetterState.DOUBTFUL, LetterState.SENDING)


def wrong_form(scene: Scene, ticket: Ticket) -> Form:
    """Return the form: which letter, how it was discovered, what was in it, since when we know."""
    sent = tuple((one.id, _named(scene, one)) for one in ticket.letters if one.state in GONE_OUT)
    elsewhere = (fields.NOT_A_LETTER, scene.say("form.wrong_person.not_a_letter"))
    elements = (
        Text(scene.say("form.wrong_person.hint")),
        Choice(fields.LETTER, scene.say("form.wrong_person.letter"), (*reversed(sent), elsewhere)),
        Choice(
            fields.METHOD,
            scene.say("form.wrong_person.how"),
            options(scene, "wrong_found", fields.WRONG_FOUND),
        ),
        Choice(
            fields.CATEGORIES,
            scene.say("form.wrong_person.categories"),
            options(scene, "wrong_category", fields.WRONG_CATEGORIES),
            several=True,
            hint=scene.say("form.wrong_person.categories_hint"),
        ),
        Input(
            fields.AWARE_AT,
            scene.say("form.aware_since.when"),
            InputKind.MOMENT,
            scene.now.astimezone(SWEDEN).strftime("%Y-%m-%dT%H:%M"),
            hint=scene.say("form.wrong_person.when_hint"),
        ),
        Input(
            fields.WHY,
            scene.say("form.wrong_person.why"),
            InputKind.PROSE,
            hint=scene.say("form.wrong_person.why_hint"),
            longest=LONGEST_TEXT,
        ),
    )
    return form(scene, "wrong_person", aimed(Verb.WRONG_PERSON, ticket), elements)


def _named(scene: Scene, letter: Letter) -> str:
    facts = {"letter": named(scene, letter.kind)}
    if letter.sent_at is None:
        return scene.say("form.wrong_person.perhaps_sent", facts)
    return scene.say("form.wrong_person.sent", facts | {"day": scene.on(letter.sent_at)})
