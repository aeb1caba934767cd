"""Entries of a night of the exchange, for tests of witnesses."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from booking.transparency.beacons import bls
from booking.transparency.beacons.values import WITNESSES_DST, statement_message, value_of
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.witness.findings import Found
from tests.booking.transparency.witness.a_log import CLOSES, OPENS, SECRET, SEED, WITNESSES, FakeLog

HASH = "a" * 64
NIGHT = "x-2026-03-02"


def announced(log: FakeLog, **other: Any) -> bytes:
    body = {
        "at": (OPENS - timedelta(days=1)).isoformat(),
        "reference": NIGHT,
        "closes_at": CLOSES.isoformat(),
        "seed_commitment": sha256(SEED).hexdigest(),
        "beacon": WITNESSES,
        "log": log.key.text,
        "witnesses": [],
        "need": 0,
    }
    return write_entry("exchange_announcement", body | other)


def stated(told: bytes, **other: Any) -> bytes:
    """What was fixed of a night, as it was announced."""
    body = {key: read_entry(told)[key] for key in ("reference", "closes_at", "seed_commitment", "beacon")}
    closed = (CLOSES + timedelta(seconds=30)).isoformat()
    body |= {"format": "mawid-exchange-1", "closed_at": closed, "holders": 3, "inputs": HASH}
    return write_entry("exchange_statement", body | other)


def done(closed: bytes, **other: Any) -> bytes:
    """A result that follows from what was fixed, with the witnesses' beacon."""
    signature = bls.sign(SECRET, statement_message(sha256(closed).digest()), dst=WITNESSES_DST)
    body = {
        "reference": NIGHT,
        "at": (CLOSES + timedelta(minutes=2)).isoformat(),
        "statement": sha256(closed).hexdigest(),
        "beacon": {"signature": signature.hex(), "value": value_of(signature).hex()},
        "seed": SEED.hex(),
        "moved": 2,
        "result": HASH,
    }
    return write_entry("exchange_result", body | other)


def given_up(at: datetime, reference: str = NIGHT) -> bytes:
    return write_entry("exchange_abandoned", {"reference": reference, "at": at.isoformat()})


def of_nights(found: Iterable[Found]) -> list[Found]:
    """What was found of nights; that clocks of these logs are wrong is no matter here."""
    return [one for one in found if one.kind.startswith("night")]
