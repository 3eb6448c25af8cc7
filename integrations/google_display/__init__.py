"""Google Display: advertising by Google's own cookies, and by customer lists where we sync any.

Taking an address off a list tells Google the address. Where no list is synced there is
nothing to take off, and telling would be a disclosure for nothing: so everything is absent
unless `list_sync` is switched on (D19).
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.system import SPOKEN_OF, Capability, IdentifierKind, Manifest, Operation, absent, manual
from integrations.http import ServiceUrl

KEY: Final = "google_display"

_NOWHERE: Final[dict[Operation, Capability]] = {operation: absent(f"reason.{operation}") for operation in SPOKEN_OF}
_BY_LIST: Final[dict[Operation, Capability]] = {
    Operation.ERASE: manual("reason.list_erase", irreversible=True),
    Operation.SUPPRESS: manual("reason.list_suppress"),
}


class Settings(BaseModel):
    """Whether any customer list is synced to Google; the other names of the contract are accepted already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list_sync: bool = Field(default=False, description="true when addresses are synced to a Google audience list")
    credentials_path: str = Field("", description="a service account's key file")
    account_id: str = Field("", description="the advertising account")
    list_ids: str = Field("", description="the audience lists, separated by commas")
    base_url: ServiceUrl = Field("https://datamanager.googleapis.com", description="where the Data Manager API answers")
    login_url: ServiceUrl = Field("https://oauth2.googleapis.com", description="where tokens are made")


def manifest(settings: Settings) -> Manifest:
    """Return what Google Display can do: nothing for one person, or by list where one is synced."""
    return Manifest(
        key=KEY,
        name="Google Display",
        known_by=frozenset({IdentifierKind.EMAIL}),
        capabilities=_NOWHERE | (_BY_LIST if settings.list_sync else {}),
    )
