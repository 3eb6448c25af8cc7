"""Google Analytics: how our site is used, by cookie and not by person.

It knows nobody by name or address, so we search only by an id the person gives us from
their own browser (Art. 11(2)); without one the letter says so and asks.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.system import IdentifierKind, Manifest, Operation, absent, manual
from integrations.http import ServiceUrl

KEY: Final = "google_analytics"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Google Analytics",
    known_by=frozenset({IdentifierKind.GA_CLIENT_ID}),
    capabilities={
        Operation.FIND: manual("reason.find"),
        Operation.EXPORT: manual("reason.export"),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: absent("reason.rectify"),
        Operation.RESTRICT: absent("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)


class Settings(BaseModel):
    """Nothing is needed while the work is done by hand.

    The names of the contract are accepted already, so that one environment fits this version and the next.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    credentials_path: str = Field("", description="a service account's key file")
    property_ids: str = Field("", description="the GA4 properties, separated by commas")
    base_url: ServiceUrl = Field("https://analyticsadmin.googleapis.com", description="where the Admin API answers")
    login_url: ServiceUrl = Field("https://oauth2.googleapis.com", description="where tokens are made")


def manifest(settings: Settings) -> Manifest:
    """Return what Google Analytics can do, the same whatever the settings."""
    del settings
    return MANIFEST
