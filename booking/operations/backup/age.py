"""Files in the age format (age-encryption.org/v1), for X25519 keys: written for many, read by one, a piece at a time.

The programs ``age`` and ``rage`` read what this writes, so a backup can be opened without Mawid. The primitives are
those of the package ``cryptography``; here are only the header and the order of pieces.

Source: C2SP, The age file encryption format, version 1 (https://c2sp.org/age). X25519 recipients; the payload is STREAM
(Hoang, Reyhanitabar, Rogaway, Vizár, Online authenticated-encryption and its nonce-reuse misuse-resistance, 2015) over
ChaCha20-Poly1305 in pieces of 64 KiB.
"""

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from booking.operations.backup.bech32 import decode_bech32, encode_bech32

_FIRST: Final = b"age-encryption.org/v1\n"
_PIECE: Final = 1 << 16
_TAG: Final = 16
_FILE_KEY: Final = 16
_NONCE: Final = 16
_WRAPPED: Final = _FILE_KEY + _TAG
_KEY: Final = 32
_WRAP_INFO: Final = b"age-encryption.org/v1/X25519"
_RECIPIENT: Final = "age"
_IDENTITY: Final = "AGE-SECRET-KEY-"
_LONGEST_HEADER: Final = 1 << 16
_STANZA: Final = re.compile(rb"-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n")


class AgeError(ValueError):
    """It is no key, no such file, for somebody else, or was changed; the message shows no secret."""


def new_identity() -> str:
    """Return a new secret key, ``AGE-SECRET-KEY-1…``."""
    return encode_bech32(_IDENTITY.lower(), X25519PrivateKey.generate().private_bytes_raw()).upper()


def recipient_of(identity: str) -> str:
    """Return the public key of a secret one, ``age1…``; raises AgeError."""
    return encode_bech32(_RECIPIENT, _private(identity).public_key().public_bytes_raw())


def read_recipient(text: str) -> bytes:
    """Return the 32 bytes of a public key, ``age1…``.

    Raises
    ------
    AgeError
        It is none; of other kinds than X25519 none is known.
    """
    try:
        return _bytes_of(text, _RECIPIENT)
    except ValueError:
        raise AgeError("a recipient is the public key that age-keygen prints: age1 and 58 letters and digits") from None


def read_identities(text: str) -> list[str]:
    """Return the secret keys in a file of ``age-keygen``, a line each.

    Raises
    ------
    AgeError
        There is none, or a line is neither one nor a comment.
    """
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise AgeError("there is no line AGE-SECRET-KEY-1…")
    for line in found:
        _private(line)
    return found


class Readable(Protocol):
    """A file, as far as it is read here."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, fewer only at the end."""

    def readline(self, size: int = -1, /) -> bytes:
        """Return the bytes up to the end of the line, at most so many."""


