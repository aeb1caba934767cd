"""What the civil and passport registers know of a person. Real deployments plug in theirs; this one is synthetic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal, Protocol

from booking.base.clock import Clock


@dataclass(frozen=True, slots=True)
class Holding:
    """The result of a service that a person holds; ``valid_until`` None: without an end."""

    service: str
    issued: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """A person in the registers.

    ``passport_valid_until`` is None for someone who never had a passport; ``region`` is the code of the region where
    the person is registered. ``gender`` is None where no register says. ``listed`` names the registers of duties that
    list the person ("conscription"), ``held`` what other agencies issued to them.
    """

    passport_valid_until: date | None
    application_pending: bool
    region: str
    gender: Literal["female", "male"] | None = None
    listed: frozenset[str] = frozenset()
    held: tuple[Holding, ...] = ()

    def passport_days_left(self, today: date) -> int:
        """Count the days until the passport ends, 0 once it has; -1 without a passport."""
        if self.passport_valid_until is None:
            return -1
        return max(0, (self.passport_valid_until - today).days)


class Registry(Protocol):
    """The door to the national registers."""

    def lookup(self, national_number: str) -> RegistryRecord | None:
        """Find a person by normalised national number; None when the registers do not know the number."""


UNKNOWN_PREFIX: Final = "99"
CONSCRIPT_PREFIX: Final = "98"
CONSCRIPTION: Final = "conscription"
_NEVER, _ENDING, _LONG = 30, 80, 99  # of a hundred: up to here never a passport, up to here one that ends, one valid


class SyntheticRegistry:
    """A register that makes its answers from the number itself, so that every start knows the same people.

    Of a hundred numbers 30 never had a passport, 50 hold one that has ended or ends within two months, 19 hold one
    that is valid for long, 1 has an application pending. The first two digits are the region. Numbers that begin
    with 99 are unknown. Those that begin with 98 are men whom the conscription register lists, nobody else; where a 1
    follows they hold a deferral of it already.
    """

    def __init__(self, clock: Clock, regions: Sequence[str]) -> None:
        self._clock, self._regions = clock, tuple(regions)

    def lookup(self, national_number: str) -> RegistryRecord | None:
        """Find a person; see the class for who is known."""
        if national_number.startswith(UNKNOWN_PREFIX):
            return None
        digest = sha256(b"synthetic register" + national_number.encode()).digest()
        kind, spread = digest[0] * 100 // 256, int.from_bytes(digest[1:3], "big")
        region = self._regions[int(national_number[:2]) % len(self._regions)]
        today = self._clock.now().date()
        record = RegistryRecord(None, application_pending=False, region=region)
        if _NEVER <= kind < _ENDING:
            record = replace(record, passport_valid_until=today + timedelta(days=spread % 180 - 120))
        elif kind >= _ENDING:
            valid_until = today + timedelta(days=400 + spread % 1500)
            record = replace(record, passport_valid_until=valid_until, application_pending=kind >= _LONG)
        if national_number.startswith(CONSCRIPT_PREFIX):
            deferred = Holding("study-deferral", today - timedelta(days=60), today + timedelta(days=300))
            held = (deferred,) if national_number.startswith(CONSCRIPT_PREFIX + "1") else ()
            return replace(record, gender="male", listed=frozenset({CONSCRIPTION}), held=held)
        return record
