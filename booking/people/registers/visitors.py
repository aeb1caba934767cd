"""People whom nobody in a demonstration has yet: with their papers in hand a visitor can try proving who they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from booking.people.registers.book import Enrolled
from booking.people.registers.synthetic import CODE, CONSCRIPT_PREFIX, SyntheticRegister, serial_of
from booking.platform.models.identity import ProofKind

_PARENT: Final = "13000000005"
INVITED: Final[Mapping[str, Enrolled]] = {
    "13000000005": Enrolled("نور المجرّبة", date(1987, 2, 9)),
    "13000000001": Enrolled("Sami Al-Zair", date(1979, 10, 30)),
    "98100000007": Enrolled("باسل المجرّب", date(2003, 6, 18)),
    "13000000012": Enrolled("هناء الزائرة", date(1952, 4, 3), phone=False),
    "13000000020": Enrolled("لين المجرّبة", date(2017, 8, 25), guardians=(_PARENT,)),
    "13000000033": Enrolled("Widad Al-Raheela", date(1948, 1, 7), dead=True),
}
"""Kept apart from everyone whom a play makes up."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What somebody with these papers can type; ``passport`` and ``code`` are "" where they have none."""

    number: str
    name: str
    birth_date: date
    card: str
    passport: str
    code: str
    remark: str


def visitors(register: SyntheticRegister) -> list[Visitor]:
    """Return who can be tried, as the register knows them."""
    return [_visitor(register, number, person) for number, person in INVITED.items()]


def lines_of(people: Sequence[Visitor]) -> list[str]:
    """Return what can be typed about each, a line a person, for a terminal."""
    return [
        f"{one.number}  {one.birth_date}  card {one.card}  passport {one.passport or '-':9}  "
        f"code by phone {one.code or '-':6}  {one.name}{one.remark and f' ({one.remark})'}"
        for one in people
    ]


def _visitor(register: SyntheticRegister, number: str, person: Enrolled) -> Visitor:
    made = register.made_of(number)
    held = made is not None and made.passport_valid_until is not None
    return Visitor(
        number=number,
        name=person.name,
        birth_date=person.birth_date,
        card=serial_of(number, ProofKind.CARD),
        passport=serial_of(number, ProofKind.PASSPORT) if held else "",
        code=CODE if person.phone and not person.dead else "",
        remark=_remark(number, person),
    )


def _remark(number: str, person: Enrolled) -> str:
    if person.dead:
        return "has died: nothing proves them"
    if person.guardians:
        return f"a child of {person.guardians[0]}"
    if not person.phone:
        return "the register knows no phone"
    return "on the conscription list" if number.startswith(CONSCRIPT_PREFIX) else ""
