"""Keys, encryption at rest, keyed hashes: how national numbers, phones and draw seeds are kept."""

import hmac
import secrets
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_MARK: Final = b"mw1\0"
"""Before the key's id. A ciphertext from before there were ids may begin so by chance: then its tag decides."""
_ENCRYPTION: Final = "encryption"


class Vault:
    """Everything derived from the one master secret (HKDF-SHA-256, RFC 5869; one key for each purpose).

    Parameters
    ----------
    master_secret
        Seals, and opens.
    older
        Secrets that only open what they sealed.
    """

    def __init__(self, master_secret: bytes, older: Sequence[bytes] = ()) -> None:
        self._master = master_secret
        self._older = [Vault(secret) for secret in older]
        self._ciphers: dict[str, AESGCM] = {}
        self._lookup = self.key("lookup")

    def key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of ``purpose``."""
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"mawid/{purpose}".encode()).derive(
            self._master
        )

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that name the secret in all that it seals, and lead back to nothing."""
        return self.key("key id")[:_ID_BYTES]

    def encrypt(self, text: str, about: str) -> bytes:
        """Encrypt with AES-256-GCM; ``about`` (what the text is) is bound, so that columns cannot be swapped."""
        return self.seal(text.encode(), about.encode())

    def decrypt(self, ciphertext: bytes, about: str) -> str:
        """Decrypt; raises cryptography's InvalidTag when anything was changed."""
        return self.unseal(ciphertext, about.encode()).decode()

    def seal(self, content: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Encrypt bytes under the key of a purpose; the secret's id stands in front and is bound, as ``about`` is."""
        head, nonce = _MARK + self.key_id, secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + self._cipher(purpose).encrypt(nonce, content, head + about)

    def unseal(self, sealed: bytes, about: bytes, *, purpose: str = _ENCRYPTION) -> bytes:
        """Decrypt bytes, also those from before there were ids; raises cryptography's InvalidTag.

        What has an id is opened with that secret alone. What has none is tried with each: a tag of 128 bits fits one.
        """
        if named := self._named(sealed):
            try:
                return named.open_named(sealed, about, purpose)
            except InvalidTag:
                pass  # a nonce of before that begins like a mark and an id
        for vault in (self, *self._older):
            try:
                return vault.open_without_id(sealed, about, purpose)
            except InvalidTag:
                continue
        raise InvalidTag

    def is_sealed_anew(self, sealed: bytes) -> bool:
        """Return whether this secret, and not an older one, sealed something."""
        return self._named(sealed) is self

    def open_named(self, sealed: bytes, about: bytes, purpose: str) -> bytes:
        """Decrypt what has this secret's id; raises InvalidTag."""
        head, rest = sealed[: len(_MARK) + _ID_BYTES], sealed[len(_MARK) + _ID_BYTES :]
        return self._decrypt(rest, head + about, purpose)

    def open_without_id(self, sealed: bytes, about: bytes, purpose: str) -> bytes:
        """Decrypt what this secret sealed before there were ids; raises InvalidTag."""
        return self._decrypt(sealed, about, purpose)

    def lookup_hash(self, text: str, about: str) -> bytes:
        """Return the keyed hash (HMAC-SHA-256) by which an encrypted value is found."""
        return hmac.new(self._lookup, f"{about}\0{text}".encode(), sha256).digest()

    def check_value(self) -> bytes:
        """Return what tells this secret from others (HMAC-SHA-256 under a key of its own) and leads back to none."""
        return hmac.new(self.key("key check"), b"mawid", sha256).digest()

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs appointment passes."""
        return Ed25519PrivateKey.from_private_bytes(self.key("pass signature"))

    def _named(self, sealed: bytes) -> "Vault | None":
        if not sealed.startswith(_MARK):
            return None
        name = sealed[len(_MARK) : len(_MARK) + _ID_BYTES]
        return next((vault for vault in (self, *self._older) if vault.key_id == name), None)

    def _decrypt(self, sealed: bytes, bound: bytes, purpose: str) -> bytes:
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            raise InvalidTag
        return self._cipher(purpose).decrypt(nonce, rest, bound)

    def _cipher(self, purpose: str) -> AESGCM:
        if purpose not in self._ciphers:
            self._ciphers[purpose] = AESGCM(self.key(purpose))
        return self._ciphers[purpose]
