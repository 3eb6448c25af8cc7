"""Where colleagues sign in, made from settings; and what `check` says of it before the first of them finds out."""

from typing import TYPE_CHECKING, Final

import aiohttp

from bot.domain.errors import PrivacyDeskError
from bot.domain.request import Language
from bot.i18n import Texts
from bot.ports import Clock
from config.settings import Settings
from handlers.sign_in import BACK
from integrations.entra import Application, EntraTokens

if TYPE_CHECKING:
    from integrations.entra_sign_in import EntraSignIn

#: Microsoft Graph by its id, the same in every cloud: asking for it tries our secret or certificate, and uses nothing.
DIRECTORY_SCOPE: Final = "00000003-0000-0000-c000-000000000000/.default"


def sign_in_application(settings: Settings) -> Application:
    """Return how the desk's pages are known to Entra ID; `check` tries its secret by the scope."""
    ours = settings.sign_in
    return Application(
        system="Entra ID",
        prefix="PRIVACY_SIGN_IN__",
        tenant=ours.tenant_id.lower(),
        client=ours.client_id.lower(),
        secret=ours.client_secret,
        certificate=ours.certificate_path,
        scope=DIRECTORY_SCOPE,
        login_url=ours.login_url.rstrip("/"),
    )


def redirect_of(settings: Settings) -> str:
    """Return where the login page sends the browser back to, as it must stand in the registration."""
    return settings.public_url.rstrip("/") + BACK


def entrance_of(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> "EntraSignIn":
    """Return where colleagues sign in."""
    from integrations.entra_sign_in import EntraSignIn  # noqa: PLC0415 - loads msal: only where people sign in so

    return EntraSignIn(sign_in_application(settings), redirect_of(settings), session, clock)


async def sign_in_problems(texts: Texts, settings: Settings, *, offline: bool) -> list[str]:
    """Return what keeps colleagues from signing in, or that they need not."""
    if not settings.sign_in.on:
        return [texts.say(Language.EN, "check.sign_in_off")]
    lines = []
    redirect = redirect_of(settings)
    if not redirect.startswith("https://") and not redirect.startswith("http://localhost"):
        lines.append(texts.say(Language.EN, "check.sign_in_insecure", {"redirect": redirect}))
    if offline:
        return lines
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        try:
            await EntraTokens(sign_in_application(settings), session).token()
        except PrivacyDeskError as trouble:
            why = texts.say(Language.EN, trouble.key, trouble.facts)
            lines.append(texts.say(Language.EN, "check.sign_in_refused", {"why": why}))
    return lines
