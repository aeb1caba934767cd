"""What is published beside a plan, so that others can check how good it is."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.checking.by_size import proven_bound
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem

OPEN: Final = "mawid-certificate-2"
HIDDEN: Final = "mawid-certificate-3"
"""The formats of a certificate with the hashes of problem and plan, and of one without."""
HASHES: Final = ("problem_sha256", "plan_sha256")


@dataclass(frozen=True, eq=False)
class Certificate:
    """Ties a problem, a plan and a proof of its quality together.

    ``mechanism``, ``status``, ``objective`` and ``plan_bound`` repeat what the plan states; ``prices``: int64 (m,),
    of one unit in each bin; ``by_size``: int64, what each bin asks of each size besides, see
    `allocation.checking.by_size`, or empty; ``bound``: what they prove by weak duality, never below the objective of
    any plan (the plan's own bound may be better, where the solver knew more than prices can prove); ``versions``: of
    the software that made the plan, for information. The hashes of problem and plan are None where these are hidden:
    whoever guessed them would see that they guessed right.
    """

    problem_sha256: str | None
    plan_sha256: str | None
    mechanism: Mechanism
    status: Status
    objective: int
    plan_bound: int
    bound: int
    prices: NDArray[np.int64]
    by_size: NDArray[np.int64]
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict, for publication."""
        prices = {"prices": self.prices}
        if self.by_size.size:
            prices["by_size"] = self.by_size
        hashes = {} if self.plan_sha256 is None else {name: getattr(self, name) for name in HASHES}
        return {
            "format": OPEN if hashes else HIDDEN,
            **hashes,
            "mechanism": self.mechanism.value,
            "status": self.status.value,
            "objective": self.objective,
            "plan_bound": self.plan_bound,
            "bound": self.bound,
            "versions": dict(self.versions),
            "columns": columns.packed(prices),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; ValueError where it is damaged."""
        if data.get("format") not in (OPEN, HIDDEN):
            raise ValueError(f"format: expected {OPEN} or {HIDDEN}, found {data.get('format')!r}")
        try:
            prices = {"by_size": np.empty(0, np.int64)} | columns.unpacked(data["columns"])
            return cls(
                problem_sha256=str(data["problem_sha256"]) if data["format"] == OPEN else None,
                plan_sha256=str(data["plan_sha256"]) if data["format"] == OPEN else None,
                mechanism=Mechanism(data["mechanism"]),
                status=Status(data["status"]),
                objective=int(data["objective"]),
                plan_bound=int(data["plan_bound"]),
                bound=int(data["bound"]),
                prices=columns.integers("prices", prices["prices"], np.int64),
                by_size=columns.integers("by_size", prices["by_size"], np.int64),
                versions={str(name): str(value) for name, value in data["versions"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"certificate: missing or damaged {error}") from error


def certify(problem: Problem, plan: Plan, *, hidden: bool = False) -> Certificate:
    """Write the certificate of a plan that was made for this problem; one without hashes where both are hidden."""
    return Certificate(
        problem_sha256=None if hidden else problem.digest.hex(),
        plan_sha256=None if hidden else plan.digest.hex(),
        mechanism=plan.mechanism,
        status=plan.status,
        objective=plan.objective,
        plan_bound=plan.bound,
        bound=proven_bound(problem, plan.prices, plan.by_size),
        prices=plan.prices,
        by_size=plan.by_size,
        versions={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "ortools": version("ortools"),
            "mawid": version("mawid"),
        },
    )
