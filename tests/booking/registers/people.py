"""People whom the tests' registers know."""

from dataclasses import replace
from datetime import date

from booking.core.register import Identity

MOTHER = Identity("01000000001", "سلمى الخيالي", date(1984, 3, 2))
CHILD = Identity("01000000002", "ريم الخيالي", date(2017, 9, 8))
NO_PHONE = Identity("01000000003", "هالة المثال", date(1950, 1, 20))
DEAD = Identity("01000000004", "كريم العينة", date(1944, 11, 30))
NOBODY = Identity("99000000005", "مازن الوهمي", date(1990, 5, 5))


def another(identity, **changes):
    return replace(identity, **changes)
