"""People whom the tests' registers know."""

from dataclasses import replace
from datetime import date

from booking.country.core.register import Identity
from booking.people.registers.synthetic import Enrolled, SyntheticRegister

MOTHER = Identity("01000000001", "سلمى الخيالي", date(1984, 3, 2))
CHILD = Identity("01000000002", "ريم الخيالي", date(2017, 9, 8))
NO_PHONE = Identity("01000000003", "هالة المثال", date(1950, 1, 20))
DEAD = Identity("01000000004", "كريم العينة", date(1944, 11, 30))
NOBODY = Identity("99000000005", "مازن الوهمي", date(1990, 5, 5))


def invented_people(clock):
    """A register that knows all of them but nobody."""
    register = SyntheticRegister(clock, ["damascus", "homs"])
    register.enrol(MOTHER.number, Enrolled(MOTHER.name, MOTHER.birth_date))
    register.enrol(CHILD.number, Enrolled(CHILD.name, CHILD.birth_date, guardians=(MOTHER.number,)))
    register.enrol(NO_PHONE.number, Enrolled(NO_PHONE.name, NO_PHONE.birth_date, phone=False))
    register.enrol(DEAD.number, Enrolled(DEAD.name, DEAD.birth_date, dead=True))
    return register


def another(identity, **changes):
    return replace(identity, **changes)
