"""Columns of integers: checked one by one, hashed and packed the same way on every machine."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

MAX_ROWS = 1 << 28


def integers(name: str, values: ArrayLike, dtype: DTypeLike, *, length: int | None = None) -> NDArray[Any]:
    """Return ``values`` as a one-dimensional array of ``dtype`` of its own; ValueError names the first bad row.

    They are copied, but for a read-only array of this type that has its own memory: it is shared.
    """
    given = np.asarray(values)
    if given.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, found {given.ndim}")
    if length is not None and given.size != length:
        raise ValueError(f"{name}: expected {length} rows, found {given.size}")
    if given.size and given.dtype.kind not in "iub":
        raise ValueError(f"{name}: expected integers, found {given.dtype}")
    limits = np.iinfo(dtype)
    within(name, given, int(limits.min), int(limits.max))
    return given.astype(dtype, copy=not shared(given, dtype))


def shared(values: NDArray[Any], dtype: DTypeLike) -> bool:
    """Return whether an array can be kept as it is: of this type, read-only, and with its own memory."""
    return values.dtype == np.dtype(dtype) and not values.flags.writeable and values.flags.owndata


def optional(name: str, values: ArrayLike, dtype: DTypeLike, *, length: int, default: NDArray[Any]) -> NDArray[Any]:
    """Return ``integers`` of the values, or of the default where the column is empty."""
    given = np.asarray(values)
    if given.ndim == 1 and given.size == 0:
        return default.astype(dtype, copy=True)
    return integers(name, given, dtype, length=length)


def within(name: str, values: NDArray[Any], low: int, high: int) -> None:
    """Raise ValueError at the first row outside low … high."""
    if values.size == 0 or values.dtype.kind == "b":
        return
    # Python integers: uint64 against int64 limits would otherwise be compared as floats
    if int(values.min()) >= low and int(values.max()) <= high:
        return
    row = int(np.flatnonzero((values < low) | (values > high))[0])
    raise ValueError(f"{name}: row {row} is {int(values[row])}, expected {low} to {high}")


def permutation(name: str, values: NDArray[Any]) -> None:
    """Raise ValueError at the first row that is outside 0 … n-1 or repeats an earlier row."""
    within(name, values, 0, values.size - 1)
    first = np.full(values.size, values.size, np.int64)
    np.minimum.at(first, values, np.arange(values.size))
    repeated = np.flatnonzero(first[values] < np.arange(values.size))
    if repeated.size:
        row = int(repeated[0])
        raise ValueError(f"{name}: row {row} repeats the position {int(values[row])}")


def never_rises(name: str, values: NDArray[Any], order: NDArray[Any]) -> None:
    """Raise ValueError at the first request in line whose value is above the one before it."""
    line = np.argsort(order)
    rises = np.flatnonzero(np.diff(values[line].astype(np.int64)) > 0)
    if rises.size:
        row = int(line[rises[0] + 1])
        raise ValueError(f"{name}: row {row} is {int(values[row])}, above the request ahead of it in line")


def no_repeats(name: str, key: NDArray[np.int64], rows: NDArray[np.int64], width: int) -> None:
    """Raise ValueError at the first row whose key, left · width + right, appeared before; ``rows`` sort the keys."""
    repeated = rows[1:][np.diff(key[rows]) == 0]
    if repeated.size:
        row = int(repeated.min())
        raise ValueError(f"{name}: row {row} repeats the pair ({int(key[row]) // width}, {int(key[row]) % width})")


def starts(counts: ArrayLike) -> NDArray[np.int64]:
    """Where each of k groups begins whose rows stand one group after another, and where the last one ends; (k + 1,)."""
    counted = np.asarray(counts, np.int64)
    begin = np.zeros(counted.size + 1, np.int64)
    np.cumsum(counted, out=begin[1:])
    return begin


def digest(prefix: bytes, content: Mapping[str, NDArray[Any]]) -> bytes:
    """SHA-256 over the prefix and each column's name, little-endian type, length and bytes."""
    total = hashlib.sha256(prefix)
    for name, values in content.items():
        raw = _little(values)
        total.update(f"{name} {raw.dtype.str} {raw.size}\n".encode())
        total.update(raw.tobytes())
    return total.digest()


def packed(content: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    """Differences of neighbours, compressed, in base64: sorted and repeating columns become small."""
    result: dict[str, dict[str, Any]] = {}
    for name, values in content.items():
        raw = _little(values)
        steps = np.diff(raw, prepend=raw.dtype.type(0))  # wraps around on overflow, and back when summed
        data = base64.b64encode(zlib.compress(steps.tobytes(), 6)).decode("ascii")
        result[name] = {"type": raw.dtype.str, "rows": int(raw.size), "data": data}
    return result


def unpacked(content: object) -> dict[str, NDArray[Any]]:
    """Read what ``packed`` wrote; ValueError names the damaged column."""
    if not isinstance(content, dict):
        raise ValueError("columns: expected an object")  # noqa: TRY004 - bad content, not a bad argument type
    return {str(name): _unpacked(str(name), column) for name, column in content.items()}


def _unpacked(name: str, column: object) -> NDArray[Any]:
    try:
        dtype, rows, data = column["type"], column["rows"], column["data"]  # type: ignore[index]
        kind = np.dtype(dtype)
        if kind.kind not in "iu" or not 0 <= int(rows) <= MAX_ROWS:
            raise ValueError(f"{name}: expected integers, found {dtype} with {rows} rows")
        size = int(rows) * kind.itemsize
        # never inflate more than the column says: a few bytes may hide gigabytes
        raw = zlib.decompressobj().decompress(base64.b64decode(data, validate=True), size + 1)
    except (KeyError, TypeError, binascii.Error, zlib.error) as error:
        raise ValueError(f"{name}: damaged column ({error})") from error
    if len(raw) != size:
        raise ValueError(f"{name}: expected {size} bytes, found {len(raw)}")
    return np.cumsum(np.frombuffer(raw, kind), dtype=kind)


def _little(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
