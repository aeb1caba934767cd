"""A trained model as flat arrays: safe to load, exact to the last bit, fast for one row.

The file is a NumPy ``.npz`` without pickled objects, so loading it can never run code. Besides the arrays it holds one
array of UTF-8 bytes with JSON: schema hash, data hash, calibration, thresholds, metrics.
"""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from fraud.facts import Facts
from fraud.features import FEATURES, row, schema_hash

FORMAT: Final = 1
MAX_BYTES: Final = 20_000_000
MAX_UNPACKED_BYTES: Final = 50_000_000
_ARRAYS: Final[Mapping[str, str]] = {
    "root": "int32",
    "feature": "int32",
    "threshold": "float64",
    "left": "int32",
    "right": "int32",
    "value": "float64",
}


class ArtifactError(Exception):
    """The bytes are not a sound model for this version of the facts; the message says why."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which the gate asks for a challenge, and for an officer's review."""

    challenge: float
    review: float

    def __post_init__(self) -> None:
        if not 0 < self.challenge <= self.review:
            raise ValueError("thresholds must be 0 < challenge <= review")


@dataclass(frozen=True)
class Trees:
    """All trees of a boosted model in one row of arrays.

    root: int32 (t,), first node of each tree; feature, left, right: int32 (n,); threshold, value: float64 (n,).
    A leaf has feature -1. Other nodes go left where the feature's value is at most ``threshold``.
    """

    base: float
    root: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]

    def check(self, features: int) -> None:
        """Raise ArtifactError unless every walk stays inside and ends: children always lie after their parent."""
        count = len(self.feature)
        parts = (self.threshold, self.left, self.right, self.value)
        if any(part.ndim != 1 or len(part) != count for part in parts) or self.root.ndim != 1 or self.feature.ndim != 1:
            raise ArtifactError("the trees' arrays have different lengths")
        if count == 0 or len(self.root) == 0 or self.root.min() < 0 or self.root.max() >= count:
            raise ArtifactError("a tree begins outside the arrays")
        inner = self.feature >= 0
        if self.feature.min() < -1 or self.feature.max() >= features:
            raise ArtifactError("a tree asks for a feature that does not exist")
        place = np.arange(count)[inner]
        for child in (self.left[inner], self.right[inner]):
            if np.any(child <= place) or np.any(child >= count):
                raise ArtifactError("a tree's branch leads nowhere")
        if not (np.isfinite(self.value).all() and np.isfinite(self.threshold).all() and math.isfinite(self.base)):
            raise ArtifactError("a number in the trees is not finite")


