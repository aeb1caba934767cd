"""What a draw gives out: the beacon's value, who stands where, the plan, and the result that binds them."""

from collections.abc import Mapping

from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.decision import Decision
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REPORT, SEED
from booking.scheduling.draws.format2.closing import Closed, audit_of, checked, statement_hash
from booking.scheduling.draws.format2.line import write_line
from booking.scheduling.draws.format2.rows import place_records
from booking.scheduling.draws.format2.tables import (
    BEACON,
    IN_CERTIFICATE,
    IN_RESULT,
    LEAVES,
    LINE,
    RESULT,
    write_beacon,
)
from booking.scheduling.draws.formats import digest, write_json
from booking.transparency.beacons.values import value_of


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
        Its files, as `booking.scheduling.draws.format2.closing.write_closing` wrote them.
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
        LINE: write_line(files[LEAVES], decision.problem.order.tolist(), served),
        PLAN: decision.plan_file(closed.place_salts),
        REPORT: write_json(decision.figures),
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
        "served_people": decision.plan.served_people,
        "audit": audit_of(closed.statement, at),
    }
    return made | {RESULT: one_line(checked(result))}


def places_of(closed: Closed, decision: Decision) -> list[bytes]:
    """Return the place records of all leaves, which ``places_root`` covers."""
    return place_records(closed.place_salts, decision.plan.bin_of_request.tolist(), decision.seats)
