"""What the log's entries about a draw may say, beside their shape: no fact contradicts another."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.facts import LONGEST_HORIZON
from booking.scheduling.draws.format2.names import ANNOUNCEMENT, RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError, content_of, day, instant, shown
from booking.scheduling.draws.leaf import MOST_UNITS
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, Terms, audit_round, read_terms
from booking.transparency.beacons.values import round_after, value_of
from booking.transparency.log.entries import read_entry

ANNOUNCED: Final = (
    *("reference", "opens_at", "closes_at", "horizon_first", "horizon_last"),
    *("confirm_seconds", "seed_commitment", "beacon"),
)
"""What a statement repeats of its announcement."""
_TYPES: Final[Mapping[str, str]] = {ANNOUNCEMENT: "announcement", STATEMENT: "statement", RESULT: "result"}


def read_facts(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Read announcement.json, statement.json or result.json: the entry in one line.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, or says what such an entry cannot say.
    """
    content = content_of(files, name)
    try:
        if not content.endswith(b"\n"):
            raise ValueError("it does not end in a line feed")  # noqa: TRY301 - one way out
        entry = read_entry(content[:-1])
        if entry["type"] != _TYPES[name]:
            raise ValueError(f"type is {shown(entry['type'])}, expected {_TYPES[name]}")  # noqa: TRY301 - the same
        check_facts(entry)
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    return entry


def checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry that is about to be logged; raises ValueError where verifiers would refuse it."""
    read = read_entry(canonical(dict(entry)))
    check_facts(read)
    return read


def check_facts(entry: Mapping[str, Any]) -> None:
    """Refuse what an announcement, a statement or a result of the right shape cannot say.

    Raises
    ------
    ValueError
        Two facts contradict each other, or the beacon is none, or of another round than the one that is due.
    """
    _CHECKS[entry["type"]](entry)


def terms_of(entry: Mapping[str, Any]) -> Terms:
    """Read the beacon of an announcement or a statement; ValueError."""
    try:
        return read_terms(entry["beacon"])
    except BeaconError as error:
        raise ValueError(f"beacon: {error}") from error


def audit_of(statement: Mapping[str, Any], at: str) -> dict[str, int] | None:
    """Return what a result at an instant must say of its audit."""
    return audit_round(statement["beacon"], instant(at))


def _check_announcement(entry: Mapping[str, Any]) -> None:
    _check_times(entry)
    if instant(entry["at"]) >= instant(entry["closes_at"]):
        raise ValueError("it is announced when asking has ended already")


def _check_result(entry: Mapping[str, Any]) -> None:
    if entry["beacon"]["value"] != value_of(bytes.fromhex(entry["beacon"]["signature"])).hex():
        raise ValueError("the value is not the SHA-256 of the beacon's signature")


def _check_times(entry: Mapping[str, Any]) -> None:
    opens, closes = instant(entry["opens_at"]), instant(entry["closes_at"])
    first, last = day(entry["horizon_first"]), day(entry["horizon_last"])
    if not opens < closes or not closes.date() <= first <= last or last - first > LONGEST_HORIZON:
        raise ValueError("its times and days do not follow each other")
    _check_round(entry, closes)


def _check_round(entry: Mapping[str, Any], closes: datetime) -> None:
    terms = terms_of(entry)
    if isinstance(terms, DrandTerms):
        due = round_after(closes, genesis=terms.genesis, period=terms.period)
        if terms.round != due:
            raise ValueError(f"round {terms.round} of the beacon is not the one that is due after the closing, {due}")


def _check_statement(entry: Mapping[str, Any]) -> None:
    _check_times(entry)
    if instant(entry["closed_at"]) < instant(entry["closes_at"]):
        raise ValueError("it is closed before asking ends")
    if entry["announcement"]["index"] >= entry["receipts"]["size"]:
        raise ValueError("the announcement is not among the entries that were in the log at the closing")
    wrong = [units for units in entry["compensation"] if int(units) > MOST_UNITS]
    if wrong:
        raise ValueError(f"compensation is for {wrong[0]} units")


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "announcement": _check_announcement,
    "statement": _check_statement,
    "result": _check_result,
}
