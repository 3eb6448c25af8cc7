"""Keyed digests: how a ticket is found from an address without keeping the address.

The key cannot be changed without the plain values, which we do not keep (D24): an
index made with another key finds nothing, silently, so `open_store` proves the key.
"""

import hashlib
import hmac

from bot.domain.people import comparable


def keyed_digest(key: bytes, kind: str, value: str) -> str:
    """Return HMAC-SHA256 (hex) of *value* under *key*, apart for each *kind*.

    Values that a person would call the same are the same: NFKC, trimmed, case-folded.
    """
    return hmac.new(key, f"{kind}\0{comparable(value)}".encode(), hashlib.sha256).hexdigest()
