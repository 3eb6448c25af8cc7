"""What Office 365 must be told. Without a tenant nothing is asked of it, and colleagues do the work by hand."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from integrations.entra import LOGIN_URL
from integrations.http import ServiceUrl
from integrations.office365.places import BASE_URL

ADDRESS: Final = re.compile(r"[^\s@,:]+@([^\s@,:]+\.[^\s@,:]+)")
HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated setting, each once."""
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def _addresses(text: str) -> str:
    if any(not ADDRESS.fullmatch(one) for one in listed(text)):
        raise ValueError("must be mail addresses separated by commas")
    return text.lower()


def _hosts(text: str) -> str:
    if any(not HOST.fullmatch(one) for one in listed(text.lower())):
        raise ValueError("must be host names separated by commas, such as example.sharepoint.com")
    return text.lower()


class Settings(BaseModel):
    """How to reach Office 365: which mailboxes are the company's own functions, and where candidates' papers lie."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    tenant_id: str = Field("", description="the Entra tenant's id; empty while the work is done by hand")
    client_id: str = Field("", description="the id of the app registration (README, Office 365)")
    client_secret: SecretStr = Field(SecretStr(""), description="the app's secret, or set CERTIFICATE_PATH")
    certificate_path: str = Field("", description="a file with the app's key and certificate in PEM, for a secret")
    mailboxes: Annotated[str, AfterValidator(_addresses)] = Field(
        "", description="the function mailboxes to search, separated by commas, such as info@goto.work,jobb@goto.work"
    )
    own_domains: str = Field("", description="our mail domains beside those of the mailboxes, separated by commas")
    desk_folder: str = Field("Privacy Desk", description="the mail folder of the desk's cases, left out of searches")
    drives: str = Field("", description="ids of the document libraries to search, separated by commas")
    sites: str = Field("", description="ids of SharePoint sites to search all libraries of, separated by spaces")
    search_region: str = Field("", description="the tenant's region such as EUR, to search all of SharePoint as well")
    sharepoint_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        "", description="where files are fetched from, such as example.sharepoint.com"
    )
    deleted_items_days: int = Field(30, ge=0, le=30, description="days Exchange keeps what is deleted")
    base_url: ServiceUrl = Field(BASE_URL, description="where Graph answers")
    login_url: ServiceUrl = Field(LOGIN_URL, description="where tokens are made")
    calls_per_10_minutes: int = Field(10_000, ge=0, description="Graph's limit per mailbox, 0 for none")
    seconds: float = Field(30, gt=0, description="how long one call may take, in seconds")

    @field_validator("client_id", "mailboxes")
    @classmethod
    def _needed_with_a_tenant(cls, value: str, given: ValidationInfo) -> str:
        if given.data.get("tenant_id") and not value.strip():
            raise ValueError("is missing")
        return value

    @field_validator("certificate_path")
    @classmethod
    def _one_credential(cls, value: str, given: ValidationInfo) -> str:
        secret = given.data.get("client_secret", SecretStr("")).get_secret_value()
        if given.data.get("tenant_id") and bool(secret) == bool(value.strip()):
            raise ValueError("set either this or CLIENT_SECRET")
        if value and not Path(value).is_file():
            raise ValueError("there is no such file")
        return value

    @field_validator("search_region")
    @classmethod
    def _files_somewhere(cls, value: str, given: ValidationInfo) -> str:
        """Keep an installation from searching mail alone and saying that files were searched too."""
        if given.data.get("tenant_id") and not (value or given.data.get("drives") or given.data.get("sites")):
            raise ValueError("set this, DRIVES or SITES, or candidates' papers are not searched")
        return value

    @field_validator("sharepoint_hosts")
    @classmethod
    def _needed_with_files(cls, value: str, given: ValidationInfo) -> str:
        if any(given.data.get(name) for name in ("drives", "sites", "search_region")) and not value.strip():
            raise ValueError("is missing")
        return value

    @property
    def domains(self) -> frozenset[str]:
        """Return the domains that are ours: who writes from them is a colleague."""
        ours = (one.rpartition("@")[2] for one in listed(self.mailboxes))
        return frozenset({*ours, *(one.lower().lstrip("@") for one in listed(self.own_domains))})
