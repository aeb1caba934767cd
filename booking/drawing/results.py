"""Read back, strictly, what a draw published about its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation import lottery
from booking.drawing import formats
from booking.drawing.decision import PLAN_COLUMNS
from booking.drawing.files import CERTIFICATE, PLAN, SEED


@dataclass(frozen=True, eq=False)
class PlanRows:
    """plan.csv as columns: position and bin of each leaf (-1 where it has no place), first slot, units by slot."""

    position: NDArray[np.int64]
    bin: NDArray[np.int64]
    first_slot: Sequence[int | None]
    units: Sequence[tuple[int, ...]]


def read_certificate(contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Read certificate.json; raises DamagedFileError where its own hash is wrong or a part is missing."""
    content = formats.read_json(contents, CERTIFICATE)
    stated = content.pop("sha256", None)
    if stated != formats.digest(formats.write_json(content)):
        raise formats.DamagedFileError(f"{CERTIFICATE}: its own SHA-256 is not right")
    if not all(isinstance(content.get(part), dict) for part in ("certificate", "plan", "files")):
        raise formats.DamagedFileError(f"{CERTIFICATE}: a part is missing")
    return content


def read_seed(contents: Mapping[str, bytes]) -> bytes:
    """Read seed.txt; raises DamagedFileError."""
    content = formats.content_of(contents, SEED)
    try:
        seed = bytes.fromhex(content.decode("ascii"))
    except ValueError as error:
        raise formats.DamagedFileError(f"{SEED}: {error}") from error
    if content != seed.hex().encode() + b"\n" or len(seed) < lottery.MIN_SEED_BYTES:
        raise formats.DamagedFileError(f"{SEED}: expected hexadecimal digits and a line end")
    return seed


def read_plan(contents: Mapping[str, bytes]) -> PlanRows:
    """Read plan.csv; raises DamagedFileError."""
    rows = formats.read_csv(PLAN, formats.content_of(contents, PLAN), PLAN_COLUMNS)
    try:
        if [int(row[0]) for row in rows] != list(range(len(rows))):
            raise ValueError("the leaves are not in order")  # noqa: TRY301 - one way out
        plan = PlanRows(
            position=np.array([int(row[1]) for row in rows], np.int64),
            bin=np.array([int(row[2]) if row[2] else -1 for row in rows], np.int64),
            first_slot=[int(row[3]) if row[3] else None for row in rows],
            units=[formats.integers(row[4]) for row in rows],
        )
    except (ValueError, OverflowError) as error:
        raise formats.DamagedFileError(f"{PLAN}: {error}") from error
    return plan
