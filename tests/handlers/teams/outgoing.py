"""What the tests of Teams' outgoing side stand on: two colleagues, a messenger, tokens that may be refused."""

from dataclasses import dataclass, field
from typing import Final

from aiohttp import ClientSession

from bot.domain.people import Colleague, Duty, People
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Work
from config.texts import load_catalogue
from handlers.pace import Pace, Rests
from handlers.teams.connector import Connector
from handlers.teams.messenger import TeamsMessenger
from handlers.teams.references import References
from tests.fakes import FixedClock
from tests.standins.teams import APP_ID, TENANT, TeamsStandIn

ANNA: Final = "8f1d0c52-6a0e-4f57-9b3e-1f2a3b4c5d01"
KARIN: Final = "8f1d0c52-6a0e-4f57-9b3e-1f2a3b4c5d02"
TEXTS: Final = Texts(load_catalogue())
PEOPLE: Final = People(
    (
        Colleague("anna", "Anna", "anna@goto.work", frozenset({Duty.HANDLER}), handles={"teams": ANNA}),
        Colleague(
            "karin",
            "Karin",
            "karin@goto.work",
            frozenset({Duty.VIEWER}),
            language=Language.EN,
            handles={"teams": KARIN},
        ),
    )
)


@dataclass(slots=True)
class Keys:
    """The `Tokens` of a test: an old token first, the next when a fresh one is asked for."""

    tokens: list[str]
    asked: list[bool] = field(default_factory=list)

    async def token(self, *, fresh: bool = False) -> str:
        self.asked.append(fresh)
        if fresh and len(self.tokens) > 1:
            self.tokens.pop(0)
        return self.tokens[0]


def spoken(teams: TeamsStandIn, person: str, kind: str = "personal", room: str = "") -> dict[str, object]:
    """Return the least of an activity that says where it was spoken."""
    conversation = {"id": room or teams.install_for(person), "conversationType": kind, "tenantId": TENANT}
    return {
        "type": "message",
        "serviceUrl": teams.service_url,
        "from": {"id": f"29:{person}", "aadObjectId": person, "name": "Somebody"},
        "conversation": conversation,
        "channelData": {"tenant": {"id": TENANT}},
    }


def references(work: Work, clock: FixedClock, tenant: str = TENANT) -> References:
    """Return the places of the test's tenant; its Teams is on this machine."""
    return References(work, clock, tenant, loopback=True)


def messenger_of(
    places: References,
    session: ClientSession,
    keys: Keys | None = None,
    pace: Pace | None = None,
    channel: str = "",
    *,
    rests: Rests | None = None,
) -> TeamsMessenger:
    """Return the outgoing side; to this machine, where the stand-in is."""
    connector = Connector(session, APP_ID, keys, loopback=True, rests=rests)
    return TeamsMessenger(connector, places, TEXTS, PEOPLE, Language.SV, pace or unhurried(), channel)


def unhurried() -> Pace:
    """Return a pace at which nobody waits."""
    ticking = iter(range(0, 10_000_000, 10))
    return Pace(lambda: float(next(ticking)))
