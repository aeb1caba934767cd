"""The people a prerequisite concerns."""

from dataclasses import dataclass
from datetime import date

from booking.country.core.register import Holding, RegisterFacts
from booking.country.packs.fields import Residence
from booking.country.packs.service import PersonSpec


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a person: by themselves, by the registers, and what they hold.

    ``asked`` is False where no register was asked, as nobody has proven the person or the register is away: a rule that
    only a register could decide then binds nobody.
    """

    born: date
    residence: Residence
    record: RegisterFacts | None
    held: tuple[Holding, ...] = ()
    asked: bool = True

    def age(self, day: date) -> int:
        """Return the age in whole years on ``day``."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


def is_concerned(rule: PersonSpec | None, subject: Subject, day: date) -> bool:
    """Return whether a rule is about someone on ``day``. What no register says binds nobody."""
    if rule is None:
        return True
    record = subject.record
    if rule.gender is not None and (record is None or record.gender != rule.gender):
        return False
    if rule.register_lists is not None and (record is None or rule.register_lists not in record.listed):
        return False
    return (
        rule.residence in (None, subject.residence)
        and (rule.min_age or 0) <= subject.age(day)
        and (rule.max_age is None or subject.age(day) <= rule.max_age)
    )
