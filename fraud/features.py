"""The model's view of the facts: one definition for training and for the live gate."""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.facts import SCHEMA, FactError, Facts

FEATURES: Final[tuple[str, ...]] = tuple(fact.name for fact in SCHEMA)


def row(facts: Facts) -> list[float]:
    """Return one request's features as plain floats, in schema order (the live path)."""
    return [float(getattr(facts, name)) for name in FEATURES]


def vector(facts: Facts) -> npt.NDArray[np.float64]:
    """Return one request's features, float64 (f,), in schema order."""
    return np.array(row(facts), dtype=np.float64)


def matrix(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the features of many requests, float64 (n, f), from a frame with a column for each fact.

    Raises
    ------
    FactError
        A fact has no column, its column is not numeric, or a value is not finite.
    """
    missing = [name for name in FEATURES if name not in frame]
    if missing:
        raise FactError(f"missing fact: {', '.join(missing)}")
    mistyped = [name for name in FEATURES if not pd.api.types.is_numeric_dtype(frame[name])]
    if mistyped:
        raise FactError(f"not a column of numbers: {', '.join(mistyped)}")
    values = frame.loc[:, list(FEATURES)].to_numpy(dtype=np.float64, na_value=np.nan)
    endless = [name for name, fine in zip(FEATURES, np.isfinite(values).all(axis=0), strict=True) if not fine]
    if endless:
        raise FactError(f"missing or endless values: {', '.join(endless)}")
    return np.ascontiguousarray(values)


def schema_hash() -> str:
    """Return a hash of the names, kinds and order of the features: a model fits only the schema it was trained on."""
    content = "\n".join(f"{fact.name}:{fact.kind}" for fact in SCHEMA)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
