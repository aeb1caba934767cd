"""What a case costs, in whole units of one currency."""

from collections.abc import Mapping
from dataclasses import dataclass

from booking.country.packs.answers import Answer
from booking.country.packs.service import FeeSpec, ServiceSpec
from booking.platform.models import OnlineCase


class MixedFeesError(Exception):
    """A service's file asks for parts of a currency's unit, or for two currencies at once: nobody could pay that."""


@dataclass(frozen=True, slots=True)
class Due:
    """An amount in whole units of a currency; 0 of none where nothing is to pay."""

    amount: int
    currency: str
    parts: tuple[FeeSpec, ...]


def due_for(spec: ServiceSpec, case: OnlineCase, answers: Mapping[str, Answer]) -> Due:
    """Add up what someone with these answers pays."""
    parts = tuple(
        one
        for one in spec.fees_for("resident" if case.residence == "resident" else "expatriate", answers)
        if one.amount
    )
    if not parts:
        return Due(0, "", ())
    total, currencies = sum(one.amount for one in parts), {one.currency for one in parts}
    if len(currencies) > 1 or total != int(total):
        raise MixedFeesError(f"{spec.code}: {total} of {', '.join(sorted(currencies))}")
    return Due(int(total), currencies.pop(), parts)
