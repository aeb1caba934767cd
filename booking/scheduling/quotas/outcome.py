"""What a draw meant for people: who was served, how long they wait, by groups; no group of fewer than five. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from booking.platform.models.base import Json
from booking.scheduling.draws.asked import Coded
from booking.scheduling.draws.files import Frozen

FEWEST: Final = 5
"""A group of fewer people is not shown: its figures could be somebody's own."""
NOT_KNOWN: Final = int(np.iinfo(np.int64).min)
ADULT, GROWN, OLD = 18, 40, 60


@dataclass(frozen=True, eq=False)
class Asked:
    """What is known of a draw's requests beside the published files, aligned to its leaves.

    ``asked_on``, ``born_on`` (of the person who asked): days since 1970, int64 (n,); `NOT_KNOWN` where it is not known.
    """

    asked_on: NDArray[np.int64]
    born_on: NDArray[np.int64]


def unknown(requests: int) -> Asked:
    """Return what is known from the files alone: nobody's age, and that all asked on the closing day."""
    return Asked(np.full(requests, NOT_KNOWN), np.full(requests, NOT_KNOWN))


def outcome(frozen: Frozen, bin_of_request: NDArray[np.int32], asked: Asked) -> Json:
    """Sum a draw up in JSON values, for everyone and by groups.

    Returns
    -------
    dict
        ``all`` and ``groups`` (by ``office`` of the first choice, ``service``, ``residence``, ``age``, each by value).
        Figures are of people: ``asked``, ``served``, ``first_choice``, ``due`` (a needed-by date inside the draw's
        days), ``due_met``; and of those served the days from asking to the appointment: ``wait_median``, ``wait_95``,
        ``wait_worst``. None where a figure is of one to four people; groups of fewer than five are left out, and
        counted in ``left_out``.
    """
    wishes, bins = frozen.asked, frozen.bins
    closing = date.fromisoformat(frozen.facts["closed_at"][:10]).toordinal()
    epoch = date(1970, 1, 1).toordinal()
    served = bin_of_request >= 0
    day_of_bin = np.array([each.day.toordinal() for each in bins], np.int64)
    office_of_bin = np.array([each.office for each in bins], object)
    asked_on = np.where(asked.asked_on == NOT_KNOWN, closing - epoch, asked.asked_on)
    waits = np.full(wishes.requests, -1, np.int64)
    waits[served] = day_of_bin[bin_of_request[served]] - epoch - asked_on[served]
    office = Coded(wishes.offices.codes, [codes[0] for codes in wishes.offices.labels])
    first = np.zeros(wishes.requests, np.bool_)
    first[served] = office.of(office.labels)[served] == office_of_bin[bin_of_request[served]]
    due = wishes.needed_by <= np.datetime64(frozen.last_day)
    columns = _Columns(wishes.party.astype(np.int64), served, first, due, np.maximum(waits, 0))
    values = {
        "office": office,
        "service": wishes.service,
        "residence": wishes.door,
        "age": _ages(asked, closing - epoch),
    }
    groups: Json = {}
    for name, of_leaf in values.items():
        shown, left_out = columns.by(of_leaf)
        if shown:
            groups[name] = {"values": shown, "left_out": left_out}
    return {"all": columns.figures(np.arange(wishes.requests)), "groups": groups}


@dataclass(frozen=True, eq=False)
class _Columns:
    party: NDArray[np.int64]
    served: NDArray[np.bool_]
    first: NDArray[np.bool_]
    due: NDArray[np.bool_]
    waits: NDArray[np.int64]

    def by(self, values: Coded[str]) -> tuple[Json, int]:
        """Return the figures of each value, and how many values are left out."""
        names = sorted({values.labels[code] for code in np.unique(values.codes).tolist()})
        number = {name: row for row, name in enumerate(names)}
        index = np.array([number.get(label, -1) for label in values.labels], np.int64)[values.codes]
        rows = np.split(np.argsort(index, kind="stable"), np.cumsum(np.bincount(index, minlength=len(names)))[:-1])
        people = {name: int(self.party[one].sum()) for name, one in zip(names, rows, strict=True) if name}
        hidden = {name for name, count in people.items() if count < FEWEST}
        if len(hidden) == 1 and len(people) > 1:  # the total would tell it: hide the next smallest beside it
            hidden.add(min((count, name) for name, count in people.items() if name not in hidden)[1])
        shown = {name: self.figures(one) for name, one in zip(names, rows, strict=True) if name and name not in hidden}
        return shown, len(hidden)

    def figures(self, rows: NDArray[np.int64]) -> Json:
        """Sum up some requests."""
        party, served = self.party[rows], self.served[rows]
        waits = np.sort(np.repeat(self.waits[rows][served], party[served]))
        wait: Mapping[str, Any] = {"wait_median": None, "wait_95": None, "wait_worst": None}
        if waits.size >= FEWEST:
            wait = {
                "wait_median": float(np.median(waits)),
                "wait_95": float(np.quantile(waits, 0.95, method="higher")),
                "wait_worst": int(waits[-1]),
            }
        due = self.due[rows]
        return {
            "asked": told(party.sum()),
            "served": told(party[served].sum()),
            "first_choice": told(party[self.first[rows]].sum()),
            "due": told(party[due].sum()),
            "due_met": told(party[due & served].sum()),
            **wait,
        }


def told(people: np.integer | int) -> int | None:
    """Return a count of people, or None where it is of one to four."""
    return None if 0 < people < FEWEST else int(people)


def _ages(asked: Asked, on: int) -> Coded[str]:
    """Return each request's age band on a day; "" where it is not known."""
    years = (on - asked.born_on) / 365.2425
    codes = np.select([asked.born_on == NOT_KNOWN, years < ADULT, years < GROWN, years < OLD], [0, 1, 2, 3], 4)
    return Coded(codes.astype(np.int32), ("", "0-17", "18-39", "40-59", "60+"))
