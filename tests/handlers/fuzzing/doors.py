"""The two doors without a network: what is behind them is a small desk, and whatever they send goes nowhere."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import fields
from functools import partial
from itertools import count
from types import TracebackType
from typing import Any, Final, NoReturn, Self

from aiohttp import BaseConnector, ClientConnectionError, ClientSession
from jwt import PyJWK, PyJWTError
from jwt.algorithms import RSAAlgorithm

from bot import commands
from bot.commands.grammar import WORDS
from bot.domain.request import Language
from handlers.parts import Unreadable, word_in
from handlers.slack import SlackDoor
from handlers.slack.door import parsed as slack_body
from handlers.slack.reception import Reception
from handlers.teams.activities import Activities
from handlers.teams.door import parsed as teams_body
from handlers.teams.front import Refused
from handlers.teams.notes import Notes
from handlers.teams.sdk import Gate, Passport
from handlers.teams.values import tenants_in
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.slack.small_desk import CHANNEL, PEOPLE, PRIVATE, TEXTS, SmallDesk
from tests.handlers.teams.door.conftest import a_door
from tests.standins.botframework import APP_ID, TENANT, key
from tests.standins.slack import TOKEN

YEAR: Final = 2026
#: Seconds of our own processor time; an ordinary request takes a few thousandths of one.
SLOW: Final = 1.0
#: Turns of the loop that what is told afterwards gets: enough to draw it.
TURNS: Final = 5
Json = dict[str, Any]
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
#: What Teams is answered: heard, let be, a refusal in the presser's own words, nothing that we listen to.
TEAMS_TAKES: Final = frozenset({200, 202, 403, 409, 501})


class Broken(AssertionError):
    """A request that stops the desk; says what became of it and nothing of what stood in it."""


class _Nowhere(BaseConnector):
    """A network that is not there."""

    async def _create_connection(self, *_asked: object) -> NoReturn:
        raise ClientConnectionError


class _OneKey:
    """Microsoft's keys, of which one is known."""

    async def get_signing_key(self, _uri: str, header: dict[str, Any]) -> PyJWK:
        if header["kid"] != "botframework":
            raise PyJWTError
        return PyJWK({**RSAAlgorithm.to_jwk(key("botframework").public_key(), as_dict=True), "kid": "botframework"})


class Doors:
    """Every way in, asked with bytes; each raises `Broken` where the desk would break or dawdle."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._desk = SmallDesk()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        """Open the doors; what they write into the log is for nobody."""
        logging.disable(logging.CRITICAL)
        self._runner.run(self._open())
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Close them."""
        self._runner.run(self._session.close())
        self._runner.close()
        logging.disable(logging.NOTSET)

    async def _open(self) -> None:
        self._session = ClientSession(connector=_Nowhere())
        self._slack = Reception(
            SlackDoor(
                TOKEN,
                "",
                "https://slack.invalid/api/",
                CHANNEL,
                Language.SV,
                self._session,
                self._desk,
                PEOPLE,
                TEXTS,
                PRIVATE,
            )
        )
        clock = FixedClock()
        self._door = a_door("", self._session, self._desk, MemoryWork(clock), clock)
        self._teams = Activities(self._door, Notes(self._door.messenger))
        self._open_gate, self._gate = Gate(Passport("", "")), Gate(Passport(APP_ID, TENANT))
        self._gate._validator._jwk_client_manager = _OneKey()  # type: ignore[assignment]

    @property
    def judges(self) -> dict[str, Callable[[bytes], None]]:
        """The ways in by name."""
        doors = {"slack": self.slack, "teams": self.teams, "token": self.token, "typed": self.typed}
        return {name: partial(self._at_a_new_desk, judge) for name, judge in doors.items()}

    def _at_a_new_desk(self, judge: Callable[[bytes], None], raw: bytes) -> None:
        fresh = SmallDesk()
        self._desk.tickets, self._desk.heard, self._desk.taken = fresh.tickets, fresh.heard, fresh.taken
        self._desk.looks, self._desk.mails = fresh.looks, fresh.mails
        judge(raw)

    @property
    def confirmed(self) -> bool:
        """Whether the last request confirmed the desk's one ticket."""
        return bool(self._desk.tickets["t1"].confirmed_by)

    def break_down(self, *, broken: bool = True) -> None:
        """Let the desk fail at every press, or work again."""
        self._desk.breaks = broken

    def slack(self, raw: bytes) -> None:
        """A request that Slack signed: answered, or said to be unreadable."""

        async def answered(content_type: str) -> None:
            body = slack_body(raw, content_type)
            answer = await self._slack.answered(self._never_heard(body, "trigger_id", "event_id"))
            if answer.status != 200:
                raise Broken(f"slack: {answer.status}")

        for content_type in (FORM, JSON):
            self._within(answered(content_type))

    def teams(self, raw: bytes) -> None:
        """An activity that was let in: answered, or said to be unreadable."""

        async def answered() -> None:
            body = self._never_heard(teams_body(raw), "id")
            word_in(body, "serviceUrl", "")
            tenants_in(body)
            reply = await self._open_gate.run({}, body, self._teams.hear)
            if reply.status not in TEAMS_TAKES:
                raise Broken(f"teams: {reply.status}")

        self._within(answered())

    def token(self, raw: bytes) -> None:
        """What stands where Teams' token belongs is refused: nobody here can sign one."""

        async def admitted() -> None:
            await self._gate.admit(raw.decode("utf-8", "surrogateescape"))
            raise Broken("token: let in")

        self._within(admitted())

    def typed(self, raw: bytes) -> None:
        """Words typed are understood or not, and never come back."""
        started, text = time.process_time(), raw.decode(errors="replace")
        command = commands.parse(text, YEAR)
        said = fields(command) if isinstance(command, commands.Unknown | commands.Lacks) else ()
        if not {getattr(command, field.name) for field in said} <= {"", *WORDS}:
            raise Broken("typed: a word that is not ours came back")
        if time.process_time() - started > SLOW:
            raise Broken("typed: dawdles")

    def _never_heard(self, body: Json, *names: str) -> Json:
        """Return a request as a new one: a repeated one is thanked for and not looked at."""
        fresh = {name: f"{next(self._numbers)}.new" for name in names if isinstance(body.get(name), str)}
        return {**body, **fresh}

    def _within(self, asked: Awaitable[None]) -> None:
        """Wait for an answer."""
        started = time.process_time()
        self._runner.run(_alone(asked))
        if time.process_time() - started > SLOW:
            raise Broken("dawdles")


async def _alone(asked: Awaitable[None]) -> None:
    """Wait for an answer; what is told afterwards must be drawn without trouble, and then goes nowhere."""
    try:
        await asked
    except Unreadable:
        return
    except Refused as refused:
        if refused.status >= 500:
            raise Broken(f"refused {refused.status}") from None
    finally:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        for ended in await asyncio.gather(*left, return_exceptions=True):
            if isinstance(ended, Exception):
                raise Broken(f"told afterwards: {type(ended).__name__}")