@dataclass(frozen=True)
class Artifact:
    """A calibrated model, ready to score.

    ``slope`` and ``intercept`` turn the raw sum of the trees into a probability; ``about`` holds what is known of the
    training (data hash, rows, periods, metrics).
    """

    trees: Trees
    slope: float
    intercept: float
    thresholds: Thresholds
    about: Mapping[str, Any] = field(default_factory=dict)

    def score(self, facts: Facts) -> float:
        """Return the probability (0 to 1) that this request hoards places."""
        return self.calibrated(self.raw(row(facts)))

    def raw(self, values: list[float]) -> float:
        """Return the sum of the trees for one row of finite features, equal to scikit-learn's to the last bit."""
        roots, nodes, total = self._walk
        for start in roots:
            node = nodes[start]
            while node[0] >= 0:
                node = nodes[node[2] if values[node[0]] <= node[1] else node[3]]
            total += node[4]
        return total

    def raw_many(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the raw sums, float64 (n,), of many rows, float64 (n, f); the same numbers as ``raw``."""
        trees = self.trees
        rows = np.arange(len(values))
        total = np.full(len(values), trees.base)
        leaf = trees.feature < 0
        stay = np.arange(len(trees.feature), dtype=np.int32)
        left = np.where(leaf, stay, trees.left)
        right = np.where(leaf, stay, trees.right)
        feature = np.where(leaf, 0, trees.feature)
        for start in trees.root:
            node = np.full(len(values), start, dtype=np.int32)
            while not leaf[node].all():
                node = np.where(values[rows, feature[node]] <= trees.threshold[node], left[node], right[node])
            total += trees.value[node]
        return total

    def score_many(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the probabilities, float64 (n,), of many rows; the same numbers as ``score``."""
        # math.exp and numpy.exp may differ in the last bit; history must be judged exactly as the live gate does.
        return np.array([self.calibrated(raw) for raw in self.raw_many(values).tolist()])

    def calibrated(self, raw: float) -> float:
        """Return the probability that belongs to a raw sum."""
        return 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, self.slope * raw + self.intercept))))

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides a score; equal models have equal versions."""
        return _version(self.trees, self._metadata())

    @cached_property
    def _walk(self) -> tuple[list[int], list[tuple[int, float, int, int, float]], float]:
        trees = self.trees
        columns = (trees.feature, trees.threshold, trees.left, trees.right, trees.value)
        return trees.root.tolist(), list(zip(*(column.tolist() for column in columns), strict=True)), trees.base

    def _metadata(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "schema": schema_hash(),
            "features": list(FEATURES),
            "base": self.trees.base,
            "slope": self.slope,
            "intercept": self.intercept,
            "challenge": self.thresholds.challenge,
            "review": self.thresholds.review,
            "about": dict(self.about),
        }

    def to_bytes(self) -> bytes:
        """Return the model as the bytes of an ``.npz`` file; equal models give equal bytes."""
        metadata = self._metadata() | {"version": self.version}
        arrays = {name: getattr(self.trees, name) for name in _ARRAYS}
        words = np.frombuffer(json.dumps(metadata, sort_keys=True).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, metadata=words, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a model.

        Raises
        ------
        ArtifactError
            The bytes are truncated, altered, too large, of another format, or trained on another schema of facts.
        """
        arrays, metadata = _unpack(data)
        if metadata.get("format") != FORMAT:
            raise ArtifactError(f"the model has format {metadata.get('format')!r}; this version reads {FORMAT}")
        if metadata.get("schema") != schema_hash():
            raise ArtifactError("the model was trained on another schema of facts; train it again")
        try:
            numbers = {name: float(metadata[name]) for name in ("base", "slope", "intercept", "challenge", "review")}
            thresholds = Thresholds(numbers["challenge"], numbers["review"])
            about = dict(metadata["about"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"the model's description is incomplete: {error}") from None
        if not all(math.isfinite(number) for number in numbers.values()):
            raise ArtifactError("a number in the model's description is not finite")
        trees = Trees(numbers["base"], **arrays)
        trees.check(len(FEATURES))
        model = cls(trees, numbers["slope"], numbers["intercept"], thresholds, about)
        if model.version != metadata.get("version"):
            raise ArtifactError("the model was altered: its contents do not match its version")
        return model


def _unpack(data: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    if len(data) > MAX_BYTES:
        raise ArtifactError(f"the model is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist()}
        _check_sizes(sizes)
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            arrays = {name: parts[name] for name in (*_ARRAYS, "metadata")}
        metadata = json.loads(arrays.pop("metadata").tobytes().decode())
    except ArtifactError:
        raise
    except Exception as error:  # noqa: BLE001 -- at forged bytes zipfile, zlib, NumPy, tokenize and json raise anything
        raise ArtifactError(f"the file is not a whole model: {error}") from None
    for name, kind in _ARRAYS.items():
        if arrays[name].dtype != np.dtype(kind):
            raise ArtifactError(f"the part {name} has type {arrays[name].dtype}, not {kind}")
    if not isinstance(metadata, dict):
        raise ArtifactError("the model's description is not a table")
    return arrays, metadata


def _check_sizes(sizes: Mapping[str, int]) -> None:
    if sorted(sizes) != sorted(f"{name}.npy" for name in (*_ARRAYS, "metadata")):
        raise ArtifactError("the file holds other parts than a model's")
    if sum(sizes.values()) > MAX_UNPACKED_BYTES:
        raise ArtifactError("the model is too large when unpacked")


def _version(trees: Trees, metadata: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, kind in _ARRAYS.items():
        digest.update(getattr(trees, name).astype(kind).tobytes())
    return digest.hexdigest()[:16]
