"""Swedish personal identity numbers in a text: how many, never which.

A number with a wrong check digit counts too, for people mistype their own. What only
looks like one does not: organisation numbers (their third digit is 2 or more),
references and invoice numbers.
"""

import re
from datetime import date
from typing import Final

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr

_SHAPE = re.compile(r"(?<![\d-])(?P<century>19|20)?(?P<day>\d{6})(?P<mark>[-+–−]| ?- ?)?(?P<end>\d{4})(?![\d]|-\d)")
_OTHER = re.compile(
    r"(?:org(?:anisations?)?\.?\s*-?n(?:umme)?r|ocr|faktura\w*|invoice|order\w*|bankgiro|plusgiro|referens\w*|ref\.?"
    r"|kund(?:nummer|nr)|tel\w*|phone|mobil\w*)\W{0,3}(?:n(?:umme|o|r)?\.?\W{0,2})?$",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(r"(?<!\d)(\d{6}-?\d{4})(?!\d)")
COORDINATION: Final = 60  # added to the day in a coordination number


def count_personnummer(text: str, year: int) -> int:
    """Return how many different personal numbers stand in *text*, read in *year*."""
    return len({match["day"] + match["end"] for match in _SHAPE.finditer(text) if _is_personal(match, text, year)})


def has_organisation_number(text: str) -> bool:
    """Whether a valid organisation number, which could be taken for a personal one, stands in *text*."""
    return any(_is_organisation(match[1]) for match in _ORGANISATION.finditer(text))


def _is_organisation(number: str) -> bool:
    try:
        orgnr.validate(number)
    except ValidationError:
        return False
    return int(number[2]) >= 2


def _is_personal(match: re.Match[str], text: str, year: int) -> bool:
    if _OTHER.search(text[max(0, match.start() - 24) : match.start()]):
        return False
    digits = match["day"]
    if not _is_birthday(digits, match["century"], year):
        return False
    return bool(match["mark"]) or bool(match["century"]) or bool(luhn.is_valid(digits + match["end"]))


def _is_birthday(digits: str, century: str | None, year: int) -> bool:
    """Whether *digits* (yymmdd) are the birthday of somebody who could write to us."""
    short, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    full = int(century) * 100 + short if century else (2000 if 2000 + short <= year else 1900) + short
    try:
        date(full, month, day - COORDINATION if day > COORDINATION else day)
    except ValueError:
        return False
    return 1900 <= full <= year
