"""How to reach HubSpot, and what of it the account has."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from integrations.http import ServiceUrl
from integrations.hubspot.places import FIELD, Area

#: Where HubSpot's links to files lead, as far as known; an account's own host is added by its setting.
FILE_HOSTS: Final = frozenset(
    {
        "api-eu1.hubapi.com",
        "api-na1.hubapi.com",
        "f.hubspotusercontent-eu1.net",
        "f.hubspotusercontent-na1.net",
        "f.hubspotusercontent00.net",
    }
)


def _words(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


Words = Annotated[frozenset[str], BeforeValidator(_words)]


class Settings(BaseModel):
    """How to reach HubSpot. The limits are those of the smallest plan; 0 switches a limit off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(description="a service key from HubSpot: Settings, Integrations, Service keys")
    base_url: ServiceUrl = Field("https://api.hubapi.com", description="where HubSpot's API answers")
    account_zone: ZoneInfo = Field(
        ZoneInfo("Europe/Stockholm"), description="the HubSpot account's time zone, such as Europe/Stockholm"
    )
    restricted_property: str = Field(
        "", description="the internal name of a yes/no contact property that says restricted, such as gdpr_restricted"
    )
    without: Words = Field(frozenset(), description=f"parts of HubSpot the account does not have, of {', '.join(Area)}")
    file_hosts: Words = Field(frozenset(), description="further hosts HubSpot's links to files lead to")
    calls_per_10_seconds: int = Field(100, ge=0, description="the plan's burst limit, 0 for none")
    searches_per_second: int = Field(5, ge=0, description="the account's search limit, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")

    @field_validator("restricted_property")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if name and not FIELD.fullmatch(name):
            raise ValueError("must be the property's internal name, in small letters")
        return name

    @field_validator("without")
    @classmethod
    def _are_areas(cls, names: frozenset[str]) -> frozenset[str]:
        if strange := sorted(names - set(Area)):
            raise ValueError(f"{strange[0]} is no such part")
        return names
