"""Read a table from a file: CSV with any common separator and encoding, zipped or not, or Parquet."""

import csv
import gzip
import io
import lzma
import re
import warnings
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from fraud.tables.errors import TableError

_SEPARATORS: Final = (",", ";", "\t", "|")
_TEXT: Final = (".csv", ".tsv", ".txt", ".tab", ".data", ".dat", "")
_LARGEST: Final = 4 * 2**30
"""Bytes of an unpacked file: far more than fits in memory is an accident or a bomb."""
_HIGH: Final = re.compile(rb"[\x80-\xff]+")


def read_table(path: Path) -> pd.DataFrame:
    """Read every cell as the text that stands in the file.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv`` or ``.txt``, each also as ``.gz``; a ``.zip`` with one of them; or ``.parquet``.

    Raises
    ------
    TableError
        The file is missing, damaged, empty, of another kind, or not a table.
    """
    if not path.exists():
        raise TableError(f"there is no file {path}")
    if path.is_dir():
        raise TableError(f"{path} is a folder; give a file")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return _read_parquet(path)
        data, name = _unpacked(path)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError) as error:
        raise TableError(f"{path} cannot be read: {error}") from error
    if PurePosixPath(name).suffix.lower() not in _TEXT:
        raise TableError(f"{name} is not a kind of table that is read here; save it as CSV")
    return _parsed(_decoded(data, name), name)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise TableError("Parquet files need the package pyarrow; install it, or save the table as CSV") from error
    except ValueError as error:
        raise TableError(f"{path} is not a Parquet file: {error}") from error


def _unpacked(path: Path) -> tuple[bytes, str]:
    """Return the bytes of the one table in the file, and its name."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as packed:
            return _bounded(packed.read(_LARGEST + 1), path.name), path.stem
    if path.suffix.lower() != ".zip":
        return path.read_bytes(), path.name
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if member.filename
            and not member.is_dir()
            and not any(part.startswith((".", "__MACOSX")) for part in member.filename.split("/"))
        ]
        tables = [one for one in members if PurePosixPath(one.filename).suffix.lower() in _TEXT] or members
        if len(tables) != 1:
            names = ", ".join(one.filename for one in tables) or "nothing"
            raise TableError(f"{path} must hold exactly one table, but holds {names}")
        if tables[0].file_size > _LARGEST:
            raise TableError(f"{tables[0].filename} is larger than {_LARGEST >> 30} GB when unpacked")
        return archive.read(tables[0]), tables[0].filename


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > _LARGEST:
        raise TableError(f"{name} is larger than {_LARGEST >> 30} GB when unpacked")
    return data


def _decoded(data: bytes, name: str) -> str:
    """Decode UTF-8 or UTF-16 with a mark; else what Windows writes in Arabic or in Western Europe."""
    if not data.strip():
        raise TableError(f"{name} is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:4096]:
        raise TableError(f"{name} holds binary data, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Arabic words are runs of high bytes; the accents of Latin words stand alone.
        runs = [len(run) for run in _HIGH.findall(data[:1_000_000])]
        arabic = sum(size for size in runs if size > 1) > sum(size for size in runs if size == 1)
        return data.decode("cp1256" if arabic else "latin-1", errors="replace")


def _parsed(text: str, name: str) -> pd.DataFrame:
    text = text.replace("\0", "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=_separator(text),
                dtype=str,
                keep_default_na=False,
                index_col=False,
                skipinitialspace=True,
                low_memory=False,
            )
    except pd.errors.ParserWarning as error:
        raise TableError(f"{name}: the rows have more cells than the header has names") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, csv.Error) as error:
        said = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise TableError(f"{name} is not a table: {said}") from error
    if frame.empty:
        raise TableError(f"{name} has a header, but no rows")
    return frame


def _separator(text: str) -> str:
    """Return the separator that gives the first lines the most cells, and equally many."""
    lines = [line for line in text[:100_000].splitlines()[:20] if line.strip()]

    def cells(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)] or [0]  # of a mark alone, for one
        return (counts[0] if counts[0] > 1 and counts.count(counts[0]) > len(counts) // 2 else 0), counts[0]

    try:
        return max(_SEPARATORS, key=cells)
    except csv.Error:
        return ","
