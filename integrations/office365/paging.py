"""Following Graph's pages to their end, and noticing when they have none."""

from collections.abc import AsyncGenerator, Mapping

from bot.domain.errors import NeedsHuman
from integrations.http import Api, NoLonger, NotHeld, Place, link
from integrations.office365.answers import AnyPage
from integrations.office365.places import KEY


async def pages(
    api: Api, place: Place, shape: type[AnyPage], query: Mapping[str, str]
) -> AsyncGenerator[AnyPage, None]:
    """Yield a list page by page. One that is missing is not ours to read: a list is never "nothing held"."""
    seen: set[str] = set()
    while True:
        try:
            page = await api.get(place, shape, query)
        except NoLonger:
            raise  # the place in a long list is lost: whoever reads begins anew
        except NotHeld:
            raise NeedsHuman("trouble.not_allowed_there", {"system": KEY}) from None
        yield page
        if not page.following:
            return
        if page.following in seen:
            raise NeedsHuman("trouble.endless", {"system": KEY})
        seen.add(page.following)
        place, query = link(page.following), {}
