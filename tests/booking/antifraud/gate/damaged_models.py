"""Models damaged in every way that a file can be, for tests."""

import io

import numpy as np

from fraud.scoring.artifact import Artifact, Schema


def rewritten(data: bytes, **parts: np.ndarray) -> bytes:
    with np.load(io.BytesIO(data), allow_pickle=False) as old:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **(dict(old) | parts))
    return buffer.getvalue()


def damaged(model: Artifact, how: str) -> bytes:
    data, trees = model.to_bytes(), model.trees
    strange = {
        "a bomb": lambda: {"value": np.zeros(50_000_000)},
        "of pickled parts": lambda: {"value": np.array([{}], dtype=object)},
        "cyclic": lambda: {"left": np.zeros_like(trees.left)},
        "with nan in its trees": lambda: {"value": np.full_like(trees.value, np.nan)},
        "of absurd shapes": lambda: {"value": trees.value.reshape(1, -1)},
    }
    if how in strange:
        return rewritten(data, **strange[how]())
    if how == "truncated":
        return data[: len(data) // 2]
    if how == "altered":
        return data[:400] + bytes(200) + data[600:]
    if how == "of another schema":
        return Artifact(
            model.trees, model.slope, model.intercept, model.thresholds, model.about, Schema(model.schema.features, "x")
        ).to_bytes()
    return b"\x80\x04cos\nsystem\n(S'false'\ntR."
