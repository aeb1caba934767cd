"""What a draw gives out: the beacon's value, who stands where, the plan, and the result that binds them."""

from collections.abc import Mapping
from typing import Any, Final

from allocation.lottery import HASH_BYTES
from booking.base.exact_json import one_line
from booking.beacons.bls import SIGNATURE_BYTES
from booking.beacons.values import value_of
from booking.draws.decision import Decision
from booking.draws.files import CERTIFICATE, PLAN, REPORT, SEED
from booking.draws.format2.closing import Closed, statement_hash
from booking.draws.format2.facts import audit_of, checked
from booking.draws.format2.names import BEACON, IN_CERTIFICATE, IN_RESULT, LINE, RESULT
from booking.draws.format2.rows import place_records
from booking.draws.format2.tables import write_line
from booking.draws.formats import (
    DamagedFileError,
    code,
    digest,
    hexadecimal,
    only_keys,
    read_exact,
    shown,
    whole,
    write_json,
)

_KINDS: Final = ("drand", "witnesses")


def write_beacon(statement: Mapping[str, Any], signature: bytes) -> bytes:
    """Write beacon.json."""
    beacon = statement["beacon"]
    return one_line(
        {
            "kind": beacon["kind"],
            "reference": statement["reference"],
            "round": beacon.get("round"),
            "signature": signature.hex(),
            "value": value_of(signature).hex(),
        }
    )


def write_outcome(
    closed: Closed,
    files: Mapping[str, bytes],
    decision: Decision,
    *,
    places_root: bytes,
    seed: bytes,
    signature: bytes,
    at: str,
) -> dict[str, bytes]:
    """Write the files that a draw gives: line, plan, report, certificate, beacon and seed, and the result over them.

    Parameters
    ----------
    closed
        What was fixed at closing.
    files
        Its files, as `booking.draws.format2.closing.write_closing` wrote them.
    decision
        What was drawn from ``closed.frozen(value_of(signature))`` and the seed.
    places_root
        The root over `places_of`, 32 bytes.
    seed
        The committed seed.
    signature
        The beacon's.
    at
        When it was drawn, in the one spelling of an instant.
    """
    served = [bool(seat) for seat in decision.seats]
    made = {
        LINE: write_line(closed.entrants, decision.problem.order.tolist(), served),
        PLAN: decision.plan_file(closed.place_salts),
        REPORT: write_json(decision.figures()),
        BEACON: write_beacon(closed.statement, signature),
        SEED: f"{seed.hex()}\n".encode(),
    }
    known = dict(files) | made
    made[CERTIFICATE] = decision.certificate_file({name: known[name] for name in IN_CERTIFICATE})
    known |= made
    result = {
        "type": "result",
        "at": at,
        "reference": closed.reference,
        "statement": statement_hash(closed.statement).hex(),
        "beacon": {"signature": signature.hex(), "value": value_of(signature).hex()},
        "seed": seed.hex(),
        "places_root": places_root.hex(),
        "files": {name: digest(known[name]) for name in IN_RESULT},
        "served_requests": sum(served),
        "served_people": sum(each.leaf.wish.party for each, one in zip(closed.entrants, served, strict=True) if one),
        "audit": audit_of(closed.statement, at),
    }
    return made | {RESULT: one_line(checked(result))}


def places_of(closed: Closed, decision: Decision) -> list[bytes]:
    """Return the place records of all leaves, which ``places_root`` covers."""
    return place_records(closed.place_salts, decision.plan.bin_of_request.tolist(), decision.seats)


def read_beacon(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Read beacon.json; raises DamagedFileError."""
    beacon = read_exact(files, BEACON)
    try:
        only_keys(beacon, ("kind", "reference", "round", "signature", "value"), what="the object")
        code(beacon["reference"])
        if beacon["kind"] not in _KINDS:
            raise ValueError(f"the kind is {shown(beacon['kind'])}")  # noqa: TRY301 - one way out
        if beacon["round"] is not None:
            whole(beacon["round"], "round", 1)
        signature = hexadecimal(beacon["signature"], SIGNATURE_BYTES)
        if hexadecimal(beacon["value"], HASH_BYTES) != value_of(signature):
            raise ValueError("the value is not the SHA-256 of the signature")  # noqa: TRY301 - one way out
    except ValueError as error:
        raise DamagedFileError(f"{BEACON}: {error}") from error
    return beacon
