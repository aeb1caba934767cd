"""Who plays: people of no real country, in households, with an account and what they will ask for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from booking.platform.models.states import Door


class Kind(StrEnum):
    """What kind of applicant an account is; nothing in the services ever sees this word."""

    CITIZEN = "citizen"
    SHOP = "citizen, helped in a shop"
    EXPATRIATE = "expatriate"
    BROKER = "broker"
    SCRIPT = "script"
    ROTATING = "rotating bot"

    @property
    def hoards(self) -> bool:
        """Whether the account takes places for others, for money."""
        return self in HOARDERS


HOARDERS: Final = frozenset({Kind.BROKER, Kind.SCRIPT, Kind.ROTATING})


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a national number.

    ``invented`` where a hoarder made the number up; ``card_at_hand`` where whoever asks can read the serial of the
    person's identity card.
    """

    number: str
    name: str
    born: date
    relation: str
    invented: bool = False
    card_at_hand: bool = True


@dataclass(frozen=True, slots=True)
class PlannedAsk:
    """A request that will be made: ``people`` are positions among the applicant's people, ``seconds`` the form's time.

    ``instant`` ones look for a place that can be booked at once before they join the draw. ``cancels`` and ``ignores``
    say what becomes of a drawn place: given up, or never answered; else it is confirmed. ``repeats`` sends the form
    twice, as a double click does.
    """

    key: int
    at: datetime
    service: str
    people: tuple[int, ...]
    units: int
    offices: tuple[str, ...]
    weekdays: frozenset[int]
    bands: frozenset[str]
    seconds: float
    needed_by: date | None = None
    accessible: bool = False
    reason: str | None = None
    answers_code: bool = True
    instant: bool = False
    cancels: bool = False
    ignores: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """An account that will be registered, the people it acts for, and what it asks."""

    key: int
    kind: Kind
    username: str
    phone: str
    language: str
    door: Door
    network: str
    device: str
    registered_at: datetime
    people: tuple[Person, ...]
    asks: tuple[PlannedAsk, ...]
