"""Drafts of quota policies: begun from a version, changed row by row, by several analysts, dropped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.policy.limits import active_policy
from booking.country.policy.quota_table import ORDER, Level, Quota, QuotaTable, Scope, Unit
from booking.country.versions.drafts import DraftKind, analyst_in, keep_in, open_in, saved_in, title_of
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.fields import latin_digits, noted, raise_all
from booking.platform.models import QuotaDraft, QuotaPolicy
from booking.platform.models.policies.policy import QuotaDraftState
from booking.platform.models.states import Pool
from booking.scheduling.quotas.errors import DraftChangedError, DraftClosedError

QUOTA_DRAFTS: Final = DraftKind(
    "quotas",
    QuotaDraft,
    longest_title=120,
    is_open=QuotaDraft.state == QuotaDraftState.OPEN,
    closed=DraftClosedError,
    changed=DraftChangedError,
)


def begin(core: Core, *, title: str, by: UUID, table: QuotaTable | None = None, base: int | None = None) -> UUID:
    """Begin a draft from a version (``base``; the active one), or from a table that was worked out; return its id.

    Raises
    ------
    InvalidInputError
        The title is empty or too long.
    NotFoundError
        There is no such version.
    PolicyMissingError
        No version is named, and none is active.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        return begin_in(session, core, title=title, by=by, table=table, base=base)


def begin_in(
    session: Session, core: Core, *, title: str, by: UUID, table: QuotaTable | None = None, base: int | None = None
) -> UUID:
    """Begin a draft in the caller's transaction; see `begin` for what it raises."""
    analyst = analyst_in(session, QUOTA_DRAFTS, by)
    origin = active_policy(session) if base is None else session.get(QuotaPolicy, base)
    if origin is None:
        raise NotFoundError
    shares, overrides = (table or QuotaTable.read(origin.shares, origin.overrides)).stored()
    draft = QuotaDraft(
        title=title_of(QUOTA_DRAFTS, title),
        state=QuotaDraftState.OPEN,
        based_on=origin.version,
        shares=shares,
        overrides=overrides,
    )
    return keep_in(session, core, QUOTA_DRAFTS, draft, by=analyst)


def set_row(core: Core, *, draft_id: UUID, revision: int, scope: Scope, quota: Quota | None, by: UUID) -> int:
    """Set one row of a draft, or (None) let it inherit again; return the draft's new revision.

    Raises
    ------
    InvalidInputError
        The row of a kind of office for every day, from which all others inherit, would be gone or count places.
    DraftChangedError
        Somebody saved the draft since ``revision`` was read; nothing has changed.
    DraftClosedError
        It was proposed or dropped.
    NotFoundError
        There is no such draft.
    ForbiddenError
        ``by`` is not an analyst.
    """
    if scope.level is Level.KIND and scope.weekday is None and (quota is None or quota.unit is not Unit.SHARES):
        raise InvalidInputError([FieldError("unit", "kind_needs_shares")])
    with core.sessions.begin() as session:
        analyst = analyst_in(session, QUOTA_DRAFTS, by)
        draft = open_in(session, QUOTA_DRAFTS, draft_id, revision)
        table = QuotaTable.read(draft.shares, draft.overrides).with_row(scope, quota)
        draft.shares, draft.overrides = table.stored()
        saved_in(session, core, QUOTA_DRAFTS, draft, "changed", by=analyst, row=str(scope))
        return draft.revision


