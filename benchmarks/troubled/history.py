"""What each client tried and what it was told, a line each, and how that is compared with what is kept in the end.

A client writes down what it is about to do before the first byte leaves, and what it was told once a whole answer is
there. Whatever was told has to be kept; what was only tried may be kept or not; nothing else may be there, and nothing
twice.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

AFTER: Final[Mapping[str, frozenset[str]]] = {
    "hold": frozenset({"offered", "lapsed"}),
    "confirm": frozenset({"confirmed", "no_show"}),
    "check_in": frozenset({"checked_in", "unserved"}),
    "serve": frozenset({"served"}),
    "cancel": frozenset({"cancelled"}),
}
"""The states in which each step on an appointment leaves it, and those to which time alone moves it from there."""
STEPS: Final = tuple(AFTER)
ON_RECORD: Final = {"check_in": "appointment.checked_in", "approve": "urgent.approval"}
"""Entries of the audit log, of which there is one for each such step."""

_LIVE_TWICE: Final = """
    SELECT r.reference FROM appointment a JOIN request r ON r.id = a.request_id
    WHERE a.state IN ('offered', 'confirmed', 'checked_in') GROUP BY r.reference HAVING count(*) > 1
"""
_PLACES: Final = """
    SELECT slot_id, pool, p.places, p.taken, coalesce(held.places, 0) AS held FROM slot_pool p FULL JOIN (
        SELECT slot_id, pool, sum(places) AS places FROM (
            SELECT t.slot_id, t.pool, t.places FROM appointment_places t JOIN appointment a ON a.id = t.appointment_id
            WHERE a.state NOT IN ('lapsed', 'cancelled')
            UNION ALL SELECT slot_id, 'walk_in', places FROM walk_in WHERE state <> 'gone'
        ) one GROUP BY slot_id, pool
    ) held USING (slot_id, pool)
    WHERE p.taken IS DISTINCT FROM coalesce(held.places, 0) OR held.places > p.places
"""
_CASES: Final = """
    SELECT c.reference, c.state, (SELECT count(*) FROM issued_result i WHERE i.case_id = c.id),
        (SELECT count(*) FROM payment p WHERE p.case_id = c.id AND p.state = 'paid') FROM online_case c
"""
_URGENT: Final = """
    SELECT u.reference, u.state, (SELECT count(*) FROM appointment a WHERE a.urgent_request_id = u.id)
    FROM urgent_request u
"""


class Entry(NamedTuple):
    """One line: ``phase`` is "tried" or "told", ``subject`` what it is about: a key, or a reference."""

    phase: str
    kind: str
    subject: str
    facts: dict[str, Any]


class History:
    """What clients did, in memory and in a file that survives them."""

    def __init__(self, path: Path) -> None:
        self.entries: list[Entry] = []
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def tried(self, kind: str, subject: str, **facts: Any) -> None:
        """Write down what is about to be asked for; the same thing tried again is another line."""
        self._write(Entry("tried", kind, subject, facts))

    def told(self, kind: str, subject: str, **facts: Any) -> None:
        """Write down what a whole answer said."""
        self._write(Entry("told", kind, subject, facts))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._file.write(json.dumps(entry) + "\n")


def read_history(path: Path) -> list[Entry]:
    """Read a file of a history; the last line may have been cut off with its client."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [Entry(*json.loads(line)) for line in lines if line.endswith("\n")]


def faults(entries: Iterable[Entry], dsn: str) -> list[str]:
    """Compare what clients were told with a database, as `faults_in` does; ``dsn`` is the superuser's."""
    with psycopg.connect(dsn) as connection:
        return faults_in(entries, connection)


def faults_in(entries: Iterable[Entry], connection: psycopg.Connection) -> list[str]:
    """Compare what clients were told with a database at rest; return what does not fit, nothing where all does.

    Whatever anybody tried until then has to be among the entries: what is kept of others would count as made up.
    """
    entries, kept = list(entries), _Kept(connection)
    return [
        *_twice_by_key(entries),
        *_requests(entries, kept),
        *_appointments(entries, kept),
        *_on_record(entries, kept),
        *_urgent(entries, kept),
        *_paid(entries, kept),
        *_places(kept),
    ]


