"""Office 365: mail, calendars, contacts and files.

All by hand so far: colleagues search by checklist, in function mailboxes and in their own
(D18). Candidates are looked for by name too, since a CV carries no address of its sender.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.domain.system import IdentifierKind, Manifest, Operation, absent, manual
from integrations.http import ServiceUrl

KEY: Final = "office365"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Office 365",
    known_by=frozenset({IdentifierKind.EMAIL, IdentifierKind.NAME}),
    capabilities={
        Operation.FIND: manual("reason.find"),
        Operation.EXPORT: manual("reason.export"),
        Operation.ERASE: manual("reason.erase", irreversible=True),
        Operation.RECTIFY: manual("reason.rectify"),
        Operation.RESTRICT: manual("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)


class Settings(BaseModel):
    """Nothing is needed while the work is done by hand.

    The names of the contract are accepted already, so that one environment fits this version and the next.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant_id: str = Field("", description="the Entra tenant")
    client_id: str = Field("", description="the app registration")
    client_secret: SecretStr = Field(SecretStr(""), description="its secret")
    certificate_path: str = Field("", description="or its certificate")
    mailboxes: str = Field("", description="function mailboxes, separated by commas")
    base_url: ServiceUrl = Field("https://graph.microsoft.com/v1.0", description="where Graph answers")
    login_url: ServiceUrl = Field("https://login.microsoftonline.com", description="where tokens are made")


def manifest(settings: Settings) -> Manifest:
    """Return what Office 365 can do, the same whatever the settings."""
    del settings
    return MANIFEST
