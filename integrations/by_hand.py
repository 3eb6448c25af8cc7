# ruff: noqa: ARG002 - a refusal keeps its port's signature
"""A system in which colleagues do the work: every operation it does not override is refused.

The desk never calls what a manifest does not say is automatic; if it did, a colleague
would be asked, and nothing would be made up.
"""

from collections.abc import Callable, Sequence

from bot.domain.errors import NeedsHuman
from bot.domain.system import Exported, Identifier, Manifest, Receipt, Record

Searches = Callable[[Sequence[Identifier]], Sequence[str]]


def no_searches(person: Sequence[Identifier]) -> Sequence[str]:
    """Return none: the checklist says how to look."""
    del person
    return ()


class ByHand:
    """Does nothing itself; a base for systems that do a part. *searches* writes what a person pastes to look."""

    def __init__(self, manifest: Manifest, searches: Searches = no_searches) -> None:
        self._manifest = manifest
        self._searches = searches

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return self._manifest

    def searches(self, person: Sequence[Identifier]) -> Sequence[str]:
        """Return what to paste into the system's search box."""
        return self._searches(person)

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Refuse: a person looks."""
        raise self._refusal()

    async def export(self, record: Record) -> Exported:
        """Refuse: a person does it."""
        raise self._refusal()

    async def erase(self, record: Record) -> Receipt:
        """Refuse: a person does it."""
        raise self._refusal()

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Refuse: a person does it."""
        raise self._refusal()

    def _refusal(self) -> NeedsHuman:
        return NeedsHuman("trouble.by_hand", {"system": self._manifest.key})