def drop(core: Core, *, draft_id: UUID, revision: int, by: UUID) -> None:
    """Drop a draft.

    Raises
    ------
    DraftChangedError
        Somebody saved the draft since ``revision`` was read; nothing has changed.
    DraftClosedError
        The draft was proposed or dropped.
    NotFoundError
        There is no such draft.
    ForbiddenError
        ``by`` is not an analyst.
    """
    with core.sessions.begin() as session:
        analyst = analyst_in(session, QUOTA_DRAFTS, by)
        draft = open_in(session, QUOTA_DRAFTS, draft_id, revision)
        draft.state = QuotaDraftState.DROPPED
        saved_in(session, core, QUOTA_DRAFTS, draft, "dropped", by=analyst)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is new (no ``before``), gone (no ``after``) or has other values."""

    scope: Scope
    before: Quota | None
    after: Quota | None


def row_changes(before: QuotaTable, after: QuotaTable) -> Sequence[RowChange]:
    """List the rows that differ: kinds first, then regions, then offices, and at each every day before weekdays."""
    scopes = sorted({*before.rows, *after.rows}, key=in_order)
    found = [RowChange(scope, before.rows.get(scope), after.rows.get(scope)) for scope in scopes]
    return [change for change in found if change.before != change.after]


def in_order(scope: Scope) -> tuple[int, str, int]:
    """Order rows as pages list them."""
    return list(Level).index(scope.level), scope.code, -1 if scope.weekday is None else scope.weekday


WHOLE: Final = Decimal(100)
FINEST: Final = Decimal("0.01")
"""The smallest step of a share, in per cent."""
MOST_PLACES: Final = 9999
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{0,9})?")
_SIGNS: Final = str.maketrans({"٫": ".", ",": ".", "،": ".", "−": "-", "%": None, "٪": None, " ": None, "\u00a0": None})


def read_quota(unit: str, typed: Mapping[str, str]) -> Quota:
    """Read a row; ``typed`` maps pools to what was written, an empty one is 0. Digits of every script are accepted.

    Shares are written in per cent and add to exactly 100. The draw takes the places that are left, so none are read
    for it.

    Raises
    ------
    InvalidInputError
        Every unusable field is named: ``unit``, or a pool. Where each share is sound alone but they do not add up, the
        draw's field says how much is missing or too much.
    """
    errors: list[FieldError] = []
    try:
        kind = Unit(unit)
    except ValueError:
        raise InvalidInputError([FieldError("unit", "choose_one")]) from None
    values = [Decimal(0)] * len(ORDER)
    for row, pool in enumerate(ORDER):
        if kind is Unit.SHARES or pool is not Pool.DRAW:
            with noted(errors):
                text = typed.get(pool.value, "")
                values[row] = _share(pool, text) if kind is Unit.SHARES else _places(pool, text)
    raise_all(errors)
    if kind is Unit.SHARES:
        whole = sum(values, Decimal(0))
        if whole != WHOLE:
            reason = "shares_too_much" if whole > WHOLE else "shares_missing"
            difference = written(abs(whole - WHOLE))
            raise InvalidInputError([FieldError(Pool.DRAW.value, reason, sum=written(whole), difference=difference)])
        values = [value / WHOLE for value in values]
    return Quota(kind, tuple(value.normalize() + 0 for value in values))


def as_typed(quota: Quota) -> dict[str, str]:
    """Write a row as it would be typed."""
    per = WHOLE if quota.unit is Unit.SHARES else Decimal(1)
    return {pool.value: written(value * per) for pool, value in zip(ORDER, quota.values, strict=True)}


def written(value: Decimal) -> str:
    """Write a number without zeros that say nothing: 70, 12.5."""
    return f"{value.normalize():f}"


def _number(pool: Pool, text: str) -> Decimal:
    text = latin_digits(text.strip()).translate(_SIGNS)
    if not text:
        return Decimal(0)
    if not _NUMBER.fullmatch(text):
        raise FieldError(pool.value, "no_quota_number")
    value = Decimal(text)
    if value < 0:
        raise FieldError(pool.value, "negative_quota")
    return value


def _share(pool: Pool, text: str) -> Decimal:
    value = _number(pool, text)
    if value > WHOLE:
        raise FieldError(pool.value, "share_above_whole")
    if value != value.quantize(FINEST):
        raise FieldError(pool.value, "share_too_fine")
    return value


def _places(pool: Pool, text: str) -> Decimal:
    value = _number(pool, text)
    if value != value.to_integral_value():
        raise FieldError(pool.value, "fractional_places")
    if value > MOST_PLACES:
        raise FieldError(pool.value, "too_many_places", most=MOST_PLACES)
    return value
