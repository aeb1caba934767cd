"""Write frames as files: CSV for everyone, Parquet with its types."""

import io
from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%dT%H:%M:%SZ").encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    output = io.BytesIO()
    frame.to_parquet(output, engine="pyarrow", index=False, compression="zstd")
    return output.getvalue()


WRITERS: Final[Mapping[str, tuple[Callable[[pd.DataFrame], bytes], str]]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}
"""By the ending of the file: the writer and the media type."""


def written(frame: pd.DataFrame, ending: str) -> tuple[bytes, str]:
    """Write a frame as a file of this kind; an empty CSV cell is a hidden or missing value."""
    write, media_type = WRITERS[ending]
    return write(frame), media_type
