"""The vault's shelves: each of an owner's has a key of its own, so that it can be forgotten by itself."""

from enum import StrEnum


class Shelf(StrEnum):
    """Which key of an owner a content is sealed with (D24)."""

    CASE = "case"  # mail, letters, identifiers: 24 months
    FINDINGS = "findings"  # records found, exports, packages: 30 days
    ITEM = "item"  # an incoming item's own key
    DESK = "desk"  # the desk's own: where a reader left off, who may tell us of mail
