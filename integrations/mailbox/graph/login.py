"""The sandbox's login server: tokens for the desk's own credentials, and Entra ID's refusals."""

import secrets
from collections.abc import Iterable
from typing import Final

from aiohttp import web

TENANT: Final = "11111111-2222-4333-8444-555555555555"
CLIENT: Final = "66666666-7777-4888-8999-aaaaaaaaaaaa"
SECRET: Final = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
SAID: Final = {
    7000215: ("invalid_client", "Invalid client secret provided."),
    7000222: ("invalid_client", "The provided client secret keys are expired."),
    700016: ("unauthorized_client", "Application was not found in the directory."),
    7000112: ("unauthorized_client", "Application is disabled."),
    65001: ("invalid_grant", "The application has no consent."),
    90002: ("invalid_request", "Tenant not found."),
    700027: ("invalid_client", "The certificate with that thumbprint is unknown."),
    999999: ("invalid_request", "Something nobody has met yet."),
}


class LoginServer:
    """Gives out tokens. `refusal` is the AADSTS number it refuses with, whatever is asked."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.issued = 0
        self.refusal: int | None = None

    def routes(self) -> Iterable[web.RouteDef]:
        """Return what it answers to."""
        return [web.post("/{tenant}/oauth2/v2.0/token", self._token)]

    def expire(self) -> None:
        """Let every token given out be worth nothing."""
        self.tokens.clear()

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        refusal = self._refusal(request.match_info["tenant"], form)
        if refusal is not None:
            error, said = SAID[refusal]
            answer = {"error": error, "error_description": f"AADSTS{refusal}: {said}", "error_codes": [refusal]}
            return web.json_response(answer, status=401 if error == "invalid_client" else 400)
        self.issued += 1
        token = f"token-{self.issued}-{secrets.token_hex(4)}"
        self.tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _refusal(self, tenant: str, form: dict[str, str]) -> int | None:
        if self.refusal is not None:
            return self.refusal
        if tenant != TENANT:
            return 90002
        if form.get("client_id") != CLIENT:
            return 700016
        signed = bool(form.get("client_assertion"))
        return None if signed or form.get("client_secret") == SECRET else 7000215
