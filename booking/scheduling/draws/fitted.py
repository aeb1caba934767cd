"""Which requests some free place of a draw fits, whoever else wants it: the draw lasts for those who lose it so."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
from sqlalchemy import Uuid
from sqlalchemy.orm import Session

from booking.platform.base.arrays import any_of
from booking.platform.models import Request
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem, fitting
from booking.scheduling.draws.wishes import OfficeCodes, wish_of, wishes


def fitted(session: Session, requests: Iterable[UUID], bins: Sequence[Bin]) -> set[UUID]:
    """Return those of some requests whose wish at least one free run of places fits."""
    rows = session.execute(wishes(Request.id == any_of(requests, Uuid))).all()
    if not rows:
        return set()
    offices = OfficeCodes(session)
    leaves = [Leaf(wish_of(row, offices), row.receipt, b"", 0) for row in rows]
    fits = fitting(build_problem(Asked.of(leaves), bins, np.arange(len(leaves), dtype=np.int32)))
    return {row.id for row, one in zip(rows, fits.tolist(), strict=True) if one}
