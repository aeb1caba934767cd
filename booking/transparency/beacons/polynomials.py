"""Shamir's secret sharing over the order of BLS12-381: sharing, its public commitments, and putting shares together.

Sources: Shamir, How to share a secret (1979); Feldman, A practical scheme for non-interactive verifiable secret sharing
(1987). A polynomial is its coefficients, the constant first; a share is its value at a witness's index, from 1.
"""

import secrets
from collections.abc import Sequence
from functools import reduce

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from booking.transparency.beacons.bls import ORDER


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
