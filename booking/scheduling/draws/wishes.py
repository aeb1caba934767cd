"""The wishes of requests as a draw freezes them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal_column, select, true, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from allocation import Mechanism, Plan, Problem
from allocation.gather import ALONE, gather
from booking.platform.models import Office, Request, RequestErrand, RequestMember, RequestOffice, Service
from booking.scheduling.draws.asked import APART
from booking.scheduling.draws.files import Bin, Frozen
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.requests.receipt import WishRow, own_windows

_BETWEEN: Final[ColumnElement[str]] = literal_column("','")
"""Codes have no comma."""


def _listed(words: Any, order: Any) -> ColumnElement[str]:
    return func.string_agg(words, aggregate_order_by(_BETWEEN, order))


_ERRAND: Final = aliased(Service)
_ALSO: Final = case(
    (
        Request.service_count > 1,
        select(_listed(_ERRAND.code, RequestErrand.position))
        .select_from(RequestErrand)
        .join(_ERRAND, _ERRAND.id == RequestErrand.service_id)
        .where(RequestErrand.request_id == Request.id, RequestErrand.position > 0)
        .scalar_subquery(),
    )
).label("also")
"""The further services of a visit, each once for each of its people; none of a request for one."""


def wishes(*which: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement that reads requests with all that a draw freezes of them.

    The offices of each are looked up by its key, so that the first rows come before all offices of a nation are sorted.
    """
    own = func.count(RequestOffice.first_day) > 0
    ranked = (
        select(
            _listed(cast(RequestOffice.office_id, String), RequestOffice.rank).label("offices"),
            *(
                case((own, func.array_agg(aggregate_order_by(days, RequestOffice.rank)))).label(name)
                for name, days in (("own_first", RequestOffice.first_day), ("own_last", RequestOffice.last_day))
            ),
        )
        .where(RequestOffice.request_id == Request.id)
        .having(func.count() > 0)
        .lateral()
    )
    return (
        select(
            Request.id,
            Request.party_size.label("party"),
            Request.units,
            Request.first_day,
            Request.last_day,
            Request.weekdays,
            Request.bands,
            Request.needed_by,
            Request.accessible,
            type_coerce(Request.door, String).label("door"),
            _ALSO,
            Request.nonce,
            Request.receipt,
            Request.lost_draws,
            Request.owed_turns,
            Request.lasting_draws,
            Request.link_draw,
            Request.link_list,
            Request.link_row,
            Service.code.label("service"),
            RequestMember.person_id,
            ranked.c.offices,
            ranked.c.own_first,
            ranked.c.own_last,
        )
        .join(Service, Service.id == Request.service_id)
        .join(RequestMember, and_(RequestMember.request_id == Request.id, RequestMember.position == 0))
        .join(ranked, true())
        .where(*which)
    )


class OfficeCodes(dict[str, tuple[str, ...]]):
    """The codes of the offices that a row of `wishes` lists, the first choice first; each list is cut once."""

    def __init__(self, session: Session) -> None:
        self._codes = {str(number): code for number, code in session.execute(select(Office.id, Office.code))}

    def __missing__(self, listed: str) -> tuple[str, ...]:
        found = self[listed] = tuple(self._codes[number] for number in listed.split(","))
        return found


@cache
def bands_of(listed: str) -> tuple[str, ...]:
    """Return the bands of a row of `wishes`, in order."""
    return tuple(sorted(listed.split(",")))


def is_plain(row: Any) -> bool:
    """Return whether a row of `wishes` has no days of single offices and is for one service."""
    return row.own_first is None and row.also is None


def wish_of(row: Any, offices: OfficeCodes) -> WishRow:
    """Return the wish of a row of `wishes`, with its base nonce."""
    codes = offices[row.offices]
    return WishRow(
        service=row.service,
        party=row.party,
        units=row.units,
        offices=codes,
        first_day=row.first_day,
        last_day=row.last_day,
        weekdays=row.weekdays,
        bands=bands_of(row.bands),
        needed_by=row.needed_by,
        accessible=row.accessible,
        door=row.door,
        nonce=row.nonce,
        also=tuple(dict.fromkeys(row.also.split(","))) if row.also else (),
        windows=own_windows(codes, list(zip(row.own_first, row.own_last, strict=True))) if row.own_first else (),
    )


def without_lonely_links(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Take the household's pseudonym off requests with nobody of theirs to meet: it would only be published.

    Two requests can meet where they name an office in common.
    """
    households: dict[bytes, list[int]] = {}
    for row, leaf in enumerate(leaves):
        if leaf.together is not None:
            households.setdefault(leaf.together, []).append(row)
    meeting = {
        row
        for rows in households.values()
        for row in rows
        if any(set(leaves[row].wish.offices) & set(leaves[other].wish.offices) for other in rows if other != row)
    }
    return [leaf if row in meeting else replace(leaf, together=None) for row, leaf in enumerate(leaves)]


def come_together(frozen: Frozen, problem: Problem, plan: Plan) -> Plan:
    """Bring the requests of each household to one office-day where that makes nobody else worse off.

    Only in plans by exchange: where each in turn takes the best that is left, nobody is moved.
    """
    link = frozen.asked.together
    if np.all(link == APART) or frozen.mechanism is not Mechanism.EXCHANGE:
        return plan
    return gather(problem, plan, link=np.where(link == APART, ALONE, link), visit=_visits(frozen.bins))


def together_figures(frozen: Frozen, bin_of_leaf: NDArray[np.integer], *, least: int = 1) -> dict[str, Any]:
    """Count the visits of households that wished to come together; nothing where fewer than ``least`` requests did.

    ``households``: with at least two requests served; ``requests`` of theirs that are served, their ``visits``, and the
    visits ``saved``: how many fewer that is than one for each request.
    """
    household = frozen.asked.together
    if int((household != APART).sum()) < least:
        return {}
    served = np.flatnonzero((household != APART) & (bin_of_leaf >= 0))
    of_household = np.bincount(household[served])
    served = served[of_household[household[served]] > 1]
    pairs = np.stack([household[served], _visits(frozen.bins)[bin_of_leaf[served]]])
    requests, visits = served.size, np.unique(pairs, axis=1).shape[1]
    households = np.unique(household[served]).size
    figures = {"households": households, "requests": requests, "visits": visits, "saved": requests - visits}
    return {"together": figures}


def _visits(bins: Sequence[Bin]) -> NDArray[np.int32]:
    numbers: dict[tuple[str, int], int] = {}
    return np.array([numbers.setdefault((each.office, each.day.toordinal()), len(numbers)) for each in bins], np.int32)
