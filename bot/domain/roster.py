"""The people as they are at this moment: what `People` promises, while the file behind it may change.

Whoever was given a roster asks it as any `People`, and is answered by the people of
now. They are exchanged whole, in one step: nobody ever sees half of a change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.people import Colleague, People, Shift, same_address

#: Stands where a colleague's id would, of a handle the people file gives to somebody whose account it is not.
NOT_THEIRS: Final = "!"


@dataclass(frozen=True, slots=True)
class Account:
    """What a chat's directory says of a handle: whether it is of our own people, and its verified work addresses.

    No guest, no bot, no closed account and nobody of another company is our own. Where the chat shows us no
    address, there is none.
    """

    ours: bool
    addresses: tuple[str, ...] = ()

    def belies(self, colleague: Colleague) -> bool:
        """Whether this cannot be the colleague's account, whatever the people file says of the handle."""
        known = colleague.every_address
        return not self.ours or (
            bool(self.addresses) and not any(same_address(one, other) for one in self.addresses for other in known)
        )


class Roster(People):
    """People that can be exchanged while the desk runs."""

    def __init__(self, written: People) -> None:
        object.__setattr__(self, "_both", (written, written))
        object.__setattr__(self, "_owed", False)

    @property
    def now(self) -> People:
        """The people of this moment; the value itself never changes."""
        return self._state()[0]

    @property
    def written(self) -> People:
        """The people as their file has them, without what was set or found out since."""
        return self._state()[1]

    @property
    def colleagues(self) -> tuple[Colleague, ...]:
        """Everybody the desk knows."""
        return self.now.colleagues

    @property
    def rota(self) -> tuple[Shift, ...]:
        """The rota, the shift that counts last."""
        return self.now.rota

    @property
    def owed(self) -> bool:
        """Whether something was set since the last exchange that is not in here yet."""
        return bool(object.__getattribute__(self, "_owed"))

    def owe(self) -> None:
        """Note that something is being set: once it is written, whoever can reads it and exchanges."""
        object.__setattr__(self, "_owed", True)

    def exchange(self, now: People, written: People | None = None) -> None:
        """Let *now* answer from here on; *written* is what stands in the file behind it, if that changed."""
        object.__setattr__(self, "_both", (now, written or self.written))
        object.__setattr__(self, "_owed", False)

    def _state(self) -> tuple[People, People]:
        both: tuple[People, People] = object.__getattribute__(self, "_both")
        return both


def known_as(people: People, handles: Iterable[tuple[str, str, str]]) -> People:
    """Return the people with the (chat, handle, colleague id) that the chats' directories told.

    What the people file says wins: a colleague who has an id there keeps it, and an id that stands there
    for somebody is nobody else's. Only an id that the chat says is not theirs (`NOT_THEIRS`) is nobody's at all.
    """
    handles = tuple(handles)
    refused = {(chat, handle) for chat, handle, colleague in handles if colleague == NOT_THEIRS}
    written = {(chat, handle) for one in people.colleagues for chat, handle in one.handles.items()}
    told: dict[str, dict[str, str]] = {}
    for chat, handle, colleague in handles:
        if (chat, handle) not in written:
            told.setdefault(colleague, {})[chat] = handle
    both = {one.id: _both(one.handles, told.get(one.id, {})) for one in people.colleagues}
    kept = {who: {c: h for c, h in has.items() if (c, h) not in refused} for who, has in both.items()}
    return replace(people, colleagues=tuple(replace(one, handles=kept[one.id]) for one in people.colleagues))


def renamed(before: People, now: People) -> tuple[tuple[str, str], ...]:
    """Return who stands under another id than before, as (old, new): told by an address or a chat id of theirs.

    A yes is remembered by the id it was given by, so that the same person's second yes would count as another's (D10).
    """
    still = {one.id for one in now.colleagues}
    old = {mark: one.id for one in before.colleagues if one.id not in still for mark in _marks(one)}
    been = {one.id for one in before.colleagues}
    come = (one for one in now.colleagues if one.id not in been)
    return tuple(dict.fromkeys((old[mark], one.id) for one in come for mark in _marks(one) if mark in old))


def _marks(colleague: Colleague) -> tuple[tuple[str, str], ...]:
    addresses = tuple(("email", one.casefold()) for one in colleague.every_address)
    return (*addresses, *sorted(colleague.handles.items()))


def _both(written: Mapping[str, str], told: Mapping[str, str]) -> Mapping[str, str]:
    return {**told, **written}
