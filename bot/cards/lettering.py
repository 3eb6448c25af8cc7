"""What people call a letter: its number and its plain name, so that nobody has to know a table by heart.

Two letters may share a number, as the question for an id and the letter that closes without one do (T15): the
name tells them apart. What has no number among the letters people know is called by its name alone.
A chat reads them, so no name says what the person is to us or what their request is about (D14).
"""

from bot.cards.scene import Scene
from bot.domain.letter import LetterKind
from bot.domain.request import Language


def named(scene: Scene, kind: LetterKind) -> str:
    """Return "T5 (svar på begäran om tillgång)", or the name in quotation marks."""
    name = scene.say(f"letter.{kind}")
    key = "letter_named.numbered" if kind.number else "letter_named.unnumbered"
    return scene.say(key, {"number": kind.number, "name": name})


def short(scene: Scene, kind: LetterKind) -> str:
    """Return "T5", as a button has room for, or the name in quotation marks."""
    return kind.number or named(scene, kind)


def written_in(scene: Scene, kind: LetterKind, language: Language) -> str:
    """Return "Brev T5 på svenska: svar på begäran om tillgång"."""
    facts = {"kind": kind.number, "name": scene.say(f"letter.{kind}"), "language": scene.say(f"language.{language}")}
    return scene.say("card.reply.line" if kind.number else "card.reply.line_unnumbered", facts)
