"""A draw's closing statement against its announcement, and its result against its closing statement."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, audit_round, check, earliest, read_terms
from booking.transparency.beacons.values import round_after, value_of
from booking.transparency.witness.draw_record import Entry, Record
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.looks import Looks

GRACE: Final = timedelta(minutes=5)
"""After the end of the window: what is in the log then may take part in the draw."""
STALE: Final = timedelta(minutes=1)
"""What a log shows may be older by so much, since answers are kept on the way; nobody is accused of that."""
_REPEATED: Final = (
    *("opens_at", "closes_at", "horizon_first", "horizon_last", "confirm_seconds", "seed_commitment", "beacon"),
)


def closing_contradicts(record: Record, looks: Looks, root_at: Callable[[int], bytes]) -> Iterator[Finding]:
    """Yield how a closing statement contradicts its announcement, or what the witness saw at the closing."""
    told, closed = record.announcement, record.statement
    if told is None or closed is None:
        return
    evidence = told.file | closed.file
    for what in _differences(told, closed, root_at):
        yield Finding("statement_differs", {"draw": record.reference, "index": closed.index, "what": what}, evidence)
    size = closed.body["receipts"]["size"]
    seen = looks.most_at(datetime.fromisoformat(told.body["closes_at"]), later=GRACE + STALE)
    if seen is not None and size > seen:
        yield Finding("late_requests", {"draw": record.reference, "size": size}, evidence, {"seen": seen})
    comes = earliest(told.body["beacon"])
    grown = looks.of(closed.index)
    if comes is not None and grown is not None and grown.since - STALE >= comes:
        values = {"draw": record.reference, "round": comes.isoformat()}
        yield Finding("late_statement", values, evidence, {"seen": grown.since.isoformat()})


def given_up_knowing(record: Record, entry: Entry, looks: Looks) -> bool:
    """Return whether a draw's outcome could be known when it was given up, by the log's clock or the witness's."""
    if record.statement is None:
        return False
    comes, grown = earliest(record.statement.body["beacon"]), looks.of(entry.index)
    if comes is None:
        return True
    return datetime.fromisoformat(entry.body["at"]) >= comes or (grown is not None and grown.since - STALE >= comes)


def _differences(told: Entry, closed: Entry, root_at: Callable[[int], bytes]) -> Iterator[str]:
    named = {"index": told.index, "sha256": told.sha256}
    if closed.body["announcement"] != named:
        yield "reference"
    yield from (key for key in _REPEATED if closed.body[key] != told.body[key])
    at, closes = (datetime.fromisoformat(one) for one in (closed.body["closed_at"], told.body["closes_at"]))
    comes = earliest(told.body["beacon"])
    if at < closes or (comes is not None and at >= comes):
        yield "closed_at"
    receipts = closed.body["receipts"]
    if not told.index < receipts["size"] <= closed.index or root_at(receipts["size"]).hex() != receipts["root"]:
        yield "receipts"
    terms = read_terms(told.body["beacon"])
    if isinstance(terms, DrandTerms) and terms.round != round_after(closes, genesis=terms.genesis, period=terms.period):
        yield "round"


def result_contradicts(record: Record) -> Iterator[Finding]:
    """Yield how a result contradicts the closing statement and the announced source of its random value."""
    closed, drawn = record.statement, record.result
    if closed is None or drawn is None:
        return
    evidence = closed.file | drawn.file | (record.beacon.file if record.beacon else {})
    for what in _faults(record, closed, drawn):
        yield Finding("result_differs", {"draw": record.reference, "index": drawn.index, "what": what}, evidence)


def _faults(record: Record, closed: Entry, drawn: Entry) -> Iterator[str]:
    body, fixed = drawn.body, closed.body
    if body["statement"] != closed.sha256:
        yield "statement_hash"
    yield from _beacon_faults(record, closed, drawn)
    if sha256(bytes.fromhex(body["seed"])).hexdigest() != fixed["seed_commitment"]:
        yield "seed"
    for name, part in (("requests.jsonl.gz", "requests"), ("turns.jsonl.gz", "turns"), ("bins.csv", "bins")):
        if body["files"][name] != fixed[part]["sha256"]:
            yield name
    if body["served_requests"] > fixed["requests"]["number"]:
        yield "served"


def value_faults(closed: Entry, drawn: Entry) -> Iterator[str]:
    """Yield how the random value of a result is not the one that its statement fixed."""
    body, fixed = drawn.body, closed.body
    signature = bytes.fromhex(body["beacon"]["signature"])
    try:
        check(fixed["beacon"], bytes.fromhex(closed.sha256), signature)
    except BeaconError:
        yield "signature"
    if value_of(signature).hex() != body["beacon"]["value"]:
        yield "value"
    at, comes = datetime.fromisoformat(body["at"]), earliest(fixed["beacon"])
    if at < (comes or datetime.fromisoformat(fixed["closed_at"])):
        yield "early"


def _beacon_faults(record: Record, closed: Entry, drawn: Entry) -> Iterator[str]:
    yield from value_faults(closed, drawn)
    if record.beacon is not None and record.beacon.body["signature"] != drawn.body["beacon"]["signature"]:
        yield "beacon_entry"
    if drawn.body["audit"] != audit_round(closed.body["beacon"], datetime.fromisoformat(drawn.body["at"])):
        yield "audit"
