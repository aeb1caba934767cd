"""The files that hold a value of a draw's beacon: beacon.json, and what audit.json has alike."""

from collections.abc import Mapping
from typing import Any, Final

from allocation.lottery import HASH_BYTES
from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.format2.names import BEACON
from booking.scheduling.draws.formats import (
    DamagedFileError,
    code,
    hexadecimal,
    only_keys,
    read_exact,
    shown,
    whole,
)
from booking.transparency.beacons.bls import SIGNATURE_BYTES
from booking.transparency.beacons.values import value_of

_KINDS: Final = ("drand", "witnesses")


def write_beacon(statement: Mapping[str, Any], signature: bytes) -> bytes:
    """Write beacon.json."""
    return one_line(value_facts(statement, statement["beacon"].get("round"), signature))


def value_facts(statement: Mapping[str, Any], round_: int | None, signature: bytes) -> dict[str, Any]:
    """Return what a file says of a value of the beacon of a statement; ``round_`` is None for witnesses."""
    return {
        "kind": statement["beacon"]["kind"],
        "reference": statement["reference"],
        "round": round_,
        "signature": signature.hex(),
        "value": value_of(signature).hex(),
    }


def read_beacon(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Read beacon.json; raises DamagedFileError."""
    return read_value(files, BEACON)


def read_value(files: Mapping[str, bytes], name: str, *more: str) -> dict[str, Any]:
    """Read a file with a value of a beacon, and ``more`` keys, which are not looked at; raises DamagedFileError."""
    said = read_exact(files, name)
    try:
        only_keys(said, ("kind", "reference", "round", "signature", "value", *more), what="the object")
        code(said["reference"])
        if said["kind"] not in _KINDS:
            raise ValueError(f"the kind is {shown(said['kind'])}")  # noqa: TRY301 - one way out
        if said["round"] is not None:
            whole(said["round"], "round", 1)
        signature = hexadecimal(said["signature"], SIGNATURE_BYTES)
        if hexadecimal(said["value"], HASH_BYTES) != value_of(signature):
            raise ValueError("the value is not the SHA-256 of the signature")  # noqa: TRY301 - one way out
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    return said
