"""Settings of the colleagues' sign-in with Entra ID on the desk's pages (D15); links of ten minutes without it."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from config.shapes import GUID, SERVICE, WANTS_SERVICE


class SignInSettings(BaseModel):
    """`PRIVACY_SIGN_IN__…`; off while there is no client id."""

    tenant_id: str = Field("", pattern=f"^({GUID})?$", description="the id of our directory in Entra ID")
    client_id: str = Field("", pattern=f"^({GUID})?$", description="the web application's id in Entra ID")
    client_secret: SecretStr = Field(
        SecretStr(""), description="the value of a client secret in Entra ID, or else __CERTIFICATE_PATH"
    )
    certificate_path: Path | None = Field(None, description="a PEM file with key and certificate")
    login_url: str = Field("https://login.microsoftonline.com", pattern=SERVICE, description=WANTS_SERVICE)

    @model_validator(mode="after")
    def whole(self) -> Self:  # noqa: N804 - an instance: the decorator runs after the fields are read
        """Refuse half a sign-in: nobody could enter, and the links would be gone too."""
        if not self.client_id and (self.tenant_id or self.client_secret.get_secret_value() or self.certificate_path):
            raise ValueError("needs __CLIENT_ID beside what is set: without it nobody signs in, and a link is enough")
        if self.client_id and not self.tenant_id:
            raise ValueError("needs __TENANT_ID beside __CLIENT_ID")
        if self.client_id and not (self.client_secret.get_secret_value() or self.certificate_path):
            raise ValueError("needs __CLIENT_SECRET or __CERTIFICATE_PATH beside __CLIENT_ID")
        return self

    @property
    def on(self) -> bool:
        """Whether colleagues sign in."""
        return bool(self.client_id)
