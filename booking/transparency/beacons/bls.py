"""BLS signatures on BLS12-381 with signatures in G1 and keys in G2: for a key and a message there is exactly one.

That is what makes a signature a beacon. Whoever brings it, and however often it is made, its bytes are the same.

Sources: Boneh, Lynn, Shacham, Short signatures from the Weil pairing (2001); draft-irtf-cfrg-bls-signature-05 for the
checks of points; RFC 9380 for hashing to the curve. The arithmetic is arkworks' (package ``py_arkworks_bls12381``).

Shamir's secret sharing over the order of BLS12-381: sharing, its public commitments, and putting shares together.

Sources: Shamir, How to share a secret (1979); Feldman, A practical scheme for non-interactive verifiable secret sharing
(1987). A polynomial is its coefficients, the constant first; a share is its value at a witness's index, from 1.
"""

import secrets
from collections.abc import Sequence
from functools import reduce
from typing import Final, TypeVar

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from booking.transparency.beacons.errors import BeaconError

SIGNATURE_BYTES: Final = 48
KEY_BYTES: Final = 96
SCALAR_BYTES: Final = 32

ORDER: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""Of both groups: secrets are integers from 1 to below it."""

_COMPRESSED: Final = 0x80
_INFINITY: Final = 0x40
_Point = TypeVar("_Point", G1Point, G2Point)


def read_signature(content: bytes) -> G1Point:
    """Read a point of G1 from its 48 compressed bytes.

    Raises
    ------
    BeaconError
        Another length, another spelling of a point, a point outside of the group, or infinity.
    """
    return _read(G1Point, content, SIGNATURE_BYTES, "signature", "G1")


def read_key(content: bytes) -> G2Point:
    """Read a point of G2 from its 96 compressed bytes.

    Raises
    ------
    BeaconError
        Another length, another spelling of a point, a point outside of the group, or infinity.
    """
    return _read(G2Point, content, KEY_BYTES, "key", "G2")


def verify(key: bytes, message: bytes, signature: bytes, *, dst: bytes) -> None:
    """Check that a signature is the one of a key for a message: e(signature, g2) = e(H(message), key).

    Raises
    ------
    BeaconError
        Key or signature is no point that may be one, or the signature is of another key or for another message.
    """
    point, owner = read_signature(signature), read_key(key)
    if not GT.pairing_check([point, -G1Point.hash_to_curve(message, dst)], [G2Point(), owner]):
        raise BeaconError("the signature is not the one of this key for this message")


def sign(secret: int, message: bytes, *, dst: bytes) -> bytes:
    """Return the one signature of a secret (from 1 to below `ORDER`) for a message, 48 bytes."""
    return (G1Point.hash_to_curve(message, dst) * Scalar(secret)).to_compressed_bytes()


def public_key(secret: int) -> bytes:
    """Return the key of a secret (from 1 to below `ORDER`), 96 bytes."""
    return (G2Point() * Scalar(secret)).to_compressed_bytes()


def _read(kind: type[_Point], content: bytes, length: int, what: str, group: str) -> _Point:
    _refuse_spelling(content, length, what)
    try:
        point = kind.from_compressed_bytes(content)
    except ValueError:
        raise BeaconError(f"the {what} is not a point of the group {group}") from None
    if point == kind.identity() or point.to_compressed_bytes() != content:
        raise BeaconError(f"the {what} is not written as a point is")
    return point


def _refuse_spelling(content: bytes, length: int, what: str) -> None:
    """Refuse what is not so long, not compressed, or infinity in any of the spellings that libraries accept."""
    if len(content) != length:
        raise BeaconError(f"the {what} has {len(content)} bytes instead of {length}")
    if not content[0] & _COMPRESSED:
        raise BeaconError(f"the {what} is not a compressed point")
    if content[0] & _INFINITY:
        raise BeaconError(f"the {what} is the point at infinity, which anybody can make")


def new_polynomial(need: int) -> list[int]:
    """Return random coefficients, none of them zero, of a polynomial that so many shares determine."""
    return [secrets.randbelow(ORDER - 1) + 1 for _ in range(need)]


def value_at(polynomial: Sequence[int], index: int) -> int:
    """Return the share of an index."""
    return reduce(lambda value, coefficient: (value * index + coefficient) % ORDER, reversed(polynomial), 0)


def committed_at(commitments: Sequence[G2Point], index: int) -> G2Point:
    """Return the public key of the share of an index, from the commitments to the coefficients."""
    return reduce(lambda value, one: value * Scalar(index) + one, reversed(commitments), G2Point.identity())


def weights(indices: Sequence[int], at: int = 0) -> list[Scalar]:
    """Return by what the shares of these indices are multiplied to get the value elsewhere (Lagrange), at 0 the secret.

    Parameters
    ----------
    indices
        Different ones, as many as the polynomial needs.
    """
    found = []
    for one in indices:
        above = below = 1
        for other in indices:
            if other != one:
                above = above * (at - other) % ORDER
                below = below * (one - other) % ORDER
        found.append(Scalar(above * pow(below, -1, ORDER) % ORDER))
    return found


def together_in_g1(points: Sequence[G1Point], by: Sequence[Scalar]) -> G1Point:
    """Return the sum of points of G1, each multiplied by its weight."""
    return reduce(G1Point.__add__, map(G1Point.__mul__, points, by), G1Point.identity())


def together_in_g2(points: Sequence[G2Point], by: Sequence[Scalar]) -> G2Point:
    """Return the sum of points of G2, each multiplied by its weight."""
    return reduce(G2Point.__add__, map(G2Point.__mul__, points, by), G2Point.identity())
