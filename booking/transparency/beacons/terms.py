"""The ``beacon`` of an announcement: which one signature will decide, and whether something brought is it.

Pure: verifiers and witnesses use it as the office does. Whoever brings a value can bring only the right one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from booking.transparency.beacons import bls
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.reading import hex_bytes, need_keys, whole
from booking.transparency.beacons.values import (
    DRAND_DST,
    LAST_ROUND,
    QUICKNET_CHAIN,
    QUICKNET_GENESIS,
    QUICKNET_KEY,
    QUICKNET_PERIOD,
    WITNESSES_DST,
    audit_message,
    round_after,
    round_message,
    round_time,
    statement_message,
)
from booking.transparency.log.spelling import WITNESS_NAME

MOST_WITNESSES: Final = 32
ALONE: Final = "this-installation"
"""The only name in the group of an installation that makes its own chance."""

NAME: Final = re.compile(WITNESS_NAME)

_LATEST_GENESIS: Final = 2**33
_LONGEST_PERIOD: Final = 86_400


@dataclass(frozen=True, slots=True)
class DrandTerms:
    """A round of a drand network; ``chain`` its hash in hex, ``key`` 96 bytes, ``genesis`` and ``period`` seconds."""

    chain: str
    key: bytes
    genesis: int
    period: int
    round: int

    def time_of(self, number: int) -> datetime:
        """Return when a round of this network comes out."""
        return round_time(number, genesis=self.genesis, period=self.period)


@dataclass(frozen=True, slots=True)
class WitnessesTerms:
    """A group of witnesses, ``need`` of whom make its signature together; ``key`` 96 bytes, ``of`` their names."""

    key: bytes
    need: int
    of: tuple[str, ...]


Terms = DrandTerms | WitnessesTerms


def read_terms(terms: Mapping[str, Any]) -> Terms:
    """Read the ``beacon`` of an announcement or a statement, strictly.

    Raises
    ------
    BeaconError
        A key is missing or unknown, or a value cannot be.
    """
    match terms.get("kind"):
        case "drand":
            return _read_drand(terms)
        case "witnesses":
            return _read_witnesses(terms)
        case _:
            raise BeaconError("the beacon is of no known kind: drand or witnesses")


def is_known(terms: Mapping[str, Any]) -> bool:
    """Return whether somebody else than the office vouches for a beacon: quicknet, or witnesses with names.

    The office could hold the secret of any other chain, as it does of a group of itself alone. Such a draw is not
    wrong; who checks it is told.

    Raises
    ------
    BeaconError
        The terms are none: `read_terms`.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        named = (read.chain, read.key.hex(), read.genesis, read.period)
        return named == (QUICKNET_CHAIN, QUICKNET_KEY, QUICKNET_GENESIS, QUICKNET_PERIOD)
    return read.of != (ALONE,)


def write_terms(terms: Terms) -> dict[str, Any]:
    """Return the ``beacon`` of an announcement as JSON values."""
    match terms:
        case DrandTerms():
            return {
                "kind": "drand",
                "chain": terms.chain,
                "key": terms.key.hex(),
                "genesis": terms.genesis,
                "period": terms.period,
                "round": terms.round,
            }
        case WitnessesTerms():
            return {"kind": "witnesses", "key": terms.key.hex(), "need": terms.need, "of": list(terms.of)}


def earliest(terms: Mapping[str, Any]) -> datetime | None:
    """Return when the value can exist at the earliest; None: witnesses make it as soon as the statement is logged.

    Raises
    ------
    BeaconError
        The terms are none: `read_terms`.
    """
    read = read_terms(terms)
    return read.time_of(read.round) if isinstance(read, DrandTerms) else None


