"""How places are given: by the draw, one number for each person; and by a race over the same asks, to compare."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.attackers.agents import DAY, HOUR, Ask
from fraud.attackers.country import RELEASE_HOUR

Flags = npt.NDArray[np.bool_]


def drawn(waiting: Sequence[Ask], *, places: int, seed: int, day: int) -> list[Ask]:
    """Return the requests that one draw serves: more draws lost first, then the lower number of the first person.

    Everyone in turn is served who fits into what is left; parties whole or not at all.
    """
    served = []
    for ask in sorted(waiting, key=lambda ask: (-ask.draws, _number(seed, day, ask.people[0].number))):
        if len(ask.people) <= places:
            places -= len(ask.people)
            served.append(ask)
    return served


def raced(asks: pd.DataFrame, *, places: int, may: Flags) -> Flags:
    """Return who would have got a place, had each day's places gone to the first who came after the release.

    Parameters
    ----------
    asks
        The log of a season: ``at``, ``party``, ``person``. A person takes one place, however often they ask.
    may
        Which of the asks may take part, bool (n,).
    """
    day = ((asks["at"] - RELEASE_HOUR * HOUR) // DAY).to_numpy()
    left: dict[float, int] = {}
    seen: set[int] = set()
    got = np.zeros(len(asks), dtype=bool)
    parties, persons = asks["party"].to_numpy(), asks["person"].to_numpy()
    for row in np.argsort(asks["at"].to_numpy(), kind="stable"):
        party, person = int(parties[row]), int(persons[row])
        if may[row] and person not in seen and left.setdefault(day[row], places) >= party:
            left[day[row]] -= party
            seen.add(person)
            got[row] = True
    return got


def people_of(asks: Iterable[Ask]) -> int:
    """Count the people of some requests."""
    return sum(len(ask.people) for ask in asks)


def _number(seed: int, day: int, person: int) -> bytes:
    return hashlib.blake2b(f"{seed}/{day}/{person}".encode(), digest_size=8).digest()
