"""Check audit.json, the value that picks the lines which observers open, and work out which ones; for `second_draw.py`.

Needs Python 3.11 and the files that it imports.
"""

import hmac
from bisect import bisect_left
from hashlib import sha256
from math import ceil, comb

from beacon_value import DRAND, WITNESSES
from strict_reading import need

NAME = "audit.json"
SHOWN = 5


def sample_size(lines):
    """The fewest lines that miss all wrong ones, one in a thousand, at most once in a thousand times."""
    wrong = ceil(lines / 1000)
    return bisect_left(range(lines), 1, key=lambda n: comb(lines - n, wrong) * 1000 <= comb(lines, wrong))


def picked(value, result_hash, lines, number):
    """The rows that a value picks, in its order: no row twice."""
    rows, step = [], 0
    while len(rows) < number:
        pick = hmac.digest(value + result_hash, b"mawid-audit\n%d" % step, "sha256")
        row, step = int.from_bytes(pick, "big") % lines, step + 1
        if row not in rows:
            rows.append(row)
    return rows


def audit_message(terms, audit, result_hash):
    """What is signed, and the domain that it is signed in."""
    if terms["kind"] == "drand":
        return sha256(audit["round"].to_bytes(8, "big")).digest(), DRAND
    return sha256(b"mawid-audit-round-v1\n" + result_hash).digest(), WITNESSES


def check_facts(draw, result_hash):
    """The file is of this draw, result, beacon and round, and its value follows from its signature."""
    said, due = draw.audit, draw.result["audit"]
    facts = {"kind": draw.facts["beacon"]["kind"], "reference": draw.reference, "result": result_hash.hex()}
    facts |= {"round": due and due["round"], "value": sha256(bytes.fromhex(said["signature"])).hexdigest()}
    need(said == facts | {"signature": said["signature"]}, f"{NAME} does not fit the result or its signature")


def sample_in_words(draw, result_hash):
    """How many lines are to be opened, and the first of them."""
    lines, value = len(draw.rows), bytes.fromhex(draw.audit["value"])
    number = sample_size(lines)
    first = picked(value, result_hash, lines, min(number, SHOWN))
    return f"observers open {number} of {lines} rows, the first of them {' '.join(map(str, first)) or 'none'}"
