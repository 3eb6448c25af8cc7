"""The mailbox's settings: a folder, or Microsoft 365 through Graph."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from config.shapes import GUID, NAME_OF_TENANT, SERVICE, WANTS_SERVICE


class MailboxSettings(BaseModel):
    """`PRIVACY_MAILBOX__…`; what begins with the tenant is for `graph` alone."""

    model_config = ConfigDict(validate_default=True)

    kind: Literal["folder", "graph"] = Field("folder", description="folder, or graph for Microsoft 365")
    folder: Path = Path("var/mail")
    address: str = "info@goto.work"
    authserv_id: str = Field("", description="the name our own mail server signs Authentication-Results with")
    forwarders: tuple[str, ...] = ()
    poll_seconds: float = 5.0
    tenant_id: str = Field("", pattern=f"^({NAME_OF_TENANT})?$", description="the directory's id or domain in Entra ID")
    client_id: str = Field("", pattern=f"^({GUID})?$", description="the application's id in Entra ID")
    certificate_path: Path | None = Field(None, description="a PEM file with key and certificate")
    client_secret: SecretStr = Field(
        SecretStr(""), description="the value of a client secret in Entra ID, or else __CERTIFICATE_PATH"
    )
    user: str = Field("", description="the mailbox's id or sign-in name, where that is not __ADDRESS")
    folder_name: str = Field("Privacy Desk", min_length=1, description="the folder for mail that was taken in")
    base_url: str = Field("https://graph.microsoft.com/v1.0", pattern=SERVICE, description=WANTS_SERVICE)
    login_url: str = Field("https://login.microsoftonline.com", pattern=SERVICE, description=WANTS_SERVICE)

    @field_validator("tenant_id", "client_id", "certificate_path", "client_secret")
    @classmethod
    def needed(cls, value: object, about: ValidationInfo) -> object:
        """Refuse a Graph mailbox without what it signs in with: each lacking setting is a line of its own."""
        if about.data.get("kind") != "graph":
            return value
        match about.field_name, value:
            case "tenant_id" | "client_id", "":
                raise ValueError("is missing")
            case "certificate_path", Path() if not value.is_file():
                raise ValueError("names no file")
            case "client_secret", SecretStr() if not value.get_secret_value() and not about.data.get(
                "certificate_path"
            ):
                raise ValueError("is missing")
            case _:
                return value
