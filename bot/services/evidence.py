"""A ticket's file, fit to hand to IMY (D26)."""

from typing import Final

#: What a link to a ticket's file is about: this, and the ticket's id.
EVIDENCE: Final = "evidence:"
