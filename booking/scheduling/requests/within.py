"""Whether a wish asks for nothing that another one did not: so far all lost draws count for it too."""

from datetime import date

from booking.scheduling.requests.receipt import WishRow


def is_within(new: WishRow, old: WishRow) -> bool:
    """Return whether every place that fits the ``new`` wish would have fitted the ``old`` one.

    Fewer offices, days and times are within more of them. Another need of access is not, since it opens other places;
    nor are other services, or a smaller party, which fits where the larger one did not. Papers, and who comes together,
    are no part of it.
    """
    services = {new.service, *new.also} == {old.service, *old.also}
    same = services and (new.door, new.accessible) == (old.door, old.accessible)
    return (
        same
        and new.units >= old.units
        and set(new.offices) <= set(old.offices)
        and set(new.bands) <= set(old.bands)
        and not new.weekdays & ~old.weekdays
        and new.first_day >= old.first_day
        and _last(new) <= _last(old)
        and _own_days_within(new, old)
    )


def _last(wish: WishRow) -> date:
    return min(wish.last_day or date.max, wish.needed_by or date.max)


def _own_days_within(new: WishRow, old: WishRow) -> bool:
    """Return whether each office that had days of its own, as on a visit home, has no others now."""
    now = {code: (first, last) for code, first, last in new.windows}
    for code, first, last in old.windows:
        begins, ends = now.get(code, (date.min, date.max))
        if code in new.offices and not first <= begins <= ends <= last:
            return False
    return True