class Sealing:
    """Writes an age file: `write` as often as there is something, `close` at the end, without which it is no file.

    Parameters
    ----------
    target
        Where it is written, from its beginning.
    recipients
        Public keys, each of which opens it alone.

    Raises
    ------
    AgeError
        There is no recipient, or one is none.
    """

    def __init__(self, target: BinaryIO, recipients: Sequence[str]) -> None:
        if not recipients:
            raise AgeError("a file for nobody could be read by nobody")
        self.file_key: Final = secrets.token_bytes(_FILE_KEY)
        """Opens this file alone; whoever writes it can try it without a secret key."""
        self._target, self._waiting, self._count = target, bytearray(), 0
        header = _FIRST + b"".join(_wrap(self.file_key, read_recipient(one)) for one in recipients) + b"---"
        nonce = secrets.token_bytes(_NONCE)
        self._cipher = _payload_cipher(self.file_key, nonce)
        target.write(header + b" " + _base64(_header_mac(self.file_key, header)) + b"\n" + nonce)

    def write(self, content: bytes) -> None:
        """Add bytes, of any length."""
        self._waiting += content
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]

    def close(self) -> None:
        """Write the last piece, which says that it is the last."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce_of(self._count, last=last), piece, None))
        self._count += 1


def unseal(source: Readable, *, identities: Sequence[str] = (), file_key: bytes | None = None) -> Iterator[bytes]:
    """Yield the content piece by piece; each was checked, and the end is known to be the end.

    Parameters
    ----------
    identities
        Secret keys, of which one must be of a recipient.
    file_key
        The key of this file alone, in their place.

    Raises
    ------
    AgeError
        It is no such file, for somebody else, changed, or cut off; also after some pieces.
    """
    header, stanzas, mac = _read_header(source)
    key = file_key or next((key for one in identities for key in _unwrap(stanzas, one)), None)
    if key is None:
        raise AgeError("none of these secret keys opens it: it was made for others")
    if not hmac.compare_digest(_header_mac(key, header), mac):
        raise AgeError("its header was changed")
    cipher, count = _payload_cipher(key, source.read(_NONCE)), 0
    piece = source.read(_PIECE + _TAG)
    while True:
        following = source.read(_PIECE + _TAG)
        try:
            content = cipher.decrypt(_nonce_of(count, last=not following), piece, None)
        except InvalidTag:
            raise AgeError("it was changed, or is cut off") from None
        if not content and count:
            raise AgeError("it ends with an empty piece")
        yield content
        if not following:
            return
        piece, count = following, count + 1


def _read_header(source: Readable) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """Return the header up to its authentication, the shares and wrapped keys of X25519, and the authentication."""
    lines = [source.readline(_LONGEST_HEADER)]
    if lines[0] != _FIRST:
        raise AgeError("it is no age file")
    while not lines[-1].startswith(b"--- "):
        lines.append(source.readline(_LONGEST_HEADER))
        if not lines[-1] or sum(map(len, lines)) > _LONGEST_HEADER:
            raise AgeError("its header is cut off")
    header = b"".join(lines[:-1]) + b"---"
    try:
        mac = _from_base64(lines[-1][4:].rstrip(b"\n"))
        stanzas = [(_from_base64(share), _from_base64(body)) for share, body in _STANZA.findall(header)]
    except ValueError:
        raise AgeError("its header was changed") from None
    return header, stanzas, mac


def _wrap(file_key: bytes, recipient: bytes) -> bytes:
    ours = X25519PrivateKey.generate()
    share = ours.public_key().public_bytes_raw()
    cipher = ChaCha20Poly1305(_wrap_key(ours, X25519PublicKey.from_public_bytes(recipient), share + recipient))
    return b"-> X25519 " + _base64(share) + b"\n" + _base64(cipher.encrypt(bytes(12), file_key, None)) + b"\n"


def _unwrap(stanzas: Sequence[tuple[bytes, bytes]], identity: str) -> Iterator[bytes]:
    """Yield the file key of each stanza that was made for a secret key."""
    private = _private(identity)
    for share, wrapped in stanzas:
        if len(share) == _KEY and len(wrapped) == _WRAPPED:
            salt = share + private.public_key().public_bytes_raw()
            with suppress(InvalidTag, ValueError):  # for somebody else, or a share that leads nowhere
                cipher = ChaCha20Poly1305(_wrap_key(private, X25519PublicKey.from_public_bytes(share), salt))
                yield cipher.decrypt(bytes(12), wrapped, None)


def _wrap_key(private: X25519PrivateKey, public: X25519PublicKey, salt: bytes) -> bytes:
    return _derive(private.exchange(public), salt, _WRAP_INFO)


def _payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    if len(nonce) != _NONCE:
        raise AgeError("it is cut off")
    return ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))


def _header_mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=salt, info=info).derive(secret)


def _nonce_of(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _private(identity: str) -> X25519PrivateKey:
    try:
        return X25519PrivateKey.from_private_bytes(_bytes_of(identity, _IDENTITY))
    except ValueError:
        raise AgeError("a line is not a secret key as age-keygen makes them") from None


def _bytes_of(text: str, prefix: str) -> bytes:
    found, content = decode_bech32(text)
    if found != prefix.lower() or text != (text.lower() if prefix.islower() else text.upper()):
        raise ValueError("another kind of key")
    if len(content) != _KEY:
        raise ValueError("another length")
    return content


def _base64(content: bytes) -> bytes:
    return b64encode(content).rstrip(b"=")


def _from_base64(content: bytes) -> bytes:
    decoded = b64decode(content + b"=" * (-len(content) % 4), validate=True)
    if _base64(decoded) != content:
        raise ValueError("another spelling")
    return decoded
