"""The letters and the sealed package: pure composition from a `Matter`.

The words live in `config/letters` and the locales; what must be in them is checked by
`missing`, after writing and again after a colleague's edit.
"""

from bot.letters.compose import compose
from bot.letters.matter import (
    Corrected,
    Drafted,
    ExtensionMatter,
    LetterIncomplete,
    Matter,
    RecipientsMatter,
    RestrictionMatter,
    RoadMatter,
    Stationery,
    SystemResult,
    Told,
    TransferMatter,
)
from bot.letters.required import missing, required
from bot.letters.results import results_of

__all__ = [
    "Corrected",
    "Drafted",
    "ExtensionMatter",
    "LetterIncomplete",
    "Matter",
    "RecipientsMatter",
    "RestrictionMatter",
    "RoadMatter",
    "Stationery",
    "SystemResult",
    "Told",
    "TransferMatter",
    "compose",
    "missing",
    "required",
    "results_of",
]
