"""A night of the exchange, invented without a database, the same on every run, with wishes that count or do not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from allocation import lottery
from booking.platform.base.exact_json import canonical
from booking.scheduling.swaps.deciding import FORMAT
from booking.scheduling.swaps.own_part import WISH_FORMAT
from booking.scheduling.swaps.wish import Wished
from booking.transparency.beacons import bls
from booking.transparency.log.entries import write_entry
from tests.standalone.drawn import DRAW_SEED
from tests.support.draw_files import SECRET
from tests.support.own_log import OwnLog

REFERENCE = "x-2026-11-24"
CLOSES = datetime(2026, 11, 23, 22, tzinfo=UTC)
NAMES = ("counted", "changed", "changed again", "ended", "left out", "late")


@dataclass
class InventedNight:
    """The files that wishes are looked up in, the log of it, and each wish's own file by its name."""

    files: dict[str, bytes]
    log: OwnLog
    wishes: dict[str, bytes]


def invented_night(*, counts=("counted", "changed again")):
    """Close a night that ``counts`` on some of the wishes; the first ends afterwards, as that of who moves."""
    log, wished = OwnLog(2), {name: _wished(number) for number, name in enumerate(NAMES)}
    beacon = {"kind": "witnesses", "key": bls.public_key(SECRET).hex(), "need": 1, "of": ["one"]}
    promised = {"reference": REFERENCE, "closes_at": CLOSES.isoformat(), "beacon": beacon}
    promised |= {"seed_commitment": lottery.commitment(DRAW_SEED).hex()}
    witnesses = sorted(key.text for key in log.witness_keys)
    begin = CLOSES - timedelta(hours=20)
    told = {"at": begin.isoformat(), "log": log.key.text, "witnesses": witnesses, "need": len(witnesses)}
    entries = {"announcement.json": write_entry("exchange_announcement", promised | told)}
    log.add(entries["announcement.json"], begin)
    for name in NAMES[:5]:
        _log(log, wished[name].receipt(), begin + timedelta(hours=1))
    _replace(log, wished["changed"].receipt(), wished["changed again"].receipt(), begin + timedelta(hours=2))
    _log(log, wished["ended"].ended(), begin + timedelta(hours=3))
    _replace(log, wished["ended"].receipt(), wished["ended"].ended(), begin + timedelta(hours=3))
    night = canonical(_night([wished[name] for name in counts]))
    closed = {"format": FORMAT, "closed_at": CLOSES.isoformat(), "holders": len(counts)}
    closed |= {"inputs": sha256(night).hexdigest()}
    entries["statement.json"] = write_entry("exchange_statement", promised | closed)
    log.add(entries["statement.json"], CLOSES + timedelta(seconds=2))
    after = CLOSES + timedelta(hours=1)
    _log(log, wished["late"].receipt(), after)
    _log(log, wished["counted"].ended(), after)
    _replace(log, wished["counted"].receipt(), wished["counted"].ended(), after)
    proofs = {name.replace("json", "proof"): str(log.proof_of(entry)).encode() for name, entry in entries.items()}
    return InventedNight(entries | proofs | {"night.json": night}, log, {one: _file(log, wished[one]) for one in NAMES})


def _wished(number):
    days = f"2026-12-{number + 1:02}", f"2026-12-{number + 8:02}"
    choice = {"office": "damascus", "first": days[0], "last": days[1], "bands": ["morning"] * (number % 2)}
    return Wished([choice], sha256(b"wish %d" % number).digest()[:16])


def _night(wished):
    kinds = [{"name": sha256(b"kind %d" % number).hexdigest(), "free": 1, "circle": 0} for number in range(2)]
    holders = [
        {
            "id": sha256(b"holder %d" % number).digest()[:16].hex(),
            "priority": 0,
            "holds": 0,
            "wishes": [1],
            "wish": one.in_night(REFERENCE).hex(),
        }
        for number, one in enumerate(wished)
    ]
    return {"format": FORMAT, "markets": [{"units": 1, "kinds": kinds, "holders": holders}]}


def _entry(receipt):
    return write_entry("receipt", {"receipt": receipt.hex()})


def _log(log, receipt, at):
    log.add(_entry(receipt), at)


def _replace(log, receipt, by, at):
    if _entry(by) not in log.entries:
        raise AssertionError("what takes a place stands in the log before")
    log.add(write_entry("replaced", {"receipt": receipt.hex(), "by": by.hex(), "at": at.isoformat()}), at)


def _file(log, wished):
    proof = str(log.proof_of(_entry(wished.receipt())))
    return canonical({"format": WISH_FORMAT, "wish": wished.columns(), "log_proof": proof})
