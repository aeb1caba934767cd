"""Who somebody is, as typed from their identity document: name, national number, birth date."""

from dataclasses import dataclass
from datetime import date

from booking.country.core.core import Core
from booking.country.packs.national_number import normalise
from booking.platform.base import fields
from booking.platform.base.errors import FieldError


@dataclass(frozen=True, slots=True)
class Identity:
    """What stands on an identity document, checked, in the form that is stored."""

    name: str
    number: str
    born: date


def note_identity(
    core: Core, errors: list[FieldError], *, name: str, national_number: str, birth_date: date | str
) -> Identity:
    """Read the three fields; what is wrong is added to ``errors``, for the caller to raise with what else is wrong."""
    number, born = "", fields.EARLIEST_BIRTH
    with fields.noted(errors):
        name = fields.name(name)
    with fields.noted(errors):
        number = read_national_number(core, national_number)
    with fields.noted(errors):
        born = fields.birth_date(birth_date, today=core.today())
    return Identity(name, number, born)


def read_identity(core: Core, *, name: str, national_number: str, birth_date: date | str) -> Identity:
    """Read the three fields where nothing else is typed; raises InvalidInputError with all that is wrong."""
    errors: list[FieldError] = []
    identity = note_identity(core, errors, name=name, national_number=national_number, birth_date=birth_date)
    fields.raise_all(errors)
    return identity


def read_national_number(core: Core, text: str) -> str:
    """Bring a national number to the form that is stored; raises FieldError."""
    return normalise(fields.number("national_number", text), core.pack.country.national_number)
