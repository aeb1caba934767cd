"""Encrypt and decrypt files in the age format (age-encryption.org/v1) for X25519 keys, as streams.

The programs ``age`` and ``rage`` read what this writes, so a backup can be opened without Mawid. The package
``pyrage`` (bindings of rage) does the work; this module gives its errors plain words.

Source: C2SP, The age file encryption format, version 1 (https://c2sp.org/age).
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Final, ParamSpec, Protocol, TypeVar

import pyrage
from pyrage import x25519

P = ParamSpec("P")
R = TypeVar("R")

_NO_KEY_FITS: Final = "No matching keys"


class AgeError(ValueError):
    """A key or an age file is invalid, or the file is for other recipients; the message shows no secret."""


class Readable(Protocol):
    """A file that can be read."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, fewer only at the end."""


class Writable(Protocol):
    """A file that can be written."""

    def write(self, content: bytes, /) -> int:
        """Write all of it, and return its length."""

    def flush(self) -> None:
        """Pass on what was written."""


def new_identity() -> str:
    """Return a new secret key, ``AGE-SECRET-KEY-1…``."""
    return str(x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Return the public key of a secret one, ``age1…``; raises AgeError."""
    return str(_parse_identity(identity).to_public())


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
        _parse_identity(line)
    return found


def seal(source: Readable, target: Writable, recipients: Sequence[str]) -> None:
    """Encrypt a file for public keys, each of which opens it alone. Memory does not grow with the file.

    Raises
    ------
    AgeError
        There is no recipient, or one is no public key. Nothing was read or written then.
    OSError
        The source cannot be read, or the target cannot be written.
    """
    if not recipients:
        raise AgeError("a file for nobody could be read by nobody")
    keys = [_parse_recipient(one) for one in recipients]
    kept = _Kept()
    try:
        pyrage.encrypt_io(kept.readable(source), kept.writable(target), keys)
    except pyrage.EncryptError as error:  # the keys are valid, so this is an error of reading or writing
        raise kept.error or OSError(str(error)) from None


def unseal(source: Readable, target: Writable, identities: Sequence[str]) -> None:
    """Decrypt a file with secret keys, of which one must be of a recipient. Memory does not grow with the file.

    Each piece is checked before it is written.

    Raises
    ------
    AgeError
        The file is no age file, was made for others, was changed, or is cut off; parts may have been written before.
    OSError
        The source cannot be read, or the target cannot be written.
    """
    keys = [_parse_identity(one) for one in identities]
    kept = _Kept()
    try:
        pyrage.decrypt_io(kept.readable(source), kept.writable(target), keys)
    except pyrage.DecryptError as error:
        if kept.error is not None:
            raise kept.error from None
        if _NO_KEY_FITS in str(error):
            raise AgeError("none of these secret keys opens it: it was made for others") from None
        raise AgeError("it is no age file, or its header was changed or is cut off") from None
    except OSError:  # pyrage raises it for a piece that does not fit, too
        if kept.error is not None:
            raise
        raise AgeError("it was changed, or is cut off") from None


class _Kept:
    """Calls of files that keep their error: of some errors pyrage passes on the words alone."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __call__(self, call: Callable[P, R]) -> Callable[P, R]:
        def keeping(*arguments: P.args, **named: P.kwargs) -> R:
            try:
                return call(*arguments, **named)
            except BaseException as error:
                self.error = self.error or error
                raise

        return keeping

    def readable(self, file: Readable) -> SimpleNamespace:
        return SimpleNamespace(read=self(file.read))

    def writable(self, file: Writable) -> SimpleNamespace:
        return SimpleNamespace(write=self(file.write), flush=self(file.flush))


def _parse_recipient(text: str) -> x25519.Recipient:
    """Accept one spelling alone: keys are compared as text elsewhere, and Bech32 allows capital letters, too."""
    try:
        found = x25519.Recipient.from_str(text)
    except (pyrage.RecipientError, UnicodeEncodeError):
        found = None
    if found is None or str(found) != text:
        raise AgeError("a recipient is the public key that age-keygen prints: age1 and 58 letters and digits")
    return found


def _parse_identity(text: str) -> x25519.Identity:
    try:
        found = x25519.Identity.from_str(text)
    except (pyrage.IdentityError, UnicodeEncodeError):
        found = None
    if found is None or str(found) != text:
        raise AgeError("a line is not a secret key as age-keygen makes them")
    return found
