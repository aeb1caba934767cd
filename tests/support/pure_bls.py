"""BLS12-381 in pure Python, from an implementation that shares nothing with the one that Mawid uses.

Importing it raises Python's recursion limit so far that brackets without end in a file kill the process, so the limit
is put back: tests import from here.
"""

import sys

LIMIT = sys.getrecursionlimit()
from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: E402
from py_ecc.bls.point_compression import compress_G1, compress_G2  # noqa: E402
from py_ecc.optimized_bls12_381 import G2, multiply  # noqa: E402

sys.setrecursionlimit(LIMIT)

__all__ = ["G2", "compress_G1", "compress_G2", "hash_to_G1", "multiply"]
