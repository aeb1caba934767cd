"""Keys, encryption at rest, keyed hashes: how national numbers, phones and draw seeds are kept."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class Vault:
    """Everything derived from the one master secret (HKDF-SHA-256, RFC 5869; one key for each purpose)."""

    def __init__(self, master_secret: bytes) -> None:
        self._master = master_secret
        self._cipher = AESGCM(self.key("encryption"))
        self._lookup = self.key("lookup")

    def key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of ``purpose``."""
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"mawid/{purpose}".encode()).derive(
            self._master
        )

    def encrypt(self, text: str, about: str) -> bytes:
        """Encrypt with AES-256-GCM; ``about`` (what the text is) is bound, so that columns cannot be swapped."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())

    def decrypt(self, ciphertext: bytes, about: str) -> str:
        """Decrypt; raises cryptography's InvalidTag when anything was changed."""
        return self._cipher.decrypt(ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], about.encode()).decode()

    def lookup_hash(self, text: str, about: str) -> bytes:
        """Return the keyed hash (HMAC-SHA-256) by which an encrypted value is found."""
        return hmac.new(self._lookup, f"{about}\0{text}".encode(), sha256).digest()

    def check_value(self) -> bytes:
        """Return what tells this secret from others (HMAC-SHA-256 under a key of its own) and leads back to none."""
        return hmac.new(self.key("key check"), b"mawid", sha256).digest()

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key that signs appointment passes."""
        return Ed25519PrivateKey.from_private_bytes(self.key("pass signature"))
