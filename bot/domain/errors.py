"""What can go wrong, sorted by what somebody must do about it.

Each carries a `key` into the texts (`config/locales`) and small `facts` for its
sentence. Never personal data: a refusal may be logged and shown in a chat (D14).
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


class PrivacyDeskError(Exception):
    """Anything the desk refuses or cannot do. `key` names its sentence in the locales."""

    def __init__(self, key: str, facts: Mapping[str, str] = NO_FACTS) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


class NotAllowedNow(PrivacyDeskError):
    """The state does not permit this; nothing was changed. Look at the card again."""


class NotYours(PrivacyDeskError):
    """Somebody else must do this; `facts["who"]` says who (roles, colleagues' names)."""


class StaleCard(PrivacyDeskError):
    """The target has moved on since the card was drawn; show it afresh."""


class Incomplete(PrivacyDeskError):
    """A form lacks something or holds something unusable; `facts["field"]` names the field."""


class NotFound(PrivacyDeskError):
    """There is no such ticket, item or card (any longer)."""


class Shredded(PrivacyDeskError):
    """The content asked for was forgotten as promised (D24); only the record of it remains."""


class SystemTrouble(PrivacyDeskError):
    """A vendor, chat or mail server did not do what was asked."""


class TryLater(SystemTrouble):
    """Nothing happened there; ask again after `after` (None: by our own pauses)."""

    def __init__(self, key: str, after: timedelta | None = None, facts: Mapping[str, str] = NO_FACTS) -> None:
        super().__init__(key, facts)
        self.after = after


class OutcomeUnknown(SystemTrouble):
    """The answer was lost: it may or may not have happened. Look before asking again (D34)."""


class CredentialsRefused(SystemTrouble):
    """Our key is missing, wrong, expired or too small; the system's owner must renew it."""


class NeedsHuman(SystemTrouble):
    """The system said no in a way no retry cures; a colleague must look."""


class CardGone(NeedsHuman):
    """Somebody took the message out of the chat: there is nothing to edit, and a new one may be posted."""
