"""What stands in the log: each entry is exact JSON of a type, with exactly the keys of that type."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from booking.platform.base.exact_json import canonical, read_canonical
from booking.transparency.log.notes import NoteError
from booking.transparency.log.spelling import (
    BEACON,
    CODE,
    DAY,
    HASH,
    INSTANT,
    LOG_KEY,
    SIGNATURE,
    WITNESSES,
    WORDS,
    Check,
    a_list,
    either,
    nothing_or,
    number,
    one_of,
    text,
    the_keys,
    values,
)

MOST_BYTES: Final = 65_535
MOST_REQUESTS: Final = 2**31 - 1

_TIMES: Final[Mapping[str, Check]] = {
    "reference": CODE,
    "opens_at": INSTANT,
    "closes_at": INSTANT,
    "horizon_first": DAY,
    "horizon_last": DAY,
    "confirm_seconds": number(1),
    "seed_commitment": HASH,
    "beacon": BEACON,
}
_NIGHT: Final[Mapping[str, Check]] = {
    "reference": CODE,
    "closes_at": INSTANT,
    "seed_commitment": HASH,
    "beacon": BEACON,
}
_ROWS: Final = the_keys(number=number(0, MOST_REQUESTS), root=HASH, sha256=HASH)
_FILES: Final = the_keys(
    **dict.fromkeys(
        (
            "line.csv",
            "turns.csv",
            "bins.csv",
            "report.json",
            "certificate.json",
            "beacon.json",
            "requests.jsonl.gz",
            "turns.jsonl.gz",
            "plan.csv",
        ),
        HASH,
    )
)
_TYPES: Final[Mapping[str, Mapping[str, Check]]] = {
    "receipt": {"receipt": HASH},
    "replaced": {"receipt": HASH, "by": HASH, "at": INSTANT},
    "announcement": {
        **_TIMES,
        "at": INSTANT,
        "log": LOG_KEY,
        "witnesses": WITNESSES,
        "need": number(0),
        "again": nothing_or(the_keys(of=CODE, reason=WORDS)),
    },
    "statement": {
        **_TIMES,
        "format": one_of("mawid-draw-2"),
        "closed_at": INSTANT,
        "announcement": the_keys(index=number(0), sha256=HASH),
        "receipts": the_keys(size=number(0), root=HASH),
        "requests": _ROWS,
        "turns": _ROWS,
        "bins": the_keys(number=number(0, MOST_REQUESTS), places=number(0), sha256=HASH),
        "mechanism": one_of("exchange", "in-line-order"),
        "compensation_rule": one_of("even", "policy"),
        "compensation": values(text("[1-9][0-9]{0,4}", "a number of units"), number(1000, 32_767)),
        "solver_seconds": number(1, 3600),
        "quota": either(the_keys(version=number(1), sha256=HASH), the_keys(version=one_of(None), sha256=one_of(None))),
        "rules": nothing_or(the_keys(version=number(1), sha256=HASH)),
        "versions": the_keys(mawid=CODE, numpy=CODE, ortools=CODE, python=CODE),
    },
    "beacon": {"reference": CODE, "signature": SIGNATURE},
    "result": {
        "at": INSTANT,
        "reference": CODE,
        "statement": HASH,
        "beacon": the_keys(signature=SIGNATURE, value=HASH),
        "seed": HASH,
        "places_root": HASH,
        "files": _FILES,
        "served_requests": number(0, MOST_REQUESTS),
        "served_people": number(0),
        "audit": nothing_or(the_keys(round=number(1))),
    },
    "abandoned": {"reference": CODE, "reason": WORDS, "at": INSTANT},
    "exchange_announcement": {**_NIGHT, "at": INSTANT, "log": LOG_KEY, "witnesses": WITNESSES, "need": number(0)},
    "exchange_statement": {
        **_NIGHT,
        "format": one_of("mawid-exchange-1"),
        "closed_at": INSTANT,
        "holders": number(0, MOST_REQUESTS),
        "inputs": HASH,
    },
    "exchange_result": {
        "reference": CODE,
        "at": INSTANT,
        "statement": HASH,
        "beacon": the_keys(signature=SIGNATURE, value=HASH),
        "seed": HASH,
        "moved": number(0, MOST_REQUESTS),
        "result": HASH,
    },
    "exchange_abandoned": {"reference": CODE, "at": INSTANT},
    "version": {"kind": one_of("quota", "rules", "model"), "version": number(1), "sha256": HASH, "at": INSTANT},
    "urgent": {"entry": number(1), "hash": HASH, "at": INSTANT},
    "audit": {"entries": number(1), "hash": HASH, "at": INSTANT},
    "observer": {"name": CODE, "key": LOG_KEY, "until": nothing_or(INSTANT), "at": INSTANT},
    "look": {"observer": CODE, "reference": CODE, "file": CODE, "at": INSTANT},
    "opened": {
        "reference": CODE,
        "observer": CODE,
        "sample": number(0, MOST_REQUESTS),
        "wrong": a_list(number(0, MOST_REQUESTS)),
        "signature": WORDS,
        "at": INSTANT,
    },
}
NEWER_FORMATS: Final = ("mawid-draw-3", "mawid-draw-4", "mawid-draw-5")
"""Of statements that name the model which scored requests."""
_NEWEST_STATEMENT: Final[Mapping[str, Check]] = {
    **_TYPES["statement"],
    "format": one_of(*NEWER_FORMATS),
    "model": nothing_or(the_keys(version=number(1), sha256=HASH)),
}
KINDS: Final = tuple(_TYPES)
"""The types of entries."""


def instant(at: datetime) -> str:
    """Return an instant as entries spell it."""
    return at.astimezone(UTC).isoformat()


def write_entry(kind: str, body: Mapping[str, Any]) -> bytes:
    """Return the bytes of an entry of a type with the other keys in ``body``; raises NoteError as `read_entry`."""
    content = canonical({**body, "type": kind})
    read_entry(content)
    return content


def read_entry(content: bytes) -> dict[str, Any]:
    """Read an entry, with its ``type``.

    Raises
    ------
    NoteError
        It is too long, no exact JSON, of an unknown type, lacks a key, has another one, or a value is unusable.
    """
    if len(content) > MOST_BYTES:
        raise NoteError(f"the entry has more than {MOST_BYTES} bytes")
    try:
        entry = read_canonical(content)
    except ValueError as error:
        raise NoteError(f"the entry cannot be read: {error}") from None
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise NoteError("the entry has an unknown type")
    keys = _NEWEST_STATEMENT if kind == "statement" and entry.get("format") in NEWER_FORMATS else _TYPES[kind]
    the_keys(type=one_of(kind), **keys)(entry, kind)
    _fits_together(kind, entry)
    return entry


def _fits_together(kind: str, entry: Mapping[str, Any]) -> None:
    """Check what several keys say together; raises NoteError."""
    if kind in ("announcement", "statement"):
        if entry["opens_at"] >= entry["closes_at"]:  # one spelling: the order of the text is that of time
            raise NoteError(f"{kind}: opens_at is not before closes_at")
        if entry["horizon_first"] > entry["horizon_last"]:
            raise NoteError(f"{kind}: horizon_first is after horizon_last")
    if kind == "announcement" and entry["need"] > len(entry["witnesses"]):
        raise NoteError("announcement: need is more than there are witnesses")
