"""From a forecast to the requests of a draw that has not been: invented leaves that a what-if can draw."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from booking.country.packs.fields import WEEKDAYS
from booking.country.packs.schema import OfficeSpec, Pack
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models.states import Door
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.leaf import PSEUDONYM_BYTES, Leaf
from booking.scheduling.requests.receipt import NONCE_BYTES, WishRow, receipt_of

FEWEST_ALIKE: Final = 20
"""Past requests for a service at an office from which wishes are drawn again; with fewer they are assumed."""
_PARTIES: Final = (0.62, 0.17, 0.1, 0.06, 0.03, 0.02)
_OFFICES: Final = {"branch": (0.45, 0.3, 0.25), "consulate": (0.75, 0.25, 0.0)}
_SOME_DAYS, _SOME_HOURS, _NEEDED_BY, _ACCESSIBLE = 0.25, 0.35, 0.25, 0.02
_EVERY_DAY: Final = 127


def requests_of_next_draw(
    expected: pd.DataFrame, pack: Pack, *, first_day: date, last_day: date, seed: int, like: Frozen | None = None
) -> list[Leaf]:
    """Invent the new requests of a draw.

    Parameters
    ----------
    expected
        ``office`` (the first choice), ``service``, ``requests``: how many are expected until the draw closes, any
        number of at least 0. How many there are is drawn from a Poisson distribution around it.
    pack
        Its services' units, its bands, and which offices are near.
    first_day, last_day
        The days of the draw.
    seed
        Equal arguments give equal leaves.
    like
        A past draw: what people wished there (party, further offices, days, hours) is drawn again and moved to the
        days of this one, where enough asked for the same service at the same office. Else it is assumed, as in the
        demonstration.

    Returns
    -------
    list of Leaf
        In leaf order, for `booking.scheduling.draws.problem.line_order` and ``build_problem``. Priorities are 0: those
        who lost draws before is waiting already and no guess. Nothing in them is of a person.
    """
    rng = np.random.default_rng([seed, 41])
    counts = rng.poisson(expected["requests"].to_numpy(np.float64))
    assumed = _Assumed(pack, first_day, last_day, rng)
    alike = _past_wishes(like, first_day) if like else {}
    leaves = []
    for office, service, count in zip(expected["office"], expected["service"], counts, strict=True):
        before = alike.get((office, service), ())
        for _ in range(int(count)):
            if len(before) >= FEWEST_ALIKE:
                wish = replace(before[int(rng.integers(len(before)))], nonce=rng.bytes(NONCE_BYTES))
            else:
                wish = assumed.wish(office, service)
            leaves.append(Leaf(wish, receipt_of(wish), rng.bytes(PSEUDONYM_BYTES), 0))
    return sorted(leaves, key=lambda leaf: leaf.receipt)


def _past_wishes(like: Frozen, first_day: date) -> Mapping[tuple[str, str], Sequence[WishRow]]:
    moved = first_day - date.fromisoformat(like.facts["horizon_first"])
    found: dict[tuple[str, str], list[WishRow]] = defaultdict(list)
    for leaf in like.leaves:
        wish = leaf.wish
        found[wish.offices[0], wish.service].append(
            replace(
                wish,
                first_day=wish.first_day + moved,
                last_day=wish.last_day and wish.last_day + moved,
                needed_by=wish.needed_by and wish.needed_by + moved,
            )
        )
    return found


class _Assumed:
    """Wishes as the demonstration assumes them."""

    def __init__(self, pack: Pack, first_day: date, last_day: date, rng: np.random.Generator) -> None:
        self.rng, self.first_day, self.span = rng, first_day, (last_day - first_day).days
        self.bands = tuple(sorted(band.code for band in pack.country.bands))
        self.services = pack.appointments
        self.offices = {office.code: office for office in pack.offices}
        self.near = {office.code: _nearest(office, pack.offices) for office in pack.offices}
        working = [day for day in range(7) if WEEKDAYS[day] not in pack.country.weekend]
        self.working = np.array(working)

    def wish(self, office: str, service: str) -> WishRow:
        """Draw one for an office and a service."""
        rng, spec = self.rng, self.services[service]
        kind = self.offices[office].kind
        offices = self.near[office][: 1 + int(rng.choice(3, p=_OFFICES[kind]))]
        party = min(spec.max_party, 1 + int(rng.choice(len(_PARTIES), p=_PARTIES)))
        weekdays, bands = _EVERY_DAY, self.bands
        if rng.random() < _SOME_DAYS:
            weekdays = int((1 << rng.permutation(self.working)[:4]).sum())
        if rng.random() < _SOME_HOURS:
            bands = tuple(sorted(rng.permutation(self.bands)[: 1 + int(rng.random() < 0.5)].tolist()))  # noqa: PLR2004
        needed = None
        if rng.random() < _NEEDED_BY:
            needed = self.first_day + timedelta(days=int(rng.integers(self.span + 10)))
        accessible = rng.random() < _ACCESSIBLE and any(self.offices[code].accessible for code in offices)
        return WishRow(
            service=service,
            party=party,
            units=party * spec.units,
            offices=offices,
            first_day=self.first_day,
            last_day=None,
            weekdays=weekdays,
            bands=bands,
            needed_by=needed,
            accessible=bool(accessible),
            door=(Door.HOME if kind == "branch" else Door.ABROAD).value,
            nonce=rng.bytes(NONCE_BYTES),
        )


def _nearest(office: OfficeSpec, others: Sequence[OfficeSpec]) -> tuple[str, ...]:
    """Return the office and its two nearest of its kind."""
    of_kind = [other for other in others if other.kind == office.kind and other.code != office.code]
    near = sorted(
        of_kind,
        key=lambda other: great_circle_km(office.latitude, office.longitude, other.latitude, other.longitude),
    )
    return (office.code, *(other.code for other in near[:2]))
