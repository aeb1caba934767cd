"""A trained model as flat arrays: safe to load, exact to the last bit, fast for one row.

The file is a NumPy ``.npz`` without pickled objects, so loading it can never run code. Besides the arrays it holds one
array of UTF-8 bytes with JSON: the schema of its features and their hash, calibration, thresholds, and what is known of
the training (data hash, periods, metrics, distributions).
"""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from fraud.facts import BY_NAME, FEATURES, Facts, row, schema_hash
from fraud.scoring.trees import ArtifactError, Contributions, Trees

__all__ = ["Artifact", "ArtifactError", "Contributions", "Schema", "Thresholds", "Trees", "gate_schema"]

FORMAT: Final = 2
MAX_BYTES: Final = 20_000_000
MAX_UNPACKED_BYTES: Final = 50_000_000
_ARRAYS: Final[Mapping[str, str]] = {
    "root": "int32",
    "feature": "int32",
    "threshold": "float64",
    "left": "int32",
    "right": "int32",
    "value": "float64",
    "missing_left": "uint8",
    "expected": "float64",
}


class Schema(NamedTuple):
    """The features that a model takes, in order, and a hash of their names and kinds."""

    features: tuple[str, ...]
    hash: str


def gate_schema() -> Schema:
    """Return the schema of a new model of the gate: all facts about a request."""
    return Schema(FEATURES, schema_hash())


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which the gate asks for a challenge, and for an officer's review."""

    challenge: float
    review: float

    def __post_init__(self) -> None:
        if not 0 < self.challenge <= self.review:
            raise ValueError("thresholds must be 0 < challenge <= review")


@dataclass(frozen=True)
class Artifact:
    """A calibrated model, ready to score.

    ``slope`` and ``intercept`` turn the raw sum of the trees into a probability; ``about`` holds what is known of the
    training (data hash, rows, periods, metrics, distributions).
    """

    trees: Trees
    slope: float
    intercept: float
    thresholds: Thresholds
    about: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema = field(default_factory=gate_schema)

    def score(self, facts: Facts) -> float:
        """Return the probability (0 to 1) that this request hoards places."""
        return self.score_row(row(facts, self.schema.features))

    def score_row(self, values: Sequence[float]) -> float:
        """Return the probability of one row of features in schema order; nan is a missing value."""
        return self.calibrated(self.trees.raw(values))

    def explained(self, facts: Facts) -> tuple[float, Contributions]:
        """Return the same score, and the contributions that add up exactly to the raw sum behind it, in one walk."""
        parts = self.trees.contributions(row(facts, self.schema.features))
        return self.calibrated(parts.raw), parts

    def score_many(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the probabilities, float64 (n,), of many rows; the same numbers as ``score``."""
        # math.exp and numpy.exp may differ in the last bit; history must be judged exactly as the live gate does.
        return np.array([self.calibrated(raw) for raw in self.trees.raw_many(values).tolist()])

    def calibrated(self, raw: float) -> float:
        """Return the probability that belongs to a raw sum, as scikit-learn's logistic curve gives it."""
        try:
            return 1.0 / (1.0 + math.exp(-(self.slope * raw + self.intercept)))
        except OverflowError:
            return 0.0

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides a score; equal models have equal versions."""
        return _version(self.trees, self._metadata())

    def _metadata(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "schema": self.schema.hash,
            "features": list(self.schema.features),
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
    def from_bytes(cls, data: bytes, schema: Schema | None = None) -> Self:
        """Read a model for ``schema``, by default one of the gate: it knows all facts, or those that there were then.

        Raises
        ------
        ArtifactError
            The bytes are truncated, altered, too large, of another format, or trained on another schema of facts.
        """
        arrays, metadata = _unpack(data)
        schema = schema or _of_the_gate(metadata)
        if metadata.get("format") != FORMAT:
            raise ArtifactError(f"the model has format {metadata.get('format')!r}; this version reads {FORMAT}")
        if metadata.get("schema") != schema.hash:
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
        trees.check(len(schema.features))
        model = cls(trees, numbers["slope"], numbers["intercept"], thresholds, about, schema)
        if model.version != metadata.get("version"):
            raise ArtifactError("the model was altered: its contents do not match its version")
        return model


def _of_the_gate(metadata: Mapping[str, Any]) -> Schema:
    """Return the schema of a model that takes facts which the gate has; its hash says whether they are the same."""
    features = metadata.get("features")
    if not isinstance(features, list) or not all(isinstance(name, str) and name in BY_NAME for name in features):
        return gate_schema()
    return Schema(tuple(features), schema_hash(features)) if len(set(features)) == len(features) else gate_schema()


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
