"""Before a page of the person's own: what their link is worth, and the one exchange that opens it (D7c)."""

from bot.domain.ledger import PERSON, LedgerEvent
from bot.ports import LinkPurpose
from bot.services import links
from bot.services.house import House
from bot.services.person_views import Knock, KnockState


async def knock(house: House, purpose: LinkPurpose, token: str) -> Knock:
    """Say what a link is worth, in the language of its case; changes nothing, because scanners follow links."""
    async with house.work() as unit:
        link = await links.known(unit, purpose, token)
        if link is None:
            return Knock(house.language, KnockState.UNKNOWN)
        language = (await unit.tickets.load(link.about)).language
    return Knock(language, links.state_of(link, house.now()))


async def enter(house: House, purpose: LinkPurpose, token: str) -> str:
    """Exchange the token for a session value; opening is written down. Raises `NotAllowedNow`."""
    async with house.work() as unit:
        link, session = await links.exchange(unit, purpose, token, house.now())
        await unit.ledger.write(link.about, LedgerEvent.LINK_OPENED, PERSON)
    return session