def check(terms: Mapping[str, Any], statement_hash: bytes, signature: bytes) -> None:
    """Check that a signature is the one that decides a draw.

    Parameters
    ----------
    terms
        ``beacon`` of its closing statement.
    statement_hash
        SHA-256 of that statement's entry, 32 bytes.
    signature
        What was brought.

    Raises
    ------
    BeaconError
        It is not; the message says why, also where it is the value of a round near to the right one.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        check_round(read, read.round, signature)
    else:
        bls.verify(read.key, statement_message(statement_hash), signature, dst=WITNESSES_DST)


def audit_round(terms: Mapping[str, Any], result_at: datetime) -> dict[str, int] | None:
    """Return the ``audit`` of a result: the round that picks what observers open; None where witnesses sign for it.

    Raises
    ------
    BeaconError
        The terms are none: `read_terms`.
    """
    read = read_terms(terms)
    if isinstance(read, WitnessesTerms):
        return None
    return {"round": round_after(result_at, genesis=read.genesis, period=read.period)}


def check_audit(
    terms: Mapping[str, Any], audit: Mapping[str, Any] | None, result_hash: bytes, signature: bytes
) -> None:
    """Check that a signature is the one that picks the audit sample of a result; ``audit`` is what the result says.

    Raises
    ------
    BeaconError
        It is not, or ``audit`` is of another kind of beacon.
    """
    read = read_terms(terms)
    if isinstance(read, DrandTerms):
        number = audit.get("round") if audit is not None and set(audit) == {"round"} else None
        check_round(read, whole(number, "the audit's round", 1, LAST_ROUND), signature)
    elif audit is not None:
        raise BeaconError("witnesses sign for the audit sample, so the result names no round")
    else:
        bls.verify(read.key, audit_message(result_hash), signature, dst=WITNESSES_DST)


def check_round(terms: DrandTerms, number: int, signature: bytes) -> None:
    """Check the signature of a round of a network.

    Raises
    ------
    BeaconError
        It is not; where it is that of the round before or after, as a wrong clock or a slip brings it, it says so.
    """
    try:
        bls.verify(terms.key, round_message(number), signature, dst=DRAND_DST)
    except BeaconError as error:
        for near in (number - 1, number + 1):
            if near >= 1 and _is_of_round(terms, near, signature):
                raise BeaconError(f"this is the value of round {near}, not of round {number}") from None
        raise BeaconError(f"this is not the value of round {number} of chain {terms.chain[:12]}…: {error}") from None


def _is_of_round(terms: DrandTerms, number: int, signature: bytes) -> bool:
    try:
        bls.verify(terms.key, round_message(number), signature, dst=DRAND_DST)
    except BeaconError:
        return False
    return True


def _read_drand(terms: Mapping[str, Any]) -> DrandTerms:
    need_keys(terms, "the beacon", "kind", "chain", "key", "genesis", "period", "round")
    chain = hex_bytes(terms["chain"], "chain", 32).hex()
    genesis = whole(terms["genesis"], "genesis", 0, _LATEST_GENESIS)
    period = whole(terms["period"], "period", 1, _LONGEST_PERIOD)
    read = DrandTerms(
        chain=chain,
        key=_key(terms["key"]),
        genesis=genesis,
        period=period,
        round=whole(terms["round"], "round", 1, LAST_ROUND),
    )
    try:
        read.time_of(read.round)
    except (OverflowError, ValueError, OSError):
        raise BeaconError("the round comes out on no day of the calendar") from None
    return read


def _read_witnesses(terms: Mapping[str, Any]) -> WitnessesTerms:
    need_keys(terms, "the beacon", "kind", "key", "need", "of")
    of = terms["of"]
    if not isinstance(of, list) or not 1 <= len(of) <= MOST_WITNESSES:
        raise BeaconError(f"of is not a list of 1 to {MOST_WITNESSES} witnesses")
    names = tuple(name for name in of if isinstance(name, str) and NAME.fullmatch(name))
    if len(names) != len(of) or len(set(names)) != len(names):
        raise BeaconError("of does not name each witness once, without blanks and plus signs")
    return WitnessesTerms(key=_key(terms["key"]), need=whole(terms["need"], "need", 1, len(names)), of=names)


def _key(value: Any) -> bytes:
    key = hex_bytes(value, "key", bls.KEY_BYTES)
    bls.read_key(key)
    return key
