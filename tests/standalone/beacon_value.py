"""Check the value that nobody had before the closing: one signature over BLS12-381, by drand or by the witnesses.

`second_draw.py`, which stands beside this file, uses it. Needs Python 3.11 and `py_ecc`; a check takes a second or two.
The signature is a point of G1 (48 bytes), the key one of G2 (96 bytes); what is signed is hashed as RFC 9380 says.
"""

import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

from strict_reading import need

LIMIT = sys.getrecursionlimit()
from py_ecc.bls.g2_primitives import subgroup_check  # noqa: E402
from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: E402
from py_ecc.bls.point_compression import compress_G1, compress_G2, decompress_G1, decompress_G2  # noqa: E402
from py_ecc.optimized_bls12_381 import FQ12, G2, final_exponentiate, is_inf, neg, pairing  # noqa: E402

sys.setrecursionlimit(LIMIT)  # py_ecc raises it so far that brackets without end in a file would kill the process

DRAND = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
WITNESSES = b"MAWID_WITNESSES_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
WAIT = timedelta(seconds=600)  # from the closing to the round
START = datetime(1970, 1, 1, tzinfo=UTC)


def round_time(beacon, number):
    """When a round of drand comes out, in seconds since 1970."""
    return beacon["genesis"] + (number - 1) * beacon["period"]


def first_round(beacon, after):
    """The first round that comes out at least ten minutes after an instant."""
    micros = (datetime.fromisoformat(after) - START + WAIT) // timedelta(microseconds=1)
    behind = micros - beacon["genesis"] * 10**6
    return max(-(-behind // (beacon["period"] * 10**6)) + 1, 1)


def message_for(beacon, statement_hash):
    """What is signed, and the domain that it is signed in."""
    if beacon["kind"] == "drand":
        return sha256(beacon["round"].to_bytes(8, "big")).digest(), DRAND
    return sha256(b"mawid-witness-round-v1\n" + statement_hash).digest(), WITNESSES


def point(content, read, write, size, where):
    """Read a point in its one spelling; it must be in the group of prime order, and not its zero."""
    halves = [int.from_bytes(content[i : i + 48], "big") for i in range(0, size, 48)]
    try:
        found = read(halves[0] if size == 48 else tuple(halves))
        spelled = write(found)
    except (ValueError, AssertionError) as error:
        found, spelled = None, ascii(error)
    right = found is not None and (spelled == halves[0] if size == 48 else list(spelled) == halves)
    need(right and not is_inf(found) and subgroup_check(found), f"{where} is not a point of its group")
    return found


@cache
def signed(key, signature, message, domain):
    """Whether e(signature, g2) = e(H(message), key)."""
    public = point(key, decompress_G2, compress_G2, 96, "the beacon's key")
    found = point(signature, decompress_G1, compress_G1, 48, "the beacon's signature")
    hashed = hash_to_G1(message, domain, sha256)
    one = pairing(G2, found, final_exponentiate=False)
    other = pairing(public, neg(hashed), final_exponentiate=False)
    return final_exponentiate(one * other) == FQ12.one()
