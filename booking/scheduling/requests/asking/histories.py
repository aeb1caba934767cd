"""What is known, strictly before a request, about device, network, phone, account, people: one trip for many.

The statement is compiled from the declarations in `fraud.past.windows`, which training and replay compute with
numpy. Each subject's latest entries are read once, by index and at most `MOST` of them, and all windows are counted
from those.
"""

# ruff: noqa: S608 - the statement is made of our own declarations; every value is bound

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.platform.models.requests.appointment import drawn, kind_as_of
from booking.platform.models.requests.request import ASKED_FOR
from fraud.past.windows import MOST, OUTCOMES, REBOOK_WITHIN, WINDOWS, Subject, Window

_REQUEST_COLUMNS: Final[dict[Subject, str]] = {
    "device": "device_hash",
    "network": "network_hash",
    "phone": "phone_hash",
    "account": "account_id",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The counts of every window, by name, and what they were counted from: all before ``at`` that ``snapshot`` shows.

    ``snapshot`` is PostgreSQL's pg_snapshot (xmin:xmax:xip,…): a request that was still being written by another
    transaction is not in these counts, though its instant may be earlier. A replay needs both to count the same.
    """

    counts: dict[str, int]
    at: datetime
    snapshot: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose history is counted; hashes are as stored, and what is unknown (empty) has no history.

    ``phones`` are the one that the account has and those that it had: what was done with any of them counts as one's.
    """

    account: UUID
    device: bytes
    network: bytes
    phones: Collection[bytes]
    people: Collection[UUID]


def histories(session: Session, attempts: Sequence[Attempt], now: datetime) -> list[Seen]:
    """Count the history of each attempt, all of them by one statement; none sees another one."""
    session.execute(_PLAN_ONCE, {})
    rows = session.execute(
        _STATEMENT,
        {
            "accounts": [one.account for one in attempts],
            "devices": [one.device for one in attempts],
            "networks": [one.network for one in attempts],
            "phones": [_array(rf"\\x{phone.hex()}" for phone in {*one.phones} - {b""}) for one in attempts],
            "people": [_array(map(str, one.people)) for one in attempts],
            "now": now,
            **{_since(over): now - over for over in _OVERS},
        },
    )
    seen = []
    for row in rows:
        counts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for the row as a mapping
        del counts["plans"]
        seen.append(Seen(snapshot=counts.pop("snapshot"), counts=counts, at=now))
    return seen


def _array(values: Iterable[str]) -> str:
    """Write an array as PostgreSQL's text: arrays of different lengths do not fit into one parameter."""
    return f"{{{','.join(values)}}}"


def _since(over: timedelta) -> str:
    return f"since_{int(over.total_seconds())}"


def _requests_of(subject: Subject, over: timedelta) -> str:
    """Return a subject's latest requests; the person's are those of each person.

    OFFSET 0 keeps the lookups of these one by one, by key. A plan that is kept for all windows takes each for short,
    and would read every request of the window, of whomever, to find those of one person.
    """
    window = f"r.created_at >= :{_since(over)} AND r.created_at < :now"
    latest = f"ORDER BY r.created_at DESC, r.id DESC LIMIT {MOST}"
    if subject == "person":
        return f"""
            SELECT person.id AS person_id, entry.*
            FROM unnest(ask.people) AS person (id) CROSS JOIN LATERAL (
                SELECT r.* FROM {ASKED_FOR} AS m CROSS JOIN LATERAL (
                    SELECT id, account_id, created_at FROM request WHERE id = m.request_id OFFSET 0) AS r
                WHERE m.person_id = person.id AND {window} {latest}) AS entry"""
    columns = "r.id, r.account_id, r.reschedules, r.created_at"
    entries = f"SELECT {columns} FROM request r WHERE r.{{}} AND {window} {latest}"
    return _of_each(subject, entries, latest="created_at DESC, id DESC")


def _ends_of(subject: Subject, over: timedelta) -> str:
    """Return how a subject's latest appointments ended; the person's are those of each person, read one by one.

    Who had left the request, was taken out of it, or was only claimed, had no place to hand back. Where it was moved,
    that is the request which waited instead.
    """
    if subject == "person":
        return f"""
            SELECT person.id AS person_id, entry.* FROM unnest(ask.people) AS person (id) CROSS JOIN LATERAL (
                SELECT o.kind, o.at, {drawn("a")} AS drawn FROM request_member AS m
                CROSS JOIN LATERAL (
                    SELECT id, request_id, draw_id, urgent_request_id FROM appointment
                    WHERE request_id = m.request_id OFFSET 0) AS a
                CROSS JOIN LATERAL (SELECT * FROM outcome WHERE appointment_id = a.id OFFSET 0) AS o
                WHERE m.person_id = person.id AND o.at >= :{_since(over)} AND o.at < :now
                    AND CASE WHEN o.request_id = m.request_id THEN m.proven ELSE EXISTS (
                        SELECT FROM request_member AS waited WHERE waited.request_id = o.request_id
                            AND waited.person_id = m.person_id AND waited.proven OFFSET 0) END
                ORDER BY o.at DESC, o.request_id DESC LIMIT {MOST}) AS entry"""
    entries = f"""
        SELECT {kind_as_of("o", ":now")} AS kind, o.at, o.request_id FROM outcome o
        WHERE o.{{}} AND o.at >= :{_since(over)} AND o.at < :now ORDER BY o.at DESC, o.request_id DESC LIMIT {MOST}"""
    return _of_each(subject, entries, latest="at DESC, request_id DESC")


def _of_each(subject: Subject, entries: str, *, latest: str) -> str:
    """Return the entries of a subject; of several phones the latest of all, each phone's being read by its index."""
    column = _REQUEST_COLUMNS[subject]
    if subject == "phone":
        of_one = entries.format(f"{column} = own.phone")
        return f"""
            SELECT entry.* FROM unnest(ask.phones) AS own (phone) CROSS JOIN LATERAL ({of_one}) AS entry
            ORDER BY {", ".join(f"entry.{one}" for one in latest.split(", "))} LIMIT {MOST}"""
    known = "" if subject == "account" else f" AND ask.{subject} <> ''::bytea"
    return entries.format(f"{column} = ask.{subject}{known}")


_ASKS: Final = """(
    SELECT account, device, network, CAST(phones AS bytea[]) AS phones, CAST(people AS uuid[]) AS people, place
    FROM unnest(CAST(:accounts AS uuid[]), CAST(:devices AS bytea[]), CAST(:networks AS bytea[]),
        CAST(:phones AS text[]), CAST(:people AS text[]))
        WITH ORDINALITY AS sent (account, device, network, phones, people, place)) AS ask"""

_OWN: Final = f"ARRAY(SELECT person_id FROM {ASKED_FOR} AS each WHERE request_id = entry.id)"


def _cancelled_before(of: Subject, within: timedelta) -> str:
    """Begin to look for what a subject cancelled so long before a request."""
    before = f"entry.created_at - interval '{int(within.total_seconds())} seconds'"
    return f"EXISTS (SELECT FROM {of}_cancelled AS c WHERE c.at < entry.created_at AND c.at >= {before} AND"


_REBOOKED: Final = f"""
    entry.reschedules = 0 AND {_cancelled_before("account", REBOOK_WITHIN)} NOT c.people && {_OWN} OFFSET 0)"""


def _cancelled(window: Window) -> str:
    """Return what a subject cancelled in the window and in as long before, and whose it was, each read once.

    Who cancels and asks hundreds of times for the same people has hundreds of these for each of hundreds of requests.
    """
    return f"""
        SELECT o.at, ARRAY(SELECT person_id FROM {ASKED_FOR} AS each WHERE request_id = o.request_id) AS people
        FROM outcome o WHERE o.{_REQUEST_COLUMNS[window.of]} = {_of_ask(window)} AND o.kind = 'cancelled'
            AND o.at < :now AND o.at >= CAST(:{_since(2 * window.over)} AS timestamptz)"""


def _of_ask(window: Window) -> str:
    return "ANY(ask.phones)" if window.of == "phone" else f"ask.{window.of}"


def _given_up(window: Window) -> str:
    """Return when a subject gave appointments up: it cancelled them, and did not move them by a request of then."""
    return f"""
        SELECT entry.at FROM {window.of}_ends AS entry
        WHERE entry.at >= :{_since(window.over)} AND entry.kind = 'cancelled'
            AND NOT EXISTS (SELECT FROM request AS again WHERE again.{_REQUEST_COLUMNS[window.of]} = {_of_ask(window)}
                AND again.created_at = entry.at AND again.reschedules > 0 OFFSET 0)"""


def _moves(window: Window) -> str:
    """Return when somebody asked for a person again, only to move an appointment, in whosever account that is by now.

    The version before kept the ends of appointments that were moved. Most handed nothing back, and nothing is read for
    them.
    """
    return f"""
        SELECT person.id AS person_id, r.created_at AS at FROM unnest(ask.people) AS person (id)
        CROSS JOIN LATERAL (
            SELECT request_id FROM {ASKED_FOR} AS each WHERE person_id = person.id OFFSET 0) AS m
        CROSS JOIN LATERAL (
            SELECT created_at, reschedules FROM request WHERE id = m.request_id OFFSET 0) AS r
        WHERE EXISTS (SELECT FROM person_ends)
            AND r.reschedules > 0 AND r.created_at >= :{_since(window.over)} AND r.created_at < :now"""


def _newcomers(window: Window) -> str:
    """Return when a subject asked for newcomers after the first appointment that it gave up in the window.

    Most gave none up, and nothing is read for them.
    """
    return f"""
        SELECT entry.created_at FROM {window.of}_requests AS entry
        WHERE entry.created_at >= :{_since(window.over)} AND entry.reschedules = 0
            AND entry.created_at > (SELECT min(at) FROM {window.of}_given_up)
            AND NOT {_cancelled_before(window.of, window.over)} c.people && {_OWN} OFFSET 0)"""


def _passed_on(window: Window) -> str:
    newcomers = f"{window.of}_newcomers"
    return f"""LEAST((SELECT count(*) FROM {newcomers}), (SELECT count(*) FROM {window.of}_given_up
        WHERE at < (SELECT max(created_at) FROM {newcomers})))"""


def _of_kinds(window: Window) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in sorted(OUTCOMES[window.counts]))
    return f"entry.kind IN ({kinds})"


