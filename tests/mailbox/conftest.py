"""The Graph mailbox on its sandbox over real HTTP, held against the vendor's description where that is at hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import aiohttp
import pytest
from pydantic import SecretStr

from integrations.entra import Application, EntraTokens
from integrations.http import open_session
from integrations.mailbox.graph import GraphMailbox, GraphSettings
from integrations.mailbox.graph.login import CLIENT, SECRET, TENANT
from integrations.mailbox.graph.places import SCOPE
from integrations.mailbox.graph.sandbox import GraphSandbox
from integrations.sandbox import serve
from tests.fakes import FixedClock, MemoryBookmark
from tests.integrations.specs import SPECS, Watch

ADDRESS = "info@goto.work"
START = date(2026, 3, 1)
MORNING = datetime(2026, 3, 5, 8, 12, tzinfo=UTC)
#: What Graph describes elsewhere than in the file we hold: making a folder, and where a session wants its stretches.
ELSEWHERE = ("POST /users/info@goto.work/mailFolders is not described", "/upload/", "/oauth2/v2.0/token")


def mail(
    number: int = 1, *, sender: str = "anna@example.org", text: str = "Hej, radera mina uppgifter.", more: str = ""
) -> bytes:
    """Return a mail."""
    return (
        f"From: {sender}\r\nTo: {ADDRESS}\r\nSubject: Begäran {number}\r\nMessage-ID: <m{number}@example.org>\r\n"
        f"{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


@dataclass
class Graph:
    """The sandbox, and mailboxes on it. `restarted` gives the mailbox of a desk that was killed and begins again."""

    url: str
    sandbox: GraphSandbox
    session: aiohttp.ClientSession
    clock: FixedClock
    bookmark: MemoryBookmark = field(default_factory=MemoryBookmark)
    seconds: float = 3.0

    def application(self, secret: str = SECRET) -> Application:
        """Return how the desk is known there."""
        return Application(
            system="Microsoft 365",
            prefix="PRIVACY_MAILBOX__",
            tenant=TENANT,
            client=CLIENT,
            secret=SecretStr(secret),
            certificate=None,
            scope=SCOPE,
            login_url=self.url,
        )

    def restarted(self, *, start: date = START, folder: str = "Privacy Desk", address: str = ADDRESS) -> GraphMailbox:
        """Return a mailbox that knows nothing but the bookmark."""
        settings = GraphSettings(address, start, folder, self.url, self.seconds)
        tokens = EntraTokens(self.application(), self.session)
        return GraphMailbox(settings, self.session, tokens, self.bookmark, self.clock)

    def arrive(self, number: int, at: datetime | None = None, raw: bytes | None = None) -> str:
        """Let mail number *number* arrive, a minute after the one before."""
        moment = at or MORNING + timedelta(minutes=number)
        return self.sandbox.account.arrive(raw if raw is not None else mail(number), moment)

    def in_inbox(self) -> list[str]:
        """Return what lies in the inbox."""
        return [one.id for one in self.sandbox.account.lying_in("inbox")]

    def filed(self, folder: str = "Privacy Desk") -> list[str]:
        """Return the ids of what lies in our folder, oldest first."""
        account = self.sandbox.account
        (key,) = [key for key, name in account.folders.items() if name == folder]
        return [one.id for one in reversed(account.lying_in(key))]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reads be asked again at once."""
    monkeypatch.setattr("integrations.http.api.READ_PAUSES", (0.0, 0.0))


@pytest.fixture
async def graph(clock: FixedClock) -> AsyncIterator[Graph]:
    """The sandbox, served; what its requests and answers differ from the description in fails the test."""
    sandbox = GraphSandbox(ADDRESS)
    differences: list[str] = []
    if SPECS.is_dir():
        watch = Watch("graph")
        differences = watch.differences
        sandbox.middlewares.append(watch.middleware)
    async with open_session() as session, serve(sandbox.application()) as url:
        yield Graph(url, sandbox, session, clock)
    assert not [one for one in differences if not any(known in one for known in ELSEWHERE)]
    assert sandbox.most_at_once <= 4
