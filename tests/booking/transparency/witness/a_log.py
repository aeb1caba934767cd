"""A log as a witness sees it, which tests let grow, fork, forget and lie; and entries of a draw."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from booking.platform.base.clock import Clock, SettableClock
from booking.transparency.beacons import bls
from booking.transparency.beacons.terms import audit_round
from booking.transparency.beacons.values import (
    QUICKNET_CHAIN,
    QUICKNET_GENESIS,
    QUICKNET_KEY,
    QUICKNET_PERIOD,
    WITNESSES_DST,
    round_after,
    statement_message,
    value_of,
)
from booking.transparency.log.checkpoints import BUNDLE, Checkpoint, bundle_path, write_bundle
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.log.notes import Signature, VerifierKey, read_note, sign, to_base64
from booking.transparency.witness.cosigning import Cosigner, Offer, read_offer
from booking.transparency.witness.folder import Folder, Log
from booking.transparency.witness.line import Answer, LineError
from booking.transparency.witness.mirror import Tree
from booking.transparency.witness.watch import Watch

ORIGIN = "mawid.example/log"
OPENS = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=10)
SEED = bytes(range(32))
SECRET = 12345
NOBODY = Answer(404, b"")


class FakeLog:
    """Entries and a key; ``away`` lets it be silent, ``mute`` withhold entries, ``deaf`` take nothing.

    It shows the cosignatures that were brought to it, as the real one does, unless it ``hides`` them.
    """

    def __init__(self, entries: Sequence[bytes] = (), private: Ed25519PrivateKey | None = None) -> None:
        self.entries = list(entries)
        self.private = private or Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.origin = ORIGIN
        self.away = self.mute = self.deaf = self.hides = False
        self.brought: list[tuple[str, bytes]] = []
        self.cosigned: dict[str, tuple[Signature, ...]] = {}

    @property
    def key(self) -> VerifierKey:
        return VerifierKey.of(ORIGIN, self.private)

    def tree(self) -> Tree:
        tree = Tree()
        for entry in self.entries:
            tree.add(entry)
        return tree

    def checkpoint(self) -> bytes:
        tree = self.tree()
        text = Checkpoint(self.origin, tree.size, tree.root(tree.size)).text
        return str(sign(text, self.origin, self.private).with_signatures(self.cosigned.get(text, ()))).encode()

    def offer(self, old: int) -> bytes:
        lines = [f"old {old}", *(to_base64(one) for one in self.tree().proof(old, len(self.entries)))]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint()

    def get(self, path: str) -> Answer:
        if self.away:
            raise LineError("the log is away")
        if path == "checkpoint":
            return Answer(200, self.checkpoint())
        for begin in range(0, len(self.entries), BUNDLE):
            part = self.entries[begin : begin + BUNDLE]
            if path == bundle_path(begin // BUNDLE, len(part)) and not self.mute:
                return Answer(200, write_bundle(part))
        return NOBODY

    def post(self, path: str, body: bytes) -> Answer:
        if self.away or self.deaf:
            raise LineError("the log is away")
        self.brought.append((path, body))
        if path == "cosignatures" and not self.hides:
            note = read_note(body)
            self.cosigned[note.text] = self.cosigned.get(note.text, ()) + note.signatures
        return Answer(200, b"")


def receipts(first: int, many: int) -> list[bytes]:
    return [write_entry("receipt", {"receipt": f"{number:064x}"}) for number in range(first, first + many)]


def a_watch(folder: Folder, log: FakeLog, clock: Clock) -> Watch:
    folder.pin(Log("https://mawid.example/log", log.key))
    return Watch(folder, log, clock)


WITNESSES: dict[str, Any] = {
    "kind": "witnesses",
    "key": bls.public_key(SECRET).hex(),
    "need": 2,
    "of": ["a.example", "b.example", "c.example"],
}


def drand() -> dict[str, Any]:
    number = round_after(CLOSES, genesis=QUICKNET_GENESIS, period=QUICKNET_PERIOD)
    chain = {"kind": "drand", "chain": QUICKNET_CHAIN, "key": QUICKNET_KEY}
    return chain | {"genesis": QUICKNET_GENESIS, "period": QUICKNET_PERIOD, "round": number}


def announcement(log: FakeLog, **other: Any) -> bytes:
    body = {
        "at": (OPENS - timedelta(days=1)).isoformat(),
        "reference": "2026-03-02",
        "opens_at": OPENS.isoformat(),
        "closes_at": CLOSES.isoformat(),
        "horizon_first": "2026-03-10",
        "horizon_last": "2026-03-20",
        "confirm_seconds": 86_400,
        "seed_commitment": sha256(SEED).hexdigest(),
        "beacon": WITNESSES,
        "log": log.key.text,
        "witnesses": [],
        "need": 0,
        "again": None,
    }
    return write_entry("announcement", body | other)


def statement(log: FakeLog, told: bytes, **other: Any) -> bytes:
    """A closing statement that follows an announcement in the log, over all that is in it."""
    body = read_entry(told)
    repeated = ("reference", "opens_at", "closes_at", "horizon_first", "horizon_last", "confirm_seconds")
    tree = log.tree()
    rows = {"number": 3, "root": "1" * 64, "sha256": "2" * 64}
    body = {key: body[key] for key in (*repeated, "seed_commitment", "beacon")} | {
        "format": "mawid-draw-2",
        "closed_at": (CLOSES + timedelta(seconds=30)).isoformat(),
        "announcement": {"index": log.entries.index(told), "sha256": sha256(told).hexdigest()},
        "receipts": {"size": tree.size, "root": tree.root(tree.size).hex()},
        "requests": rows,
        "turns": rows | {"sha256": "3" * 64},
        "bins": {"number": 1, "places": 2, "sha256": "4" * 64},
        "mechanism": "exchange",
        "compensation_rule": "even",
        "compensation": {},
        "solver_seconds": 10,
        "quota": {"version": None, "sha256": None},
        "rules": None,
        "versions": {"mawid": "0.1.0", "numpy": "2.1", "ortools": "9.14", "python": "3.11"},
    }
    return write_entry("statement", body | other)


def result(closed: bytes, **other: Any) -> bytes:
    """A result that follows from a closing statement with the witnesses' beacon."""
    digest = sha256(closed).digest()
    signature = bls.sign(SECRET, statement_message(digest), dst=WITNESSES_DST)
    at = CLOSES + timedelta(minutes=2)
    files = dict.fromkeys(("line.csv", "report.json", "certificate.json", "beacon.json", "plan.csv"), "9" * 64)
    body = {
        "at": at.isoformat(),
        "reference": "2026-03-02",
        "statement": digest.hex(),
        "beacon": {"signature": signature.hex(), "value": value_of(signature).hex()},
        "seed": SEED.hex(),
        "places_root": "5" * 64,
        "files": files
        | {"requests.jsonl.gz": "2" * 64, "turns.jsonl.gz": "3" * 64, "turns.csv": "9" * 64, "bins.csv": "4" * 64},
        "served_requests": 2,
        "served_people": 2,
        "audit": audit_round(WITNESSES, at),
    }
    return write_entry("result", body | other)


HONEST, FORKED = receipts(0, 12), [*receipts(0, 4), *receipts(100, 8)]


def offered(entries: list[bytes], size: int, old: int) -> Offer:
    """What a log of these entries offers at a size, with a proof from another one."""
    log = FakeLog(entries[:size])
    return read_offer(log.offer(min(old, size)), log.key)


def cosigner(path: Path) -> Cosigner:
    """The witness of a folder, new or as it was left."""
    folder = Folder.open(path) if (path / "keys").exists() else Folder.new(path, "gazette.example")
    folder.pin(Log("https://mawid.example/log", FakeLog().key))
    return Cosigner(folder, FakeLog().key, SettableClock(OPENS))
