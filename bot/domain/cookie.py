"""Which browser a person means, read out of what they paste when asked for their cookie `_ga`.

The cookie is `GA1.2.1234567890.1600000000`: a version, how deep the domain lies, and the client
id, which is a random number and the moment of the first visit. Other cookies that look alike
(`_gid`, `_gcl_au`, the session's `_ga_…`) name something else, and taking them for it would
erase nobody and tell the person the contrary.
"""

import re
from collections.abc import Iterable
from typing import Final

#: The id our letters show as an example; it comes back in the quotation below an answer and is nobody's.
EXAMPLE: Final = "1111111111.1111111111"
CLIENT: Final = r"(\d{1,10}\.\d{9,10})(?!\.?\d)"
#: The id by itself, and the cookie's value with the version in front.
BARE: Final = re.compile(rf"\s*{CLIENT}\s*")
VALUE: Final = re.compile(rf"(?<![\w.])GA\d+\.[\d-]+\.{CLIENT}", re.IGNORECASE)
#: The cookie with its name before it; a link from another site of ours carries the id last, after a hyphen.
NAMED: Final = re.compile(rf"(?<![\w-])_ga[\s\"']*[=:\t ][\s\"']*(?:[\w.]+-|GA\d+\.[\d-]+\.)?{CLIENT}", re.IGNORECASE)
#: Cookies of other names, with what they hold.
OTHERS: Final = re.compile(r"(?<![\w-])(?!_ga\b)[\w-]*_[\w-]+[\s\"']*[=:\t ][\s\"']*[^\s;,\"']+", re.IGNORECASE)
#: Spaces people leave around the dots inside the number.
LOOSE: Final = re.compile(r"(?<=[\dA])[ \u00a0]*\.[ \u00a0]*(?=[\d])")


def client_ids(pasted: str) -> tuple[str, ...]:
    """Return the client ids in *pasted*, each once, in the order they stand there; () when there is none."""
    text = LOOSE.sub(".", pasted)
    if alone := BARE.fullmatch(text.strip(" \t\r\n\"'.;,")):
        return _true([alone.group(1)])
    found = [(match.start(), match.group(1)) for match in NAMED.finditer(text)]
    rest = OTHERS.sub(lambda match: " " * len(match.group()), text)
    found += [(match.start(), match.group(1)) for match in VALUE.finditer(rest)]
    return _true([one for _, one in sorted(found)])


def _true(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in found if one != EXAMPLE))
