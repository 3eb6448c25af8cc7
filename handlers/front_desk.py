"""The desk as every chat's handlers see it: what may be asked of it, and nothing behind it."""

from typing import Protocol

from bot.card import Card, Form, Press, Shown, Values
from bot.desk import ChatMessage, Taken
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague
from bot.domain.request import Language
from bot.ports import LyingMail


class FrontDesk(Protocol):
    """The desk. Every method but `explain` raises `PrivacyDeskError`."""

    async def recognise(self, chat: str, handle: str, *, acts: bool = True) -> Colleague:
        """Return whose a chat's handle is. Raises `NotFound` for who is no colleague of ours.

        Of one who does not act (*acts* False: their client asked for a view by itself) it is not written down.
        """

    async def form(self, actor: Colleague, press: Press) -> Form:
        """Return the form a button opens; writes nothing."""

    async def press(self, actor: Colleague, press: Press) -> Card:
        """Do what a button says; return the card as it is now."""

    async def act(self, actor: Colleague, press: Press) -> None:
        """Do what a button says; where its card stands, a job edits it."""

    async def submit(self, actor: Colleague, press: Press, values: Values) -> Card:
        """Do what a form says; return the card as it is now. Raises `Incomplete` naming the field."""

    async def take(self, actor: Colleague, message: ChatMessage) -> Taken:
        """Make a request of a message in the chat; return what the presser sees."""

    async def mail_came(self, chat: str, place: str, mail: LyingMail) -> None:
        """Note that a mail lies in a channel, to be fetched; harmless twice."""

    async def met(self, chat: str, place: str, message: str, target: str) -> None:
        """Note that a card stands in a chat's channel, which may be one whose posting was never answered."""

    async def look_for_mail(self) -> None:
        """Have the channels looked through for mail that nobody told us of; harmless twice."""

    async def view(self, actor: Colleague, about: str) -> Card:
        """Return a card as it is now and as they see it; writes nothing."""

    async def say(self, actor: Colleague, text: str, *, private: bool = True) -> Shown:
        """Answer typed words, to the asker only. *private* False: somebody else may be looking (D16)."""

    async def hear(self, actor: Colleague, text: str, delivery: str, *, private: bool = True) -> Shown | None:
        """Answer typed words as `say` does, once for each *delivery* whoever got it before: None when that was done."""

    def explain(self, language: Language, trouble: PrivacyDeskError) -> str:
        """Return one clear sentence without personal data."""
