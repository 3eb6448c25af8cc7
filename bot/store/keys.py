"""The ring of wrapping keys, and what is sealed with them (D24).

A key is 32 random bytes as text. It is known by a digest of itself, so a ring may be
reordered and nothing has to be numbered by hand. The first key of the ring wraps; all
may unwrap. The keys of the ring seal nothing but the data keys and the proof.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import PrivacyDeskError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class WrongKey(PrivacyDeskError):
    """What was to be opened was sealed with another key; `facts["setting"]` names the setting to correct."""

    def __init__(self, setting: str = "PRIVACY_KEYS") -> None:
        super().__init__("trouble.wrong_key", {"setting": setting})


def new_key() -> str:
    """Return a new key as text, for PRIVACY_KEYS, PRIVACY_INDEX_KEY or PRIVACY_SIGNING_KEY."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip("=")


def key_bytes(text: str, setting: str) -> bytes:
    """Return the 32 bytes of a key. Raises `PrivacyDeskError` ("trouble.key_malformed") naming the *setting*."""
    try:
        plain = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        plain = b""
    if len(plain) != KEY_BYTES:
        raise PrivacyDeskError("trouble.key_malformed", {"setting": setting})
    return plain


class KeyRing:
    """The wrapping keys, first one first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise PrivacyDeskError("trouble.key_malformed", {"setting": "PRIVACY_KEYS"})
        self._ciphers = {_name(key): AESGCM(key) for key in keys}
        self.first = _name(keys[0])

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read a ring from PRIVACY_KEYS: keys with commas between them, the first one wraps."""
        return cls([key_bytes(part, "PRIVACY_KEYS") for part in text.split(",") if part.strip()])

    def wrap(self, plain: bytes, about: bytes) -> bytes:
        """Seal *plain* with the first key, bound to *about*. Which key it was stands in `first`."""
        return seal(self._ciphers[self.first], plain, about)

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """Open what was wrapped. Raises `WrongKey` when the ring lacks the key, or when it was tampered with."""
        try:
            return unseal(self._ciphers[key_name], wrapped, about)
        except (KeyError, InvalidTag):
            raise WrongKey from None


def bound_to(*parts: str | int) -> bytes:
    """Return what a seal is bound to, unmistakably: no two lists of parts give the same bytes."""
    return json.dumps(parts).encode()


def seal(cipher: AESGCM, plain: bytes, about: bytes, nonce: bytes = b"") -> bytes:
    """Return nonce and ciphertext (AES-256-GCM); *about* must be given again to open it."""
    nonce = nonce or os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, about)


def unseal(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    """Open what `seal` returned. Raises cryptography's `InvalidTag`."""
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)


def _name(key: bytes) -> str:
    return hashlib.sha256(b"privacy-desk key name" + key).hexdigest()[:16]