def _count(window: Window) -> str:
    """Count one window in the entries of its subject."""
    source = f"{window.of}_{'ends' if window.counts in OUTCOMES else 'requests'}"
    instant = "at" if window.counts in OUTCOMES else "created_at"
    inside = f"FROM {source} AS entry WHERE entry.{instant} >= :{_since(window.over)}"
    if window.counts == "handed_back":
        inside += f""" AND {_of_kinds(window)} AND entry.drawn AND NOT (
            entry.kind = 'cancelled' AND (entry.person_id, entry.at) IN (SELECT person_id, at FROM person_moves))"""
    if window.of == "person":
        return f"(SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n {inside} GROUP BY entry.person_id) AS each)"
    if window.counts in OUTCOMES:
        return f"(SELECT count(*) {inside} AND {_of_kinds(window)})"
    if window.counts == "people":
        # OFFSET 0 keeps the lookups one by one, by key: a join would be planned as a scan of all people.
        members = f"(SELECT person_id FROM {ASKED_FOR} AS each WHERE request_id = entry.id OFFSET 0) AS m"
        joined = inside.replace("AS entry", f"AS entry CROSS JOIN LATERAL {members}")
        return f"(SELECT count(DISTINCT m.person_id) {joined})"
    if window.counts == "accounts":
        return f"(SELECT count(DISTINCT entry.account_id) {inside})"
    if window.counts == "passed_on":
        return _passed_on(window)
    return f"(SELECT count(*) {inside}{f' AND {_REBOOKED}' if window.counts == 'rebooked' else ''})"


