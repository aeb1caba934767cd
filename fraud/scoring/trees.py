"""Boosted trees as flat arrays whose sums are exact, so that a score can be taken apart without a remainder.

Every leaf and every expectation is a multiple of ``GRID``. Sums of such numbers below ``LARGEST`` fit the 53 bits of a
float64, so that no addition rounds: the order of summing does not matter, and scikit-learn, the fast walk and the
contributions of the features all come to the same number, to the last bit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

GRID: Final = 2.0**-36
LARGEST: Final = 2.0**16
"""Their ratio is 2 to the power of 52: one bit is left for the sign of a difference."""


class ArtifactError(Exception):
    """The bytes are not a sound model for this version of the facts; the message says why."""


_Node: TypeAlias = tuple[int, float, Any, Any, int, float]
"""Feature (-1 in a leaf), threshold, left and right child, whether what is missing goes left, expectation."""


class Contributions(NamedTuple):
    """A raw sum taken apart: ``baseline`` + the sum of ``parts`` is exactly the raw sum (log-odds before calibration).

    ``baseline`` is what the model expects of anyone; ``parts`` has one number for each feature, in schema order.
    """

    baseline: float
    parts: tuple[float, ...]

    @property
    def raw(self) -> float:
        """The raw sum; no addition rounds (see the module)."""
        return self.baseline + sum(self.parts)


def on_grid(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Round numbers to the nearest multiple of ``GRID``, by at most 7.3e-12."""
    return np.rint(np.asarray(values, dtype=np.float64) / GRID) * GRID


@dataclass(frozen=True)
class Trees:
    """All trees of a boosted model in one row of arrays.

    root: int32 (t,), first node of each tree; feature, left, right: int32 (n,); threshold, value, expected: float64
    (n,); missing_left: uint8 (n,). A leaf has feature -1. Other nodes go left where the feature's value is at most
    ``threshold``, or is missing (nan) and ``missing_left`` is 1. ``expected`` is the mean of the leaves below a node,
    weighted by the training rows that reached them.
    """

    base: float
    root: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]
    missing_left: npt.NDArray[np.uint8]
    expected: npt.NDArray[np.float64]

    def check(self, features: int) -> None:
        """Raise ArtifactError unless every walk stays inside and ends, and every sum is exact."""
        count = len(self.feature)
        parts = (self.threshold, self.left, self.right, self.value, self.missing_left, self.expected)
        if any(part.ndim != 1 or len(part) != count for part in parts) or self.root.ndim != 1 or self.feature.ndim != 1:
            raise ArtifactError("the trees' arrays have different lengths")
        if count == 0 or len(self.root) == 0 or self.root.min() < 0 or self.root.max() >= count:
            raise ArtifactError("a tree begins outside the arrays")
        inner = self.feature >= 0
        if self.feature.min() < -1 or self.feature.max() >= features:
            raise ArtifactError("a tree asks for a feature that does not exist")
        place = np.arange(count)[inner]
        for child in (
            self.left[inner],
            self.right[inner],
        ):  # children always lie after their parent: no walk is endless
            if np.any(child <= place) or np.any(child >= count):
                raise ArtifactError("a tree's branch leads nowhere")
        reached = np.concatenate([self.root, self.left[inner], self.right[inner]])
        if np.any(np.bincount(reached, minlength=count) != 1):
            raise ArtifactError("a part of a tree is reached by two ways, or by none")
        finite = np.isfinite(self.value).all() and np.isfinite(self.expected).all() and math.isfinite(self.base)
        # A threshold may be infinite: everything that is known goes left, what is missing goes right.
        if not finite or np.isnan(self.threshold).any() or np.isneginf(self.threshold).any():
            raise ArtifactError("a number in the trees is not finite")
        self._check_sums(inner)

    def _check_sums(self, inner: npt.NDArray[np.bool_]) -> None:
        numbers = np.concatenate([self.value[~inner], self.expected, [self.base]])
        if not np.array_equal(on_grid(numbers), numbers) or not np.array_equal(
            self.value[~inner], self.expected[~inner]
        ):
            raise ArtifactError("a number in the trees does not lie on the grid that makes sums exact")
        steps = sum(
            float(np.abs(self.expected[child] - self.expected[inner]).sum())
            for child in (self.left[inner], self.right[inner])
        )
        if steps + float(np.abs(self.expected[self.root]).sum()) + abs(self.base) >= LARGEST:
            raise ArtifactError("the numbers in the trees are too large for exact sums")

    def raw(self, values: Sequence[float]) -> float:
        """Return the sum of the trees for one row, equal to scikit-learn's to the last bit; nan is a missing value."""
        total = self.base
        for node in self._roots:
            while node[0] >= 0:
                known = values[node[0]]
                goes_left = known <= node[1] or (known != known and node[4])  # noqa: PLR0124 -- nan
                node = node[2] if goes_left else node[3]  # noqa: PLW2901 -- the walk
            total += node[5]
        return total

    def contributions(self, values: Sequence[float]) -> Contributions:
        """Take the sum of the trees for one row apart by the features that each walk asked (Saabas 2014).

        At every node the expectation changes from the node's to the chosen child's; the change belongs to the feature
        that was asked. Over a walk the changes add up to leaf - root, so nothing is left over.

        Notes
        -----
        TreeSHAP (Lundberg 2018) also weighs the walks that were not taken. It is fairer between features that are
        asked in different depths, and costs the square of the depth. These run for every live request, cost half as
        much again as the score itself, and say what this model did with this request.
        """
        parts = [0.0] * len(values)
        for node in self._roots:
            while (asked := node[0]) >= 0:
                known = values[asked]
                goes_left = known <= node[1] or (known != known and node[4])  # noqa: PLR0124 -- nan
                child = node[2] if goes_left else node[3]
                parts[asked] += child[5] - node[5]
                node = child  # noqa: PLW2901 -- the walk
        return Contributions(self.baseline, tuple(parts))

    def raw_many(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the raw sums, float64 (n,), of many rows, float64 (n, f); the same numbers as ``raw``."""
        rows = np.arange(len(values))
        total = np.full(len(values), self.base)
        leaf = self.feature < 0
        stay = np.arange(len(self.feature), dtype=np.int32)
        left, right = np.where(leaf, stay, self.left), np.where(leaf, stay, self.right)
        feature = np.where(leaf, 0, self.feature)
        missing_left = self.missing_left.astype(bool)
        for start in self.root:
            node = np.full(len(values), start, dtype=np.int32)
            while not leaf[node].all():
                known = values[rows, feature[node]]
                goes_left = (known <= self.threshold[node]) | (missing_left[node] & np.isnan(known))
                node = np.where(goes_left, left[node], right[node])
            total += self.value[node]
        return total

    @cached_property
    def baseline(self) -> float:
        """What the model expects of anyone: the raw sum before any feature is asked."""
        return self.base + float(self.expected[self.root].sum())

    @cached_property
    def _roots(self) -> list[_Node]:
        """The trees as nested tuples, made once: a step of the walk is then one comparison and no look-up."""
        columns = (self.feature, self.threshold, self.left, self.right, self.missing_left, self.expected)
        made: dict[int, _Node] = {}
        for place, (feature, threshold, left, right, missing_left, expected) in reversed(
            list(enumerate(zip(*(column.tolist() for column in columns), strict=True)))
        ):
            children = (None, None) if feature < 0 else (made[left], made[right])
            made[place] = (feature, threshold, *children, missing_left, expected)
        return [made[root] for root in self.root.tolist()]
