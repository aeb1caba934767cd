"""Where a party stands with what must be there first: what is lacking on a day, and on which days nothing is."""

from collections.abc import Iterable, Sequence
from datetime import date

from booking.country.packs.service import PrerequisiteSpec
from booking.people.prerequisites.errors import Lack
from booking.people.prerequisites.holding import Days, days_of, fulfilling
from booking.people.prerequisites.people import Subject, is_concerned


def lacking(rules: Iterable[PrerequisiteSpec], party: Sequence[Subject], day: date) -> list[Lack]:
    """List what each of a party lacks on ``day``. Conditions in words are for officers: no register knows them.

    Of whom no register was asked nothing is known to be lacking.
    """
    return [
        Lack(position, rule.service)
        for position, subject in enumerate(party)
        for rule in rules
        if rule.service is not None
        and subject.asked
        and is_concerned(rule.concerns, subject, day)
        and fulfilling(rule, subject.held, day) is None
    ]


def of_moment(rules: Iterable[PrerequisiteSpec], moment: str) -> list[PrerequisiteSpec]:
    """Return the rules that must hold "when-asking", or "on-the-day"."""
    return [rule for rule in rules if rule.valid == moment]


def days_without_lack(wanted: Iterable[tuple[Sequence[PrerequisiteSpec], Subject]], window: Days) -> Days | None:
    """Return the longest stretch of days inside ``window`` on which nobody lacks anything; of equal ones the first.

    Whom a rule concerns is asked for the window's first day: an age that changes inside it is looked at again when the
    appointment is confirmed.

    Parameters
    ----------
    wanted
        People, each with the rules of a service that they come for.
    """
    stretches = [window]
    for rules, subject in wanted:
        for rule in rules:
            if rule.service is None or not subject.asked or not is_concerned(rule.concerns, subject, window.first):
                continue
            held = [days for one in subject.held if (days := days_of(rule, one)) is not None]
            stretches = [both for one in stretches for days in held if (both := one.within(days)) is not None]
    return max(stretches, key=lambda days: ((days.last - days.first).days, -days.first.toordinal()), default=None)
