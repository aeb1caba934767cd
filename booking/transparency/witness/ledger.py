"""What the entries of a log say together, and where they contradict each other: read in their order, one at a time."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import read_terms
from booking.transparency.beacons.values import QUICKNET_CHAIN, QUICKNET_GENESIS, QUICKNET_KEY, QUICKNET_PERIOD
from booking.transparency.log.entries import read_entry
from booking.transparency.log.notes import NoteError
from booking.transparency.witness.draw_record import Entry, Record
from booking.transparency.witness.findings import Finding, Values
from booking.transparency.witness.looks import Looks
from booking.transparency.witness.nights import PREFIX, Nights
from booking.transparency.witness.statements import closing_contradicts, given_up_knowing, result_contradicts

CLOCKS: Final = timedelta(minutes=5)
"""By how much the log's clock and the witness's may differ."""
QUICKNET: Final = {
    "chain": QUICKNET_CHAIN,
    "key": QUICKNET_KEY,
    "genesis": QUICKNET_GENESIS,
    "period": QUICKNET_PERIOD,
}
LATE_CLOSING: Final = timedelta(hours=1)
LATE_DRAW: Final = timedelta(days=1)
SAMPLED: Final = timedelta(days=7)
"""After a result: so long parts of the value for its sample are brought; as long does the office ask for them."""
ABOUT_A_DRAW: Final = frozenset({"announcement", "statement", "beacon", "result", "abandoned"})


class Ledger:
    """All draws, nights of the exchange, versions and heads of the audit log that the log told of.

    Parameters
    ----------
    origin
        The log's name.
    looks
        When the witness saw what.
    root_at
        The root over the first entries.
    """

    def __init__(self, origin: str, looks: Looks, root_at: Callable[[int], bytes]) -> None:
        self.draws: dict[str, Record] = {}
        self._nights = Nights(origin, looks)
        self._origin, self._looks, self._root_at = origin, looks, root_at
        self._versions: dict[tuple[str, int], tuple[int, str]] = {}
        self._replaced: dict[tuple[str, str], int] = {}
        self._audit: tuple[int, str] | None = None

    def read(self, index: int, content: bytes) -> Iterator[Finding]:
        """Read the next entry; yield what contradicts the earlier ones, with both as evidence."""
        try:
            body = read_entry(content)
        except NoteError as error:
            words = {f"entry-{index}.json": content, "why.txt": f"{error}\n".encode()}
            yield Finding("unreadable", {"origin": self._origin, "index": index}, words)
            return
        entry = Entry(index, content, body)
        yield from self._clock(entry)
        if (read := _READERS.get(body["type"])) is not None:
            yield from read(self, entry)
        elif body["type"].startswith(PREFIX):
            yield from self._nights.read(entry)
        elif body["type"] in ABOUT_A_DRAW:
            record = self.draws.setdefault(body["reference"], Record(body["reference"]))
            for finding in self._draw(record, entry):
                record.wrong = True
                yield finding
            yield from _notices(record, entry)
            if record.announcement is entry:
                yield from self._competing(record, entry)

    def record_at(self, index: int) -> Record | None:
        """Return the draw, or the night, that an entry is about; None where it is about none."""
        records = (*self.draws.values(), *self._nights.records)
        return next((one for one in records if any(entry.index == index for entry in one.entries)), None)

    def waiting(self, now: datetime) -> list[tuple[Record, Entry]]:
        """Return the draws and nights that may wait for a random value, each with its statement or its result.

        A statement waits until its value is in the log. The value for the sample of a result never comes there, so a
        result counts for some days.
        """
        found = self._nights.waiting()
        for record in self.draws.values():
            drawn = record.result
            if drawn is not None and now - SAMPLED < datetime.fromisoformat(drawn.body["at"]):
                found.append((record, drawn))
            elif record.statement is not None and record.beacon is None and drawn is None:
                found.append((record, record.statement))
        return found

    def overdue(self, now: datetime) -> Iterator[Finding]:
        """Yield the draws and nights that should have gone on by now.

        What is added is added to the witness's own time: a log may name the last second of the calendar.
        """
        yield from self._nights.overdue(now)
        for reference, record in self.draws.items():
            if (told := record.announcement) is None or record.result or record.abandoned:
                continue
            if (closed := record.statement) is None:
                if now - LATE_CLOSING >= (closes := datetime.fromisoformat(told.body["closes_at"])):
                    yield Finding("unclosed", {"draw": reference, "closes": closes.isoformat()}, told.file)
            elif now - LATE_DRAW >= (at := datetime.fromisoformat(closed.body["closed_at"])):
                yield Finding("undrawn", {"draw": reference, "closed": at.isoformat()}, told.file | closed.file)

    def _draw(self, record: Record, entry: Entry) -> Iterator[Finding]:
        reference = record.reference
        kind: str = entry.body["type"]
        values: Values
        if (first := record.of(kind)) is not None:
            what = "abandonment" if kind == "abandoned" else kind
            values = {"draw": reference, "what": what, "first": first.index, "index": entry.index}
            yield Finding("second", values, first.file | entry.file)
            return
        if record.abandoned is not None:
            values = {"draw": reference, "first": record.abandoned.index, "index": entry.index}
            yield Finding("after_abandoned", values, record.abandoned.file | entry.file)
        try:
            read_terms(entry.body.get("beacon", {})) if kind in {"announcement", "statement"} else None
        except BeaconError as error:
            evidence = entry.file | {"why.txt": f"{error}\n".encode()}
            yield Finding("no_beacon", {"draw": reference, "index": entry.index}, evidence)
            return
        record.keep(entry)
        if kind != "announcement" and record.announcement is None:
            yield Finding("missing", {"draw": reference, "index": entry.index, "what": "announcement"}, entry.file)
        elif kind in {"beacon", "result"} and record.statement is None:
            yield Finding("missing", {"draw": reference, "index": entry.index, "what": "statement"}, entry.file)
        elif kind == "statement":
            yield from closing_contradicts(record, self._looks, self._root_at)
            yield from self._unlogged(reference, entry)
        elif kind == "result":
            yield from result_contradicts(record)
        elif kind == "abandoned" and given_up_knowing(record, entry, self._looks):
            values = {"draw": reference, "reason": entry.body["reason"]}
            yield Finding("given_up_knowing", values, entry.file | (record.statement.file if record.statement else {}))

    def _unlogged(self, reference: str, entry: Entry) -> Iterator[Finding]:
        """Yield the versions of a closing statement that the log did not have before, or with another content."""
        for kind in ("quota", "rules", "model"):
            named = entry.body.get(kind)
            if named is None or named["version"] is None:
                continue
            known = self._versions.get((kind, named["version"]))
            if known is None or known[1] != named["sha256"]:
                values: Values = {"draw": reference, "index": entry.index, "what": kind, "version": named["version"]}
                yield Finding("version_unlogged", values, entry.file)

    def _competing(self, record: Record, entry: Entry) -> Iterator[Finding]:
        """Yield the undecided draws that ask for the same days at the same time, or replace the same draw."""
        for other in self.draws.values():
            theirs = other.announcement
            if theirs is None or other is record or other.abandoned is not None or other.result is not None:
                continue
            if _overlap(theirs.body, entry.body) or _of(theirs.body) == _of(entry.body) != "":
                values: Values = {"draw": record.reference, "other": other.reference, "index": entry.index}
                yield Finding("competing", values, theirs.file | entry.file)

    def _clock(self, entry: Entry) -> Iterator[Finding]:
        """Yield that an entry says a time that the witness knows to be wrong.

        A closing took its time before all was read that it counts on, and may come late; it is never closed before.
        """
        grown, said = self._looks.of(entry.index), entry.body.get("at", entry.body.get("closed_at"))
        if grown is None or said is None:
            return
        at = datetime.fromisoformat(said)
        values: Values = {"origin": self._origin, "index": entry.index, "at": said}
        if at > grown.seen + CLOCKS:
            yield Finding("clock_ahead", values, entry.file, {"seen": grown.seen.isoformat()})
        elif "at" in entry.body and at < grown.since - CLOCKS:
            yield Finding("clock_behind", values, entry.file, {"seen": grown.since.isoformat()})

    def _version(self, entry: Entry) -> Iterator[Finding]:
        kind, version, digest = entry.body["kind"], entry.body["version"], entry.body["sha256"]
        first, known = self._versions.setdefault((kind, version), (entry.index, digest))
        if known != digest:
            values: Values = {"version": version, "what": kind, "first": first, "index": entry.index}
            yield Finding("version_changed", values, entry.file)

    def _replacement(self, entry: Entry) -> Iterator[Finding]:
        """Yield that a receipt is replaced a second time, or takes the place of a second one."""
        for name in ("receipt", "by"):
            first = self._replaced.setdefault((name, entry.body[name]), entry.index)
            if first != entry.index:
                values: Values = {"receipt": entry.body[name], "first": first, "index": entry.index}
                yield Finding("replaced_twice", values, entry.file)

    def _head(self, entry: Entry) -> Iterator[Finding]:
        entries, digest = entry.body["entries"], entry.body["hash"]
        before = self._audit
        if before is not None and entries < before[0]:
            yield Finding("audit_back", {"before": before[0], "now": entries, "index": entry.index}, entry.file)
            return
        if before is not None and entries == before[0] and digest != before[1]:
            yield Finding("audit_changed", {"entries": entries, "index": entry.index}, entry.file)
        self._audit = (entries, digest)


_READERS: Final[Mapping[str, Callable[[Ledger, Entry], Iterator[Finding]]]] = {
    "version": Ledger._version,  # noqa: SLF001 - its own
    "replaced": Ledger._replacement,  # noqa: SLF001 - its own
    "audit": Ledger._head,  # noqa: SLF001 - its own
}


def _notices(record: Record, entry: Entry) -> Iterator[Finding]:
    body = entry.body
    if body["type"] == "abandoned":
        yield Finding("abandoned", {"draw": record.reference, "reason": body["reason"]}, entry.file)
    if body["type"] == "announcement":
        if (again := body["again"]) is not None:
            values = {"draw": record.reference, "of": again["of"], "reason": again["reason"]}
            yield Finding("again", values, entry.file)
        if body["beacon"]["kind"] == "witnesses" and len(body["beacon"]["of"]) == 1:
            yield Finding("alone", {"draw": record.reference}, entry.file)
        if body["beacon"]["kind"] == "drand" and not QUICKNET.items() <= body["beacon"].items():
            yield Finding("other_drand", {"draw": record.reference}, entry.file)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two announcements share a moment of asking and a day; as spelled, text has the order of time."""
    asking: bool = one["opens_at"] < other["closes_at"] and other["opens_at"] < one["closes_at"]
    days: bool = one["horizon_first"] <= other["horizon_last"] and other["horizon_first"] <= one["horizon_last"]
    return asking and days


def _of(announced: Mapping[str, Any]) -> str:
    """Return which draw an announced one replaces; "" where it replaces none."""
    return announced["again"]["of"] if announced["again"] else ""


def what_is(content: bytes) -> str:
    """Return the kind of an entry as ``what`` of the words; for entries that cannot be read, too."""
    try:
        body: dict[str, Any] = read_entry(content)
    except NoteError:
        return "nothing"
    return {"audit": "audit_head", "abandoned": "abandonment"}.get(body["type"], str(body["type"]))
