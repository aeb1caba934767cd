"""Cosignatures (C2SP tlog-cosignature, version 1): a witness says that a log only grew, and when it looked."""

from collections.abc import Iterable, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from booking.transparency.log.notes import COSIGNATURE, Note, NoteError, Signature, VerifierKey

_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_LATEST: Final = 2**63 - 1


def cosign(text: str, name: str, private: Ed25519PrivateKey, seconds: int) -> Signature:
    """Return a witness's signature of a checkpoint's text at a time (seconds since 1970)."""
    key = VerifierKey.of(name, private, COSIGNATURE)
    return Signature(name, key.key_id, seconds.to_bytes(_TIME_BYTES, "big") + private.sign(_message(text, seconds)))


def cosigned_at(text: str, signature: Signature, key: VerifierKey) -> int:
    """Return when a witness cosigned a checkpoint's text, in seconds since 1970.

    Raises
    ------
    NoteError
        It is not this witness's cosignature of the text.
    """
    if not signature.is_by(key) or key.kind != COSIGNATURE:
        raise NoteError(f"the signature is not one of the witness {key.name}")
    seconds = int.from_bytes(signature.content[:_TIME_BYTES], "big")
    if len(signature.content) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > _LATEST:
        raise NoteError(f"the signature of {key.name} is no cosignature with a time")
    key.verify(signature.content[_TIME_BYTES:], _message(text, seconds))
    return seconds


def cosigners(note: Note, witnesses: Iterable[VerifierKey]) -> Mapping[VerifierKey, int]:
    """Return which of the witnesses cosigned a note, and when.

    Raises
    ------
    NoteError
        A signature under one of them does not fit.
    """
    found = ((key, note.signed_by(key)) for key in witnesses)
    return {key: cosigned_at(note.text, signature, key) for key, signature in found if signature is not None}


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
