"""Who a colleague is, said by the directory they sign in with (D15)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: where the browser goes, and what finishing it needs.

    `state` is random and means nothing to anybody else; `flow` is ours alone (it holds the PKCE verifier).
    """

    url: str
    state: str
    flow: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of our own directory, a guest never. `oid` stays the same for ever; `address` is their sign-in name."""

    oid: str = field(repr=False)
    address: str = field(repr=False)


class Entrance(Protocol):
    """Where colleagues sign in."""

    async def begin(self, *, choose: bool = False) -> Begun:
        """Return where to send the browser; asks nobody. *choose*: the account is asked for, not taken.

        Raises `CredentialsRefused` when we cannot sign.
        """

    async def finish(self, flow: str, answer: Mapping[str, str]) -> Account:
        """Return who signed in, from what the browser brought back.

        Raises `NotYours` (not an account of ours), `NotAllowedNow` (begin again), `CredentialsRefused` or `TryLater`.
        """
