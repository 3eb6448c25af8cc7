"""What `check` says of the two people asked for what cannot be undone, and of the mode that does with one (D10)."""

from collections.abc import Iterable

from bot.domain.approving import stuck_alone
from bot.domain.people import People
from bot.domain.request import Language
from bot.domain.system import Manifest, Mode, Operation
from bot.i18n import Texts


def two_people_problems(texts: Texts, people: People, manifests: Iterable[Manifest], *, single: bool) -> list[str]:
    """Return that single-person mode is on, or what would stay at 1 of 2 while it is off; one line each.

    Without any officer nothing is said of officers here: `check` says so already.
    """
    if single:
        return [texts.say(Language.EN, "check.two_people")]
    lines = [texts.say(Language.EN, "check.one_officer")] if len(people.officers()) == 1 else []
    names = {one.key: one.name for one in manifests if _asks_two(one)}
    few = texts.together(Language.EN, [names[key] for key in stuck_alone(people, names)])
    return [*lines, texts.say(Language.EN, "check.one_approver", {"system": few})] if few else lines


def _asks_two(manifest: Manifest) -> bool:
    """Whether anything there may take two people: emptying a field does, wherever values can be put right (D2)."""
    lasting = any(how.irreversible for how in manifest.capabilities.values())
    return lasting or manifest.how(Operation.RECTIFY).mode is not Mode.ABSENT
