"""A register of invented people, for demonstrations and tests: what nobody told it, it makes from the number."""

import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final, Literal

from booking.country.core.register import Agreement, Holding, Identity, Match, RegisterFacts
from booking.platform.base.clock import Clock
from booking.platform.models.identity import ProofKind
from booking.platform.search.spelling import words_of


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person as the register has them; ``phone`` says whether it knows one, ``guardians`` are national numbers."""

    name: str
    birth_date: date
    phone: bool = True
    guardians: tuple[str, ...] = ()
    dead: bool = False


class BookFile:
    """People by number, one a line; what another process adds is seen at the next look. Later lines win.

    A file that is not there is an empty book.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._people: dict[str, Enrolled] = {}
        self._read_to = 0

    def person(self, number: str) -> Enrolled | None:
        """Return who has a number; None where nobody was written down."""
        self._read_on()
        return self._people.get(number)

    def add(self, people: Mapping[str, Enrolled]) -> None:
        """Write people down, many at once."""
        lines = [json.dumps({"number": number, **asdict(one)}, default=str) for number, one in people.items()]
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())

    def _read_on(self) -> None:
        """Read whole lines that came since; half a line is somebody's who still writes."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        with self._lock:
            if size == self._read_to:
                return
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                whole = file.read().rpartition(b"\n")[0]
            for line in whole.splitlines():
                self._take(json.loads(line))
            self._read_to += len(whole) + 1 if whole else 0

    def _take(self, row: dict[str, object]) -> None:
        born, guardians = date.fromisoformat(str(row["birth_date"])), row["guardians"]
        self._people[str(row["number"])] = Enrolled(
            name=str(row["name"]),
            birth_date=born,
            phone=bool(row["phone"]),
            guardians=tuple(guardians) if isinstance(guardians, list) else (),
            dead=bool(row["dead"]),
        )


UNKNOWN_PREFIX: Final = "99"
CONSCRIPT_PREFIX: Final = "98"
CONSCRIPTION: Final = "conscription"
OF_AGE: Final = 18
CODE: Final = "246810"
"""The code that it "sends" to everyone's phone: there is no phone."""
_NEVER, _ENDING, _LONG = 30, 80, 99  # of a hundred: up to here never a passport, up to here one that ends, one valid
_FIRST: Final = ("سلمى", "كريم", "ريم", "نادر", "هالة", "مازن", "دانا", "وسيم")
_FAMILY: Final = ("الخيالي", "المثال", "النموذج", "الافتراضي", "المتخيل", "العينة", "الوهمي", "المبتكر")


