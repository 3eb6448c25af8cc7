"""What all forms are made of: a title and words by name, lines to type in, options by key."""

from collections.abc import Iterable
from typing import Final

from bot.card import Form, FormElement, Input, InputKind, Press
from bot.cards import fields
from bot.cards.scene import Scene

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 20_000


def form(scene: Scene, name: str, press: Press, elements: Iterable[FormElement]) -> Form:
    """Return a form titled and worded by `form.<name>`."""
    submit, cancel = scene.say(f"form.{name}.submit"), scene.say("form.cancel")
    return Form(scene.say(f"form.{name}.title"), press, tuple(elements), submit, cancel)


def line(scene: Scene, name: str, field: str, *, value: str = "", hint: str = "") -> Input:
    """Return an optional line labelled `form.<name>.<field>`."""
    label = scene.say(f"form.{name}.{field}")
    return Input(field, label, value=value, required=False, hint=hint, longest=LONGEST_LINE)


def reference(scene: Scene, ref: str, hint: str, *, required: bool = True) -> Input:
    """Return the field for the reference typed before what cannot be undone; *hint* is a key that names {ref}."""
    return Input(
        fields.REFERENCE,
        scene.say("form.decide.reference"),
        InputKind.REFERENCE,
        required=required,
        hint=scene.say(hint, {"ref": ref}),
        longest=LONGEST_LINE,
    )


def options(scene: Scene, prefix: str, values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return each value with its words `<prefix>.<value>`."""
    return tuple((value, scene.say(f"{prefix}.{value}")) for value in values)
