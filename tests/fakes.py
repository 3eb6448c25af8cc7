"""Small working versions of what the desk needs from the outside. No mocks: a fake keeps its port's promises."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.card import Card
from bot.domain.deadline import local_date
from bot.domain.errors import CardGone, OutcomeUnknown, SystemTrouble
from bot.ports import Arrival, OutgoingMail
from tests.memory import MemoryQueue, MemoryUnit, MemoryWork

__all__ = [
    "FixedClock",
    "MemoryBookmark",
    "MemoryMailbox",
    "MemoryMessenger",
    "MemoryQueue",
    "MemoryUnit",
    "MemoryWork",
    "RunningClock",
]


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move on (or back)."""
        self.at += by


class RunningClock(FixedClock):
    """A clock that runs from a moment on, for what has to wait for it."""

    def __init__(self, at: datetime = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)) -> None:
        super().__init__(at)
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._started)


class Troubled:
    """Raises the troubles it was given, one per call, before anything happens."""

    def __init__(self) -> None:
        self._troubles: list[SystemTrouble] = []

    def will_raise(self, *troubles: SystemTrouble) -> None:
        """Let the next calls raise these, in order."""
        self._troubles.extend(troubles)

    def _trouble(self) -> None:
        if self._troubles:
            raise self._troubles.pop(0)


class MemoryMailbox(Troubled):
    """A mailbox in memory. `unread`, `filed`, `kept` and `sent` may be looked at by a test."""

    def __init__(self) -> None:
        super().__init__()
        self.unread: dict[str, Arrival] = {}
        self.filed: list[str] = []
        self.kept: dict[str, Arrival] = {}
        self.sent: list[OutgoingMail] = []
        self._answers_to_lose = 0

    def arrive(self, raw: bytes, received: datetime | None = None, key: str = "") -> str:
        """Put a mail into the unread; return its key."""
        key = key or f"mail-{len(self.unread) + len(self.filed) + 1}"
        self.unread[key] = self.kept[key] = Arrival(key, received, raw)
        return key

    def will_lose_answer(self) -> None:
        """Let the next mail leave without our hearing of it."""
        self._answers_to_lose += 1

    async def waiting(self) -> bool:
        self._trouble()
        return bool(self.unread)

    async def arrivals(self) -> Sequence[Arrival]:
        self._trouble()
        return sorted(self.unread.values(), key=_age)[:50]

    async def file_away(self, key: str) -> None:
        self._trouble()
        if self.unread.pop(key, None):
            self.filed.append(key)

    async def older(self, since: date) -> AsyncIterator[Arrival]:
        self._trouble()
        for one in sorted(self.kept.values(), key=_age):
            if one.received is None or local_date(one.received) >= since:
                yield one

    async def send(self, mail: OutgoingMail) -> None:
        self._trouble()
        self.sent.append(mail)
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            raise OutcomeUnknown("trouble.answer_lost")

    async def was_sent(self, message_id: str) -> bool:
        return any(mail.message_id == message_id for mail in self.sent)


class MemoryBookmark:
    """A bookmark in memory."""

    def __init__(self) -> None:
        self.place = ""
        self.writes = 0

    async def read(self) -> str:
        return self.place

    async def write(self, place: str) -> None:
        self.place = place
        self.writes += 1


def _age(arrival: Arrival) -> tuple[datetime, str]:
    return arrival.received or datetime.min.replace(tzinfo=UTC), arrival.key


@dataclass(slots=True)
class Shown:
    """A message in the chat in memory: its card now, those before, and the lines of its thread."""

    address: str
    card: Card
    before: list[Card] = field(default_factory=list)
    thread: list[str] = field(default_factory=list)


class MemoryMessenger(Troubled):
    """A chat in memory. `messages` by message id; the *removed* cannot be edited; a *blind* chat finds none."""

    def __init__(self, chat: str = "console") -> None:
        super().__init__()
        self._chat = chat
        self.messages: dict[str, Shown] = {}
        self.keys: dict[str, str] = {}
        self.removed: set[str] = set()
        self.blind = False
        self._answers_to_lose = 0

    @property
    def chat(self) -> str:
        return self._chat

    def will_lose_answer(self) -> None:
        """Let the next card be taken without our hearing of it."""
        self._answers_to_lose += 1

    async def post(self, address: str, card: Card, key: str = "") -> str:
        self._trouble()
        message_id = f"m{len(self.messages) + 1}"
        self.messages[message_id] = Shown(address, card)
        self.keys[message_id] = key
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            raise OutcomeUnknown("trouble.lost")
        return message_id

    async def posted(self, address: str, key: str, since: datetime) -> str:
        self._trouble()
        found = (name for name, given in self.keys.items() if given == key and self.messages[name].address == address)
        return "" if self.blind else next(found, "")

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        self._trouble()
        if message_id in self.removed:
            raise CardGone("trouble.chat_card_gone")
        shown = self.messages[message_id]
        shown.before.append(shown.card)
        shown.card = card

    async def tell(self, address: str, message_id: str, line: str) -> None:
        self._trouble()
        self.messages[message_id].thread.append(line)

    def at(self, address: str) -> list[Card]:
        """Return the cards that stand at an address now."""
        return [shown.card for shown in self.messages.values() if shown.address == address]
