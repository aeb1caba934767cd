"""What the log tells of the nights of the exchange, and where it contradicts itself; one night at a time is open."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, WitnessesTerms, earliest, is_known, read_terms
from booking.transparency.beacons.values import round_after
from booking.transparency.witness.draw_record import Entry, Record
from booking.transparency.witness.findings import Finding, Values
from booking.transparency.witness.looks import Looks
from booking.transparency.witness.statements import STALE, given_up_knowing, value_faults

PREFIX: Final = "exchange_"
LATE: Final = timedelta(days=1)
"""After its closing was due a night is decided or given up."""
_NOTICES: Final = frozenset({"night_alone", "night_given_up"})
"""What contradicts nothing: a witness signs for such a night all the same."""
_REPEATED: Final = ("closes_at", "seed_commitment", "beacon")


class Nights:
    """All nights that a log told of.

    Parameters
    ----------
    origin
        The log's name.
    looks
        When the witness saw what.
    """

    def __init__(self, origin: str, looks: Looks) -> None:
        self._origin, self._looks = origin, looks
        self._records: dict[str, Record] = {}
        self._open: dict[str, Record] = {}

    @property
    def records(self) -> Collection[Record]:
        """All nights."""
        return self._records.values()

    def waiting(self) -> list[tuple[Record, Entry]]:
        """Return the nights that wait for their random value, each with its statement."""
        return [(one, one.statement) for one in self._open.values() if one.statement is not None]

    def read(self, entry: Entry) -> Iterator[Finding]:
        """Read the next entry about a night; yield what contradicts the earlier ones, with both as evidence."""
        record = self._records.setdefault(entry.body["reference"], Record(entry.body["reference"]))
        for finding in self._read(record, entry):
            record.wrong = record.wrong or finding.kind not in _NOTICES
            yield finding

    def _read(self, record: Record, entry: Entry) -> Iterator[Finding]:
        reference, kind = record.reference, entry.body["type"].removeprefix(PREFIX)
        values: Values = {"night": reference, "index": entry.index, "what": entry.body["type"]}
        if (first := record.of(kind)) is not None:
            yield Finding("night_second", values | {"first": first.index}, first.file | entry.file)
            return
        if (ended := record.abandoned or record.result) is not None:
            yield Finding("night_over", values | {"first": ended.index}, ended.file | entry.file)
        try:
            known = _is_vouched_for(entry.body["beacon"]) if "beacon" in entry.body and kind != "result" else True
        except BeaconError as error:
            yield Finding("night_no_beacon", values, entry.file | {"why.txt": f"{error}\n".encode()})
            return
        record.keep(entry)
        if kind == "announcement":
            yield from self._competing(reference, entry)
            self._open[reference] = record
            if not known:
                yield Finding("night_alone", {"origin": self._origin, "key": entry.body["beacon"]["key"]}, entry.file)
        else:
            yield from self._went_on(record, entry, kind)
        if record.result is not None or record.abandoned is not None:
            self._open.pop(reference, None)

    def overdue(self, now: datetime) -> Iterator[Finding]:
        """Yield the nights that should have been decided or given up by now."""
        for reference, record in self._open.items():
            told = record.announcement
            if told is not None and now - LATE >= (closes := datetime.fromisoformat(told.body["closes_at"])):
                evidence = told.file | (record.statement.file if record.statement else {})
                yield Finding("night_undecided", {"night": reference, "closes": closes.isoformat()}, evidence)

    def _competing(self, reference: str, entry: Entry) -> Iterator[Finding]:
        """Yield the nights that are not over: of two that are open somebody could decide the one that they like."""
        for other, record in self._open.items():
            values: Values = {"night": reference, "other": other, "index": entry.index}
            evidence = record.announcement.file if record.announcement else {}
            yield Finding("night_competing", values, evidence | entry.file)

    def _went_on(self, record: Record, entry: Entry, kind: str) -> Iterator[Finding]:
        told, closed = record.announcement, record.statement
        values: Values = {"night": record.reference, "index": entry.index}
        if told is None or (kind == "result" and closed is None):
            missing = PREFIX + ("announcement" if told is None else "statement")
            yield Finding("night_missing", values | {"what": missing}, entry.file)
        elif kind == "statement":
            for what in _differences(told, entry):
                yield Finding("night_differs", values | {"what": what}, told.file | entry.file)
            yield from self._late(record.reference, told, entry)
        elif kind == "result" and closed is not None:
            for what in _faults(closed, entry):
                yield Finding("night_result_differs", values | {"what": what}, closed.file | entry.file)
        elif kind == "abandoned":
            knowing = given_up_knowing(record, entry, self._looks)
            evidence = entry.file | (closed.file if closed else {})
            yield Finding("night_given_up_knowing" if knowing else "night_given_up", values, evidence)

    def _late(self, reference: str, told: Entry, closed: Entry) -> Iterator[Finding]:
        comes, grown = earliest(told.body["beacon"]), self._looks.of(closed.index)
        if comes is not None and grown is not None and grown.since - STALE >= comes:
            values: Values = {"night": reference, "round": comes.isoformat()}
            yield Finding("night_late", values, told.file | closed.file, {"seen": grown.since.isoformat()})


def _is_vouched_for(beacon: Mapping[str, Any]) -> bool:
    """Return whether somebody outside vouches for a beacon; one witness alone is as good as none, as for draws."""
    read = read_terms(beacon)
    return is_known(beacon) and not (isinstance(read, WitnessesTerms) and len(read.of) == 1)


def _differences(told: Entry, closed: Entry) -> Iterator[str]:
    """Yield in what a closing statement departs from its announcement."""
    yield from (key for key in _REPEATED if closed.body[key] != told.body[key])
    begin, closes, at = (
        datetime.fromisoformat(text) for text in (told.body["at"], told.body["closes_at"], closed.body["closed_at"])
    )
    terms, comes = read_terms(told.body["beacon"]), earliest(told.body["beacon"])
    if not begin < closes <= at or (comes is not None and at >= comes):
        yield "closed_at"
    if isinstance(terms, DrandTerms) and terms.round != round_after(closes, genesis=terms.genesis, period=terms.period):
        yield "round"


def _faults(closed: Entry, done: Entry) -> Iterator[str]:
    """Yield in what a result departs from what was fixed."""
    if done.body["statement"] != closed.sha256:
        yield "statement_hash"
    yield from value_faults(closed, done)
    if sha256(bytes.fromhex(done.body["seed"])).hexdigest() != closed.body["seed_commitment"]:
        yield "seed"
    if done.body["moved"] > closed.body["holders"]:
        yield "moved"
