"""A register of invented people, for demonstrations and tests: what nobody told it, it makes from the number."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal

from booking.country.core.register import Agreement, Holding, Identity, Match, RegisterFacts
from booking.people.registers.book import BookFile, Enrolled
from booking.platform.base.clock import Clock
from booking.platform.models.identity import ProofKind
from booking.platform.search.spelling import words_of

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
