"""Values of a row as an analyst types them: per cent or whole places, each fault noted at its field. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from booking.country.policy.quota_table import ORDER, Quota, Unit
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.fields import latin_digits, noted, raise_all
from booking.platform.models.states import Pool

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
