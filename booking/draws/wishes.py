"""The wishes of requests as a draw freezes them."""

from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal_column, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from booking.models import Office, Request, RequestErrand, RequestMember, RequestOffice, Service
from booking.requests.receipt import WishRow, own_windows

_BETWEEN: Final[ColumnElement[str]] = literal_column("','")
"""Codes have no comma."""


_ERRAND: Final = aliased(Service)
_ALSO: Final = case(
    (
        Request.service_count > 1,
        select(func.string_agg(_ERRAND.code, aggregate_order_by(_BETWEEN, RequestErrand.position)))
        .select_from(RequestErrand)
        .join(_ERRAND, _ERRAND.id == RequestErrand.service_id)
        .where(RequestErrand.request_id == Request.id, RequestErrand.position > 0)
        .scalar_subquery(),
    )
).label("also")
"""The further services of a visit, each once for each of its people; none of a request for one."""


def wishes(*which: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement that reads requests with all that a draw freezes of them."""
    own = func.count(RequestOffice.first_day) > 0
    ranked = (
        select(
            RequestOffice.request_id,
            func.string_agg(Office.code, aggregate_order_by(_BETWEEN, RequestOffice.rank)).label("codes"),
            *(
                case((own, func.array_agg(aggregate_order_by(days, RequestOffice.rank)))).label(name)
                for name, days in (("own_first", RequestOffice.first_day), ("own_last", RequestOffice.last_day))
            ),
        )
        .join(Office, Office.id == RequestOffice.office_id)
        .join(Request, Request.id == RequestOffice.request_id)
        .where(*which)
        .group_by(RequestOffice.request_id)
        .subquery()
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
            Request.together,
            Request.account_id,
            Service.code.label("service"),
            RequestMember.person_id,
            ranked.c.codes,
            ranked.c.own_first,
            ranked.c.own_last,
        )
        .join(Service, Service.id == Request.service_id)
        .join(RequestMember, and_(RequestMember.request_id == Request.id, RequestMember.position == 0))
        .join(ranked, ranked.c.request_id == Request.id)
        .where(*which)
    )


@lru_cache(1 << 16)
def codes_of(listed: str) -> tuple[str, ...]:
    """Return the codes of the offices of a row of `wishes`, the first choice first."""
    return tuple(listed.split(","))


@cache
def bands_of(listed: str) -> tuple[str, ...]:
    """Return the bands of a row of `wishes`, in order."""
    return tuple(sorted(listed.split(",")))


def is_plain(row: Any) -> bool:
    """Return whether a row of `wishes` has no days of single offices and is for one service."""
    return row.own_first is None and row.also is None


def wish_of(row: Any) -> WishRow:
    """Return the wish of a row of `wishes`, with its base nonce."""
    codes = codes_of(row.codes)
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
