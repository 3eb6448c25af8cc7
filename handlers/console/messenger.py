"""The console's outgoing side: nothing goes out, because each page is drawn from the state as it is.

A post still gets an id of its own, so that the desk keeps it in its list of posts, from
which the console draws the channel and each colleague's messages.
"""

from datetime import datetime
from uuid import uuid4

from bot.card import Card

CHAT = "console"


class ConsoleMessenger:
    """The Messenger port of the browser console."""

    @property
    def chat(self) -> str:
        """The chat's name."""
        return CHAT

    async def post(self, address: str, card: Card, key: str = "") -> str:  # noqa: ARG002 - the port's signature
        """Return a fresh id; the card is drawn when somebody looks."""
        return uuid4().hex

    async def posted(self, address: str, key: str, since: datetime) -> str:  # noqa: ARG002 - the port's signature
        """Return that nothing stands anywhere: a post here is our own row and nothing else."""
        return ""

    async def edit(self, address: str, message_id: str, card: Card) -> None:
        """Do nothing: the next look shows the card as it is."""

    async def tell(self, address: str, message_id: str, line: str) -> None:
        """Do nothing: the thread is read from the ledger."""
