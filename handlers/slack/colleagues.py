"""Who acts in Slack: a colleague by their Slack id, or somebody to be refused kindly in every language."""

from dataclasses import dataclass

from bot.domain.errors import NotFound
from bot.domain.people import Colleague
from bot.domain.request import Language
from handlers.slack.elements import Words
from handlers.slack.events import MENTION
from handlers.slack.front import SlackDoor
from handlers.slack.messages import CHAT


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Everybody the desk knows."""

    slack: SlackDoor

    async def find(self, user: str) -> Colleague | None:
        """Return the colleague; None for somebody the desk does not know."""
        try:
            return await self.slack.desk.recognise(CHAT, user)
        except NotFound:
            return None

    async def by_name(self, text: str) -> str:
        """Return words with a colleague's mention as their name; nobody else's is any (ours, a stranger's)."""
        for mention in tuple(MENTION.finditer(text)):
            try:
                name = (await self.slack.desk.recognise(CHAT, mention[1], acts=False)).name
            except NotFound:
                name = ""
            text = text.replace(mention[0], name)
        return text.strip()

    def unknown(self) -> str:
        """Return the refusal in every language: which one they read is not known."""
        refusal = NotFound("refusal.unknown_colleague")
        return "\n".join(self.slack.desk.explain(language, refusal) for language in Language)

    def words(self, actor: Colleague | None) -> Words:
        """Return Slack's few words in somebody's language; the channel's for a stranger."""
        return Words.of(self.slack.texts, actor.language if actor is not None else self.slack.language)
