"""A draw of format 2 changed as its publisher could: every hash over it fits again, and the log signs what it has."""

import hmac
import re
from copy import copy
from hashlib import sha256

from booking.scheduling.draws.files import BINS, CERTIFICATE, PLAN, REQUESTS, SEED
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    BEACON,
    IN_CERTIFICATE,
    IN_RESULT,
    KEPT_TURNS,
    LINE,
    PROOFS,
    RESULT,
    STATEMENT,
)
from booking.transparency.beacons.values import value_of
from tests.standalone.forging import sealed
from tests.support.draw_files import sign

_ENTRIES = (ANNOUNCEMENT, STATEMENT, RESULT)


class Publisher:
    """Whoever has the office's keys, and whom the witnesses cosign whatever is logged once."""

    def __init__(self, drawn):
        self.files, self.log = drawn.files, drawn.log
        self.beacon, self.statement = dict(drawn.closed.statement["beacon"]), drawn.closed.statement
        self.at = {name: drawn.log.entries.index(drawn.files[name][:-1]) for name in _ENTRIES}

    def republished(self, changed, *, statement=False):
        """Change files by name, and all that is stated of them in certificate and result; nonsense stays nonsense.

        ``statement``: what the closing statement says of them too, so that even the beacon signs another one.
        """
        forged, log = self.files | changed, copy(self.log)
        log.entries = list(log.entries)
        if ANNOUNCEMENT in changed:
            self._enter(log, ANNOUNCEMENT, forged)
            forged = self._stating(STATEMENT, forged, _digest(self.files[ANNOUNCEMENT][:-1]), forged[ANNOUNCEMENT][:-1])
        if statement:
            for name in (REQUESTS, KEPT_TURNS, BINS):
                forged = self._stating(STATEMENT, forged, _digest(self.files[name]), forged[name])
        if forged[STATEMENT] != self.files[STATEMENT]:
            self._enter(log, STATEMENT, forged)
            forged = self._decided_again(forged)
        for holder, names in ((CERTIFICATE, IN_CERTIFICATE), (RESULT, IN_RESULT)):
            for name in names:
                forged = self._stating(holder, forged, _digest(self.files[name]), forged[name])
            if holder == CERTIFICATE:
                forged |= {CERTIFICATE: sealed(forged[CERTIFICATE])}
        self._enter(log, RESULT, forged)
        # what is changed by itself is not proven again
        return forged | {
            proof: str(log.proof(self.at[name])).encode() for name, proof in PROOFS.items() if proof not in changed
        }

    def _enter(self, log, name, forged):
        log.entries[self.at[name]] = forged[name].removesuffix(b"\n")

    def _stating(self, holder, forged, old, content):
        return forged | {holder: forged[holder].replace(old, _digest(content))}

    def _decided_again(self, forged):
        """Let the beacon sign the other statement; its value decides, though the line stays as it was."""
        old, new = (_digest(each[STATEMENT].removesuffix(b"\n")) for each in (self.files, forged))
        signature = sign(self.beacon, bytes.fromhex(new.decode()))
        was = re.search(rb'"signature":"([0-9a-f]{96})","value":"([0-9a-f]{64})"', self.files[BEACON])
        now = signature.hex().encode(), value_of(signature).hex().encode()
        for name in (BEACON, RESULT):
            content = forged[name].replace(old, new)
            forged = forged | {name: content.replace(was[1], now[0]).replace(was[2], now[1])}
        key = bytes.fromhex(forged[SEED][:64].decode()) + value_of(signature) + bytes.fromhex(new.decode())
        return forged | _line_again(forged, key)


def _line_again(forged, key):
    """Put everyone in line again in line.csv and plan.csv; the plan stays the one of the old line."""
    line, plan = ([row.split(",") for row in forged[name].decode().splitlines()] for name in (LINE, PLAN))

    def turn(row):
        return -int(row[2]), hmac.digest(key, bytes.fromhex(row[1]), "sha256"), row[3]

    for position, row in enumerate(sorted(line[1:], key=turn)):
        row[5] = str(position)
    for row, placed in zip(line[1:], plan[1:], strict=True):
        placed[1] = row[5]
    return {name: ("\n".join(map(",".join, rows)) + "\n").encode() for name, rows in ((LINE, line), (PLAN, plan))}


def _digest(content):
    return sha256(content).hexdigest().encode()