class SyntheticRegister:
    """A register that makes its answers from the number itself, so that every process knows the same people.

    Whoever is enrolled has the name and birth date that were told; anybody else those that the number makes
    (`person_of`). Of a hundred numbers 30 never had a passport, 50 hold one that has ended or ends within two months,
    19 hold one that is valid for long, 1 has an application pending. The first two digits are the region. Numbers that
    begin with 99 are unknown. Those that begin with 98 are men whom the conscription register lists, nobody else; where
    a 1 follows they hold a deferral of it already. Serials and grants are made from the number too, by rules that
    anybody can read here: that is what makes it unfit for anything but play.

    Parameters
    ----------
    clock
        By which minors are told from adults, and passports that end from those that do not.
    regions
        Codes of the country's own regions.
    book
        People who are known by name beside those who are enrolled; None: nobody.
    """

    def __init__(self, clock: Clock, regions: Sequence[str], book: BookFile | None = None) -> None:
        self._clock, self._regions = clock, tuple(regions)
        self._enrolled: dict[str, Enrolled] = {}
        self._book = book

    def enrol(self, number: str, person: Enrolled) -> None:
        """Tell it who has a number, from now on and in this process alone."""
        self._enrolled[number] = person

    def person_of(self, number: str) -> Enrolled | None:
        """Return who has a number; None for numbers that are unknown."""
        if number.startswith(UNKNOWN_PREFIX):
            return None
        written = self._enrolled.get(number) or (self._book and self._book.person(number))
        if written:
            return written
        digest = _digest("person", number)
        born = date(1955, 1, 1) + timedelta(days=int.from_bytes(digest[2:4], "big") % 18_000)
        return Enrolled(f"{_FIRST[digest[0] % 8]} {_FAMILY[digest[1] % 8]}", born)

    def match(self, identity: Identity) -> Match:
        """Compare names as words, in any order of writing the same letters."""
        person = self.person_of(identity.number)
        if person is None:
            return Match(Agreement.UNKNOWN, Agreement.UNKNOWN, Agreement.UNKNOWN)
        name = _agreement(words_of(identity.name) == words_of(person.name))
        born = _agreement(identity.birth_date == person.birth_date)
        fits = {name, born} == {Agreement.YES} and not person.dead
        return Match(_agreement(fits), name, born)

    def prove(self, identity: Identity, kind: Literal[ProofKind.CARD, ProofKind.PASSPORT], serial: str) -> str | None:
        """Take the serial that `serial_of` makes; nobody who never had a passport has one of a passport."""
        if not self._matches(identity) or (kind is ProofKind.PASSPORT and not self._had_passport(identity.number)):
            return None
        fits = hmac.compare_digest(serial.strip().upper().encode(), serial_of(identity.number, kind).encode())
        return grant_of(identity.number) if fits else None

    def prove_guardian(self, identity: Identity, *, guardian: str, grant: str) -> str | None:
        """Believe a parent who is enrolled with the child."""
        person = self.person_of(identity.number)
        if person is None or not self._matches(identity) or not self._is_minor(person):
            return None
        known = guardian in person.guardians and hmac.compare_digest(grant.encode(), grant_of(guardian).encode())
        return grant_of(identity.number) if known else None

    def send_code(self, identity: Identity) -> str | None:
        """Make a handle; the code is `CODE`."""
        person = self.person_of(identity.number)
        if person is None or not self._matches(identity) or not person.phone:
            return None
        return _digest("handle", identity.number).hex()

    def check_code(self, identity: Identity, *, handle: str, code: str) -> str | None:
        """Take `CODE`."""
        fits = handle == _digest("handle", identity.number).hex() and code == CODE and self._matches(identity)
        return grant_of(identity.number) if fits else None

    def attest(  # whoever Mawid says has seen the proof, and however
        self,
        identity: Identity,
        kind: Literal[ProofKind.PROVIDER, ProofKind.OFFICER],  # noqa: ARG002
        *,
        by: str,  # noqa: ARG002
    ) -> str | None:
        """Believe Mawid about whoever it knows."""
        return grant_of(identity.number) if self._matches(identity) else None

    def facts(self, number: str, grant: str) -> RegisterFacts | None:
        """Tell what the number makes; see the class."""
        if not hmac.compare_digest(grant.encode(), grant_of(number).encode()):
            return None
        return self.made_of(number)

    def facts_of_many(self, asked: Sequence[tuple[str, str]]) -> list[RegisterFacts | None]:
        """Tell of each what `facts` tells."""
        return [self.facts(number, grant) for number, grant in asked]

    def made_of(self, number: str) -> RegisterFacts | None:
        """Make what is known of a number, for those who choose invented people by it; see the class."""
        if number.startswith(UNKNOWN_PREFIX):
            return None
        digest = _digest("register", number)
        kind, spread = digest[0] * 100 // 256, int.from_bytes(digest[1:3], "big")
        region = self._regions[int(number[:2]) % len(self._regions)]
        today = self._clock.now().date()
        record = RegisterFacts(None, application_pending=False, region=region)
        if _NEVER <= kind < _ENDING:
            record = replace(record, passport_valid_until=today + timedelta(days=spread % 180 - 120))
        elif kind >= _ENDING:
            valid_until = today + timedelta(days=400 + spread % 1500)
            record = replace(record, passport_valid_until=valid_until, application_pending=kind >= _LONG)
        if number.startswith(CONSCRIPT_PREFIX):
            deferred = Holding("study-deferral", today - timedelta(days=60), today + timedelta(days=300))
            held = (deferred,) if number.startswith(CONSCRIPT_PREFIX + "1") else ()
            return replace(record, gender="male", listed=frozenset({CONSCRIPTION}), held=held)
        return record

    def _matches(self, identity: Identity) -> bool:
        return self.match(identity).person is Agreement.YES

    def _had_passport(self, number: str) -> bool:
        made = self.made_of(number)
        return made is not None and made.passport_valid_until is not None

    def _is_minor(self, person: Enrolled) -> bool:
        today, born = self._clock.now().date(), person.birth_date
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < OF_AGE


def serial_of(number: str, kind: ProofKind) -> str:
    """Return the serial of a person's card or passport: a letter and eight digits."""
    return f"{kind.value[0].upper()}{int.from_bytes(_digest(kind.value, number)[:8], 'big') % 10**8:08d}"


def grant_of(number: str) -> str:
    """Return the grant for a number."""
    return _digest("grant", number).hex()


def _digest(purpose: str, number: str) -> bytes:
    return sha256(f"synthetic {purpose}{number}".encode()).digest()


def _agreement(agrees: bool) -> Agreement:  # noqa: FBT001 - what else would it take
    return Agreement.YES if agrees else Agreement.NO


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
