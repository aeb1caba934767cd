"""The same day under first come, first served: what hoarders would have got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.baselines import first_come
from allocation.plan import Plan
from booking.entrypoints.demo.people import Applicant, PlannedAsk
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import BINS, Bin, read_bins
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem
from booking.scheduling.requests.receipt import NONCE_BYTES, WishRow

_BROKER_SECONDS: Final = 30.0
"""How long after the opening a broker's staff has sent its forms; machines need one second."""


@dataclass(frozen=True, slots=True)
class Market:
    """Requests and units by who got them, hoarders first, honest people second; ``places`` is what there was.

    ``invented`` are hoarders' served requests in the name of nobody, to be sold later. ``resold`` are theirs that were
    served with places that honest people gave back, released at once.
    """

    places: int
    asked: tuple[int, int]
    served: tuple[int, int]
    units: tuple[int, int]
    invented: int
    resold: int

    @property
    def hoarded(self) -> float:
        """The share of all given places that hoarders hold."""
        return self.units[0] / max(1, sum(self.units))


def first_come_first_served(
    files: Mapping[str, bytes], asks: Sequence[tuple[Applicant, PlannedAsk]], *, seed: int
) -> Market:
    """Hand the places of a published draw out in the order of arrival, to everybody who tried that day.

    There is no gate then: nobody compares a number with the register or counts a device, as in the systems that
    this replaces. Machines are first, brokers' staff next, then people in the order in which they came. Whatever an
    honest person gives back is on the page at once, where machines are first again.

    Parameters
    ----------
    files
        Of the published draw: its free places are what is handed out.
    asks
        All that was tried in the window, whatever the gate said of it.
    seed
        For who of those without luck looks at the page at the right moment.
    """
    bins = read_bins(files[BINS])
    leaves = [_leaf(applicant, ask) for applicant, ask in asks]
    hoards = np.array([applicant.kind.hoards for applicant, _ in asks])
    plan = _hand_out(leaves, bins, [_arrival(applicant, ask) for applicant, ask in asks])
    served = plan.bin_of_request >= 0
    given_back = np.array([ask.cancels for _, ask in asks]) & served & ~hoards
    resold = _release(leaves, bins, plan, given_back=given_back, hoards=hoards, seed=seed)
    units = np.array([ask.units for _, ask in asks])
    final = (served & ~given_back) | resold
    return Market(
        places=sum(each.places for each in bins),
        asked=(int(hoards.sum()), int((~hoards).sum())),
        served=(int((final & hoards).sum()), int((final & ~hoards).sum())),
        units=(int(units[final & hoards].sum()), int(units[final & ~hoards].sum())),
        invented=int((final & np.array([is_invented(*one) for one in asks])).sum()),
        resold=int((resold & hoards).sum()),
    )


def is_invented(applicant: Applicant, ask: PlannedAsk) -> bool:
    """Return whether a request is for somebody whom a hoarder made up."""
    return any(applicant.people[index].invented for index in ask.people)


def _release(
    leaves: Sequence[Leaf],
    bins: Sequence[Bin],
    plan: Plan,
    *,
    given_back: NDArray[np.bool_],
    hoards: NDArray[np.bool_],
    seed: int,
) -> NDArray[np.bool_]:
    """Hand out again what was given back, to those who have nothing: hoarders poll, others look now and then."""
    freed: dict[int, int] = {}
    for row in np.flatnonzero(given_back).tolist():
        number = int(plan.bin_of_request[row])
        freed[number] = freed.get(number, 0) + leaves[row].wish.units
    rows = np.flatnonzero(plan.bin_of_request < 0)
    again = np.zeros(len(leaves), np.bool_)
    if not freed or not rows.size:
        return again
    places = [replace(bins[number], slots=bins[number].slots[:1], free=(units,)) for number, units in freed.items()]
    luck = np.random.default_rng(seed).random(rows.size)
    second = _hand_out([leaves[row] for row in rows.tolist()], places, (luck - hoards[rows]).tolist())
    again[rows] = second.bin_of_request >= 0
    return again


def _hand_out(leaves: Sequence[Leaf], bins: Sequence[Bin], arrival: Sequence[float]) -> Plan:
    turn = np.empty(len(leaves), np.int32)
    turn[np.argsort(np.array(arrival), kind="stable")] = np.arange(len(leaves), dtype=np.int32)
    return first_come(build_problem(Asked.of(leaves), bins, turn), turn)


def _arrival(applicant: Applicant, ask: PlannedAsk) -> float:
    """Seconds: a script is there when the window opens, and nobody types faster than that."""
    if not applicant.kind.hoards:
        return ask.at.timestamp()
    return float(ask.key % 997) / 997 + (_BROKER_SECONDS if applicant.kind.name == "BROKER" else 0.0)


def _leaf(applicant: Applicant, ask: PlannedAsk) -> Leaf:
    wish = WishRow(
        service=ask.service,
        party=len(ask.people),
        units=ask.units,
        offices=ask.offices,
        first_day=ask.at.date(),
        last_day=None,
        weekdays=sum(1 << weekday for weekday in ask.weekdays),
        bands=tuple(sorted(ask.bands)),
        needed_by=ask.needed_by,
        accessible=ask.accessible,
        door=applicant.door.value,
        nonce=bytes(NONCE_BYTES),
    )
    return Leaf(wish=wish, receipt=ask.key.to_bytes(32, "big"), person=applicant.key.to_bytes(16, "big"), priority=0)