def _statement() -> str:
    """Compile all windows to one statement that begins with SELECT, as `base.db` likes those that only read."""
    reads = []
    for subject in dict.fromkeys(window.of for window in WINDOWS):
        for ends in (False, True):
            overs = [w.over for w in WINDOWS if w.of == subject and (w.counts in OUTCOMES) == ends]
            if overs:
                name, read = (f"{subject}_ends", _ends_of) if ends else (f"{subject}_requests", _requests_of)
                reads.append(f"{name} AS MATERIALIZED ({read(subject, max(overs))})")
    for window in WINDOWS:
        if window.counts == "passed_on":
            reads.append(f"{window.of}_cancelled AS MATERIALIZED ({_cancelled(window)})")
            reads.append(f"{window.of}_given_up AS MATERIALIZED ({_given_up(window)})")
            reads.append(f"{window.of}_newcomers AS MATERIALIZED ({_newcomers(window)})")
        if window.counts == "handed_back":
            reads.append(f"person_moves AS MATERIALIZED ({_moves(window)})")
    counts = ",\n".join(f"{_count(window)} AS {window.name}" for window in WINDOWS)
    snapshot = "CAST(pg_current_snapshot() AS text) AS snapshot"
    each = f"(WITH {', '.join(reads)}\nSELECT {snapshot},\n{counts}) AS seen"
    as_before = "set_config('plan_cache_mode', 'auto', true) AS plans"
    return f"SELECT seen.*, {as_before} FROM {_ASKS} CROSS JOIN LATERAL {each} ORDER BY ask.place"


_PLAN_ONCE: Final = text("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")
"""To plan all windows costs four times as much as to count them, and values change nothing: each lookup is by an index.
The statement itself sets it back, as others may need another plan for each value."""
_OVERS: Final = frozenset(window.over for window in WINDOWS) | {
    2 * window.over for window in WINDOWS if window.counts == "passed_on"
}
_STATEMENT: Final = text(_statement())
