"""An observer's key, and calls that are signed with it: no secret of an observer is ever in our hands.

Names, ids and texts of keys are those of C2SP signed notes, as of all keys of the public log.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from booking.platform.base.errors import MawidError
from booking.transparency.log.notes import ED25519, NoteError, VerifierKey, from_base64, read_vkey, to_base64

SCHEME: Final = "Mawid-Observer"
LONGEST_NAME: Final = 40
_NAME: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_SIGNED: Final = "mawid-observer-v1"
_PRIVATE: Final = "PRIVATE+KEY+"
_TIME: Final = re.compile(r"[1-9][0-9]{0,11}")
_LONGEST_HEADER: Final = 200
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ObserverKey:
    """The private key that an observer alone holds."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def new(cls, name: str) -> Self:
        """Make a key; raises NoteError where an observer cannot have such a name."""
        return cls(observer_name(name), Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> VerifierKey:
        """The public part."""
        return VerifierKey.of(self.name, self.key)

    @property
    def public_line(self) -> str:
        """The public part as one line of text."""
        return self.verifier.text

    @property
    def text(self) -> str:
        """The one line of the file that nobody else may read."""
        private = to_base64(bytes([ED25519]) + self.key.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{private}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what ``text`` wrote; raises NoteError."""
        parts = text.strip().removeprefix(_PRIVATE).split("+", 2)
        if not text.startswith(_PRIVATE) or len(parts) != 3:  # noqa: PLR2004 - name, id, key
            raise NoteError("it is not an observer's private key")
        name, key_id, encoded = parts
        content = from_base64(encoded, "the private key")
        if len(content) != 1 + _KEY_BYTES or content[0] != ED25519:
            raise NoteError("it is not a private key of Ed25519")
        read = cls(observer_name(name), Ed25519PrivateKey.from_private_bytes(content[1:]))
        if read.verifier.key_id.hex() != key_id:
            raise NoteError("the private key has another id than it says")
        return read

    def sign(self, *, method: str, address: str, at: int) -> str:
        """Return the ``Authorization`` of a call: of one method, one whole address, one second of Unix time."""
        return f"{SCHEME} {self.name} {at} {to_base64(self.key.sign(_message(method, address, at)))}"


@dataclass(frozen=True, slots=True)
class SignedCall:
    """Who says to have signed a call, and when; nothing is checked yet."""

    name: str
    at: int
    signature: bytes

    @classmethod
    def read(cls, header: str) -> Self:
        """Read an ``Authorization``; raises NoteError where it is not an observer's."""
        parts = header.split(" ")
        if len(header) > _LONGEST_HEADER or len(parts) != 4 or parts[0].lower() != SCHEME.lower():  # noqa: PLR2004
            raise NoteError(f"expected {SCHEME} name time signature")
        _, name, time, signature = parts
        if not _TIME.fullmatch(time):
            raise NoteError("the time is not whole seconds since 1970")
        return cls(observer_name(name), int(time), from_base64(signature, "the signature"))

    def verify(self, public: bytes, *, method: str, address: str) -> None:
        """Check that the key's holder signed this method and whole address at the time named; raises NoteError."""
        VerifierKey(self.name, ED25519, public).verify(self.signature, _message(method, address, self.at))


def observer_name(name: str) -> str:
    """Return a name that an observer's key can have; raises NoteError."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise NoteError(f"a name has the letters a to z, digits, and - or . between them, at most {LONGEST_NAME}")
    return name


def read_observer_key(text: str) -> VerifierKey:
    """Read the public key of an observer from its line; raises NoteError."""
    found = read_vkey(text.strip(), kind=ED25519)
    observer_name(found.name)
    return found


def _message(method: str, address: str, at: int) -> bytes:
    return f"{_SIGNED}\n{method}\n{address}\n{at}\n".encode()


class NotAnObserverError(MawidError):
    """The call is not signed with the key of an observer whose right holds; which of the two, nobody is told."""

    code = "not_an_observer"


class ObserversClockError(MawidError):
    """An observer signed the call, and for another time than ours."""

    code = "observers_clock"
