"""What the console needs of the front desk, as protocols: `bot.desk.Desk` keeps them, and so does a small fake."""

from collections.abc import Sequence
from typing import Protocol

from bot.card import Card, Form, Press, Shown, Values
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague, People
from bot.domain.request import Language
from bot.ports import Post


class InFeed(Protocol):
    """A post as the console draws it."""

    @property
    def post(self) -> Post:
        """Where it stands."""

    @property
    def card(self) -> Card:
        """The card as it is now."""

    @property
    def history(self) -> tuple[str, ...]:
        """Its thread, oldest first."""


class FrontDesk(Protocol):
    """What the console needs of the desk (`bot.desk.Desk`)."""

    @property
    def people(self) -> People:
        """Everybody the desk knows."""

    async def view(self, actor: Colleague, about: str) -> Card:
        """Return a card."""

    async def form(self, actor: Colleague, press: Press) -> Form:
        """Return the form a press opens; write nothing."""

    async def press(self, actor: Colleague, press: Press) -> Card:
        """Do what a button says."""

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        """Do what a form says. Raises `Incomplete`."""

    async def say(self, actor: Colleague, text: str, *, private: bool = True) -> Shown:
        """Answer what was typed."""

    async def feed(self, actor: Colleague, chat: str, address: str) -> Sequence[InFeed]:
        """Return the newest posts at an address, newest first."""

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        """Return one clear sentence."""
