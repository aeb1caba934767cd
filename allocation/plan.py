"""What a draw decides: the bin of each request, and how far from the best possible it can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from allocation import columns


class Mechanism(StrEnum):
    """How a plan chose."""

    EXCHANGE = "exchange"
    """As many as possible along the line, moving those served where that makes room for one more."""
    IN_LINE = "in-line-order"
    """Each in turn takes the best that is left, for good; strategy-proof."""
    FIRST_COME = "first-come"
    """The same, in the order of arrival; for comparison."""


class Status(StrEnum):
    """How much is known about a plan."""

    OPTIMAL = "optimal"
    """No plan serves a better set of requests."""
    BOUNDED = "bounded"
    """The gap to the best possible plan is at most ``Plan.gap``."""
    STOPPED = "stopped"
    """The same, but the caller stopped the search: another run would stop elsewhere, so it is not to be published."""
    BASELINE = "baseline"
    """Made for comparison, without a bound: ``bound`` is the objective itself."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The bin of each request.

    ``bin_of_request``: int32 (n,), -1 where not served. ``objective``: service units served, each times the
    weight of its request's place in line. ``bound``: no plan has a higher objective. ``prices``: int64 (m,),
    the objective that one more unit of each bin would add; they prove a bound. ``by_size``: int64 (m · k,), what each
    bin asks of each of the k sizes of requests besides, so that they prove a lower one, or empty. ``stage_seconds``:
    time per stage (prepare, draft, improve, place), not part of the digest.
    """

    bin_of_request: NDArray[np.int32]
    status: Status
    served_requests: int
    served_people: int
    served_units: int
    objective: int
    bound: int
    prices: NDArray[np.int64]
    stage_seconds: Mapping[str, float]
    mechanism: Mechanism = Mechanism.EXCHANGE
    by_size: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def gap(self) -> float:
        """Proven distance to the best plan, as a share of the bound; 0 is optimal."""
        return gap(self.objective, self.bound)

    @property
    def gap_people(self) -> float:
        """The same distance in people of the average weight of those served."""
        return gap_people(self.objective, self.bound, self.served_people)

    @property
    def digest(self) -> bytes:
        """SHA-256 of who is served where."""
        return columns.digest(b"mawid-plan-1\n", {"bin_of_request": self.bin_of_request})

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict with compressed base64 columns, for publication."""
        packed: dict[str, NDArray[Any]] = {"bin_of_request": self.bin_of_request, "prices": self.prices}
        if self.by_size.size:
            packed["by_size"] = self.by_size
        return {
            "format": "mawid-plan-2",
            "sha256": self.digest.hex(),
            "mechanism": self.mechanism.value,
            "status": self.status.value,
            "served_requests": self.served_requests,
            "served_people": self.served_people,
            "served_units": self.served_units,
            "objective": self.objective,
            "bound": self.bound,
            "columns": columns.packed(packed),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; ValueError where it is damaged or does not match its SHA-256."""
        if data.get("format") != "mawid-plan-2":
            raise ValueError(f"format: expected mawid-plan-2, found {data.get('format')!r}")
        read = {"by_size": np.empty(0, np.int64)} | columns.unpacked(data.get("columns"))
        try:
            plan = cls(
                bin_of_request=columns.integers("bin_of_request", read["bin_of_request"], np.int32),
                prices=columns.integers("prices", read["prices"], np.int64),
                by_size=columns.integers("by_size", read["by_size"], np.int64),
                mechanism=Mechanism(data["mechanism"]),
                status=Status(data["status"]),
                stage_seconds={},
                **{name: int(data[name]) for name in _NUMBERS},
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"plan: missing or damaged {error}") from error
        if plan.digest.hex() != data.get("sha256"):
            raise ValueError("sha256: the plan is not the one that was published")
        return plan


def gap(objective: int, bound: int) -> float:
    """Return the proven distance to the best plan, as a share of its bound; 0 is optimal."""
    return (bound - objective) / bound if bound else 0.0


def gap_people(objective: int, bound: int, served_people: int) -> float:
    """Return the same distance in people of the average weight of those served; 0 where nobody is."""
    return (bound - objective) * served_people / objective if objective else 0.0


_NUMBERS = ("served_requests", "served_people", "served_units", "objective", "bound")
