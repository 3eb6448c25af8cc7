"""How Google writes an address before it compares it; a number it writes as everybody does (`bot.domain.finding`).

Its products differ: Analytics drops the dots before @ of its own mail service, the audience
tools also what follows a plus sign. Whoever wants somebody off every list names them in every
way they may have been named; of other domains' addresses only their own spelling, for a dot
less may be another person there.
"""

import re
from hashlib import sha256
from typing import Final

GOOGLES: Final = frozenset({"gmail.com", "googlemail.com"})


def spelled(address: str) -> str:
    """Return the address in small letters and without spaces, as every product does."""
    return re.sub(r"\s+", "", address).lower()


def without_dots(address: str) -> str:
    """Return the address as Analytics compares it."""
    name, at, domain = spelled(address).rpartition("@")
    return f"{name.replace('.', '')}{at}{domain}" if domain in GOOGLES else f"{name}{at}{domain}"


def spellings(address: str) -> tuple[str, ...]:
    """Return every way the address may have been written before it was hashed, each once, its own first."""
    own = spelled(address)
    name, at, domain = own.rpartition("@")
    if domain not in GOOGLES:
        return (own,)
    plain = name.partition("+")[0]
    names = (name, name.replace(".", ""), plain, plain.replace(".", ""))
    return tuple(dict.fromkeys(f"{one}{at}{domain}" for one in names if one))


def hashed(text: str) -> str:
    """Return SHA-256 in hexadecimal, as the audience tools take it."""
    return sha256(text.encode()).hexdigest()
