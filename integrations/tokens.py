"""Where access tokens come from: so far, keys that a colleague makes at the vendor and puts in a setting.

A fixed key cannot be made afresh, so asking for a fresh one after a refusal *is* the
answer: the owner must renew it.
"""

from pydantic import SecretStr

from bot.domain.errors import CredentialsRefused


class FixedToken:
    """A key that stays what it is until its owner renews it (HubSpot service key, Eventbrite private token)."""

    def __init__(self, system: str, secret: SecretStr) -> None:
        self._system = system
        self._secret = secret

    async def token(self, *, fresh: bool = False) -> str:
        """Return the key. Raises `CredentialsRefused` when a fresh one is asked for."""
        if fresh:
            raise CredentialsRefused("trouble.credentials", {"system": self._system})
        return self._secret.get_secret_value()
