"""Cards that one colleague alone sees, from which a form was opened: no job edits those, so the sent form does.

Slack says with a sent form nothing of where it was opened, and lets such a card be replaced only
at the address a press of it brought, for half an hour (docs.slack.dev, response_url). With that
address one may write in the app's name: it stays here, and goes into no form's `private_metadata`.
Another process, or one begun anew, knows nothing of it; the next press of that card is stale, and
shows it as it is.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.card import Press
from handlers.slack.values import Place

#: Seconds for which Slack takes an answer.
FOR: Final = 1800.0
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class _Copy:
    user: str
    target: str
    message: str
    response_url: str = field(repr=False)
    until: float


class Copies:
    """Keeps the latest `MOST`."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: deque[_Copy] = deque(maxlen=MOST)

    def keep(self, user: str, press: Press, place: Place) -> None:
        """Remember the card at *place*, from which *user* opened the form of *press*."""
        if place.alone and place.response_url:
            copy = _Copy(user, press.target, place.message, place.response_url, self._now() + FOR)
            self._drop([one for one in self._kept if (one.user, one.message) == (user, place.message)])
            self._kept.append(copy)

    def taken(self, user: str, press: Press) -> tuple[Place, ...]:
        """Return where the cards lie that *user* opened forms of this target from; they are then forgotten."""
        found = [one for one in self._kept if (one.user, one.target) == (user, press.target)]
        self._drop(found)
        return tuple(Place(one.response_url, own=True) for one in found if one.until > self._now())

    def _drop(self, copies: list[_Copy]) -> None:
        for copy in copies:
            self._kept.remove(copy)
