"""A draw in format 2 changed as its publisher could: with every hash over it made to fit, and the log's key in hand.

What the publisher has not: the witnesses' keys, and what they cosigned, which the statement is in.
"""

import gzip
import json

from allocation.lottery import merkle_root
from booking.platform.base.exact_json import canonical, one_line
from booking.scheduling.draws import formats
from booking.scheduling.draws.decision import decide
from booking.scheduling.draws.files import BINS, CERTIFICATE, REQUESTS
from booking.scheduling.draws.format2.closing import read_closing, statement_hash, write_closing
from booking.scheduling.draws.format2.line import Written
from booking.scheduling.draws.format2.outcome import places_of, write_outcome
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    IN_CERTIFICATE,
    IN_RESULT,
    KEPT_TURNS,
    LEAVES,
    PROOFS,
    RESULT,
    STATEMENT,
)
from booking.transparency.beacons.values import value_of
from tests.standalone.drawn import DRAW_SEED
from tests.standalone.forging import sealed
from tests.support.draw_files import Drawn, sign
from tests.support.own_log import OwnLog


def restated(drawn: Drawn, changed, *, statement=None, result=None, witnesses=False):
    """Change files by name and facts of the statement and the result, then rewrite all hashes and proofs over them.

    With ``witnesses`` the publisher holds the witnesses' keys too: nothing is left that an outsider signed.
    """
    files = drawn.files | changed
    facts = json.loads(drawn.files[STATEMENT]) | (statement or {})
    for rows, name in (("requests", REQUESTS), ("turns", KEPT_TURNS), ("bins", BINS)):
        if name in changed:
            facts[rows] = facts[rows] | {"sha256": formats.digest(files[name])}
    files[STATEMENT] = changed.get(STATEMENT, one_line(facts))
    told = json.loads(drawn.files[RESULT])
    certificate = files[CERTIFICATE]
    for name in IN_CERTIFICATE:
        old, new = (formats.digest(each[name]).encode() for each in (drawn.files, files))
        certificate = certificate.replace(old, new)
    files[CERTIFICATE] = sealed(certificate)
    told |= {
        "statement": statement_hash(facts).hex(),
        "files": {name: formats.digest(files[name]) for name in IN_RESULT},
    }
    files[RESULT] = changed.get(RESULT, one_line(told | (result or {})))
    return files | _proofs(drawn, files, witnesses=witnesses)


def _proofs(drawn: Drawn, files, *, witnesses):
    """Log the changed entries in the log's own key; without the witnesses' their old signatures do not fit."""
    log = OwnLog(len(drawn.log.witnesses) if witnesses else 0)
    proofs = {}
    entries = list(drawn.log.entries)
    for name in (ANNOUNCEMENT, STATEMENT, RESULT):
        entries[drawn.log.entries.index(drawn.files[name][:-1])] = files[name][:-1]
    log.entries, log.at = entries, drawn.log.at
    for name, proof in PROOFS.items():
        index = drawn.log.entries.index(drawn.files[name][:-1])
        made = str(log.proof(index)).encode()
        unchanged = entries[: index + 1] == drawn.log.entries[: index + 1]
        proofs[proof] = drawn.files[proof] if unchanged else made
    return proofs


def lines_of(files, name):
    return gzip.decompress(files[name]).splitlines()


def repacked(lines):
    """Pack lines, or the objects that they are, as the files of observers are."""
    return gzip.compress(
        b"".join((each if isinstance(each, bytes) else canonical(each)) + b"\n" for each in lines), mtime=0
    )


def with_line(files, name, number, **change):
    """Change one line of a packed file; None takes a key away."""
    lines = lines_of(files, name)
    data = {key: value for key, value in (json.loads(lines[number]) | change).items() if value != "absent"}
    return {name: repacked([*lines[:number], data, *lines[number + 1 :]])}


def with_cell(files, name, row, column, value):
    """Change one cell of a table; row 0 is the header."""
    rows = [line.split(",") for line in files[name].decode().splitlines()]
    rows[row][rows[0].index(column)] = value
    return {name: ("\n".join(map(",".join, rows)) + "\n").encode()}


def drawn_otherwise(drawn: Drawn, *, entrants=None, turns=None, bins=None, held=True, **facts):
    """Close and draw again over other rows, places or facts, with the same requests in the same log.

    ``held``: the publisher holds the witnesses' keys too, so that only what the rows say can give it away.
    """
    closed = drawn.closed
    line = sorted(entrants or closed.entrants, key=lambda row: row.leaf.receipt)
    outside = sorted(closed.turns if turns is None else turns, key=lambda row: row.receipt)
    contents = write_closing(
        dict(closed.statement) | facts, [Written.of(each) for each in line], outside, bins or closed.bins
    )
    again = read_closing(contents)
    signature = sign(again.statement["beacon"], statement_hash(again.statement))
    decision = decide(again.frozen(value_of(signature)), DRAW_SEED)
    at = json.loads(drawn.files[RESULT])["at"]
    root = merkle_root(places_of(again, decision))
    made = write_outcome(again, contents, decision, places_root=root, seed=DRAW_SEED, signature=signature, at=at)
    files = drawn.files | {name: content for name, content in (contents | made).items() if name != LEAVES}
    return files | _proofs(drawn, files, witnesses=held)
