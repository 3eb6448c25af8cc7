"""App Home: the colleague's own page in Slack, drawn afresh each time it is opened and after each press on it.

It is what the command `home` answers. Slack keeps one picture per person, so nothing is
lost when drawing it fails: the next opening draws it again.
"""

from dataclasses import dataclass
from typing import Final

from bot.card import Form
from bot.domain.errors import PrivacyDeskError
from bot.domain.people import Colleague
from handlers.slack.colleagues import Colleagues
from handlers.slack.front import SlackDoor
from handlers.slack.notes import Notes
from handlers.slack.render import home_note, home_view

#: What is asked of the desk for the page.
WORD: Final = "home"


@dataclass(frozen=True, slots=True)
class Home:
    """Draws the page; it is sent after the ack (D33)."""

    slack: SlackDoor
    notes: Notes
    colleagues: Colleagues

    async def opened(self, user: str) -> None:
        """Draw the page of whoever opened it; a stranger is told whom to ask."""
        actor = await self.colleagues.find(user)
        if actor is None:
            self.notes.publish(user, home_note(self.colleagues.unknown()))
        else:
            await self.draw(user, actor)

    async def draw(self, user: str, actor: Colleague) -> None:
        """Draw a colleague's page as things are now."""
        try:
            shown = await self.slack.desk.say(actor, WORD)
        except PrivacyDeskError as refusal:
            self.notes.publish(user, home_note(self.slack.desk.explain(actor.language, refusal)))
            return
        if not isinstance(shown, Form):
            self.notes.publish(user, home_view(shown, self.colleagues.words(actor)))