class _Kept:
    """What a database holds, as far as clients know of it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        owners = "SELECT reference, state, account_id::text FROM request"
        self.requests = {reference: (state, account) for reference, state, account in self.rows(owners)}
        self.appointments = dict(self.rows("SELECT reference, state FROM appointment"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()


def _twice_by_key(entries: Iterable[Entry]) -> Iterator[str]:
    """Find keys that were answered with two things."""
    answers = defaultdict[tuple[str, str], set[str]](set)
    for one in entries:
        if one.phase == "told" and "reference" in one.facts:
            answers[one.kind, one.subject].add(one.facts["reference"])
    for (kind, key), found in answers.items():
        if len(found) > 1:
            yield f"twice: {kind} with the key {key} was answered with {', '.join(sorted(found))}"


def _requests(entries: Iterable[Entry], kept: _Kept) -> Iterator[str]:
    """Find requests that are lost, were made twice for one key, or that nobody asked for."""
    keys, withdrawing = Counter[str](), set()
    seen = set[tuple[str, str]]()
    for one in entries:
        if one.kind in {"ask", "hold"} and one.phase == "tried" and (one.kind, one.subject) not in seen:
            seen.add((one.kind, one.subject))
            keys[one.facts["account"]] += 1
        if one.kind == "ask" and one.phase == "told" and one.facts["reference"] not in kept.requests:
            yield f"lost: request {one.facts['reference']} was acknowledged"
        if one.kind == "withdraw":
            withdrawing.add(one.subject)
            state = kept.requests.get(one.subject, ("gone", ""))[0]
            if one.phase == "told" and state != "withdrawn":
                yield f"lost: request {one.subject} was withdrawn, and is {state}"
    for account, count in Counter(account for _, account in kept.requests.values()).items():
        if count > keys[account]:
            yield f"twice: account {account} has {count} requests, and asked with {keys[account]} keys"
    for (reference,) in kept.rows(_LIVE_TWICE):
        yield f"twice: request {reference} has two live appointments"


def _appointments(entries: Iterable[Entry], kept: _Kept) -> Iterator[str]:
    """Find appointments that are lost, or in a state that is not where their steps lead."""
    tried, told = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for one in entries:
        if one.kind not in AFTER:
            continue
        if one.kind == "hold":
            if one.phase == "told":
                told[one.facts["reference"]].add("hold")
        else:
            (tried if one.phase == "tried" else told)[one.subject].add(one.kind)
    for reference in sorted({*tried, *told}):
        state = kept.appointments.get(reference)
        if state is None:
            yield f"lost: appointment {reference} ({', '.join(sorted(told[reference]))}) was acknowledged"
            continue
        last = max((STEPS.index(one) for one in told[reference]), default=-1)
        possible = set(STEPS[last : last + 1]) | {one for one in tried[reference] if STEPS.index(one) > last}
        right = frozenset().union(*(AFTER[one] for one in possible))
        if last >= 0 and state not in right:
            yield f"lost: appointment {reference} was told {STEPS[last]}, and is {state}"


def _on_record(entries: Iterable[Entry], kept: _Kept) -> Iterator[str]:
    """Find steps of staff that the audit log does not have, or has twice."""
    count = {(action, subject): n for action, subject, n in kept.rows(
        "SELECT action, subject, count(*) FROM audit_entry GROUP BY action, subject"
    )}  # fmt: skip
    told = {(one.kind, one.subject): one.phase for one in entries if one.kind in ON_RECORD and one.phase == "told"}
    for kind, subject in told:
        if (found := count.get((ON_RECORD[kind], subject), 0)) != 1:
            yield f"{'twice' if found else 'lost'}: {kind} of {subject} is {found} times in the audit log"


def _urgent(entries: Iterable[Entry], kept: _Kept) -> Iterator[str]:
    """Find urgent cases that are lost, and approvals without their one appointment."""
    cases = {reference: (state, appointments) for reference, state, appointments in kept.rows(_URGENT)}
    for one in entries:
        if one.phase != "told" or one.kind not in {"urgent", "approve"}:
            continue
        state, appointments = cases.get(one.subject, ("gone", 0))
        if state == "gone":
            yield f"lost: urgent case {one.subject} was acknowledged"
        elif one.kind == "approve" and (state != "approved" or appointments != 1):
            yield f"lost: urgent case {one.subject} was approved, is {state} and has {appointments} appointments"


def _paid(entries: Iterable[Entry], kept: _Kept) -> Iterator[str]:
    """Find cases that are lost, payments that were not taken once, and results that were not issued once."""
    cases = {reference: rest for reference, *rest in kept.rows(_CASES)}
    for reference in {one.subject for one in entries if one.kind == "begin" and one.phase == "told"} - cases.keys():
        yield f"lost: case {reference} was acknowledged"
    for reference in {one.subject for one in entries if one.kind == "pay" and one.phase == "told"} & cases.keys():
        state, results, payments = cases[reference]
        if (state, results, payments) != ("issued", 1, 1):
            yield f"case {reference} was paid for, is {state}, has {payments} payments and {results} results"
    for reference, (state, results, payments) in cases.items():
        if max(results, payments) > 1:
            yield f"twice: case {reference} is {state} and has {payments} payments and {results} results"


def _places(kept: _Kept) -> Iterator[str]:
    """Find pools of which more is held than there is, or that count other places than are held."""
    for slot, pool, places, taken, held in kept.rows(_PLACES):
        word = "oversold" if places is None or held > places else "unbalanced"
        yield f"{word}: of slot {slot}, {pool}, {places} places are there, {taken} are taken, {held} are held"
