"""The properties of ours at Google Analytics: ordering a deletion in one, and whether one is exported.

Deletion exists in the Admin API's first stage only (v1alpha), so the version stands here once.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from bot.domain.errors import NeedsHuman
from integrations.google_analytics.deletion import Deletion
from integrations.http import Api, NotHeld, VendorShape, at

VERSION: Final = "v1alpha"


class Ordered(VendorShape):
    """The answer to an order: visits before this moment go."""

    moment: str = Field(alias="deletionRequestTime", min_length=1)


class Links(VendorShape):
    """A property's links to BigQuery."""

    links: tuple[dict[str, object], ...] = Field((), alias="bigqueryLinks")


class Properties:
    """The properties the settings name."""

    def __init__(self, api: Api, numbers: Sequence[str]) -> None:
        self._api = api
        self.numbers = tuple(numbers)

    async def submit(self, number: str, deletion: Deletion) -> str:
        """Order a deletion; return the moment up to which visits go, in Google's words.

        Google takes an order for any id, known or not: a 404 means the property and not the person.
        """
        try:
            place = at(f"/{VERSION}/properties/{{}}:submitUserDeletion", number)
            return (await self._api.post(place, Ordered, dict(deletion.body))).moment
        except NotHeld:
            raise _not_ours() from None

    async def is_exported(self, number: str) -> bool:
        """Whether a property's events are copied to BigQuery."""
        try:
            return bool((await self._api.get(at(f"/{VERSION}/properties/{{}}/bigQueryLinks", number), Links)).links)
        except NotHeld:
            raise _not_ours() from None


def _not_ours() -> NeedsHuman:
    return NeedsHuman("trouble.not_allowed_there", {"system": "google_analytics"})
