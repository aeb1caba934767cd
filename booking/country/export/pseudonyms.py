"""Names for what must not be named: a case code that an administrator can take back, tokens that nobody can."""

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from booking.platform.base.errors import FieldError
from booking.platform.base.vault import Vault

_BLOCK: Final = 16
_CODE_LENGTH: Final = 26
_TOKEN_LENGTH: Final = 16


class Pseudonyms:
    """Pseudonyms under keys of their own.

    A case code is the request's id as one block of AES-256: a permutation of random ids, so it says nothing and two
    are never alike. A token is a keyed hash (HMAC-SHA-256), so nobody who has one can go back.
    """

    def __init__(self, vault: Vault) -> None:
        # ECB of single random blocks is the bare permutation, which is what is wanted here.
        self._cipher = Cipher(algorithms.AES256(vault.key("case codes")), modes.ECB())  # noqa: S305
        self._tokens = vault.key("export tokens")

    def codes(self, requests: Iterable[UUID]) -> list[str]:
        """Return the case codes of requests: 26 letters and digits."""
        encryptor = self._cipher.encryptor()
        blocks = encryptor.update(b"".join(request.bytes for request in requests)) + encryptor.finalize()
        return [
            base64.b32encode(blocks[start : start + _BLOCK]).decode()[:_CODE_LENGTH]
            for start in range(0, len(blocks), _BLOCK)
        ]

    def request_of(self, code: str) -> UUID:
        """Return the request of a case code; FieldError ``case`` where it cannot be one."""
        typed = code.strip().upper().replace(" ", "").replace("-", "")
        try:
            block = base64.b32decode(typed + "=" * (-len(typed) % 8))
        except ValueError:
            raise FieldError("case", "unreadable") from None
        if len(typed) != _CODE_LENGTH or len(block) != _BLOCK:
            raise FieldError("case", "unreadable")
        decryptor = self._cipher.decryptor()
        return UUID(bytes=decryptor.update(block) + decryptor.finalize())

    def token(self, kind: str, value: UUID | bytes) -> str:
        """Return the token of an account, person, device, network or phone: the same in every table of that kind."""
        content = value.bytes if isinstance(value, UUID) else bytes(value)
        return hmac.new(self._tokens, kind.encode() + b"\0" + content, sha256).hexdigest()[:_TOKEN_LENGTH]
