"""Have a file converted in a process apart (`booking.evidence.convert`)."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from booking.base.errors import FieldError
from booking.evidence.errors import EvidenceUnavailableError

SECONDS: Final = 40


@dataclass(frozen=True, slots=True)
class Converted:
    """A file as plain pages (JPEG), and a fingerprint of each."""

    pages: tuple[bytes, ...]
    fingerprints: tuple[str, ...]


def convert_apart(content: bytes) -> Converted:
    """Convert a file.

    Raises
    ------
    FieldError
        Of ``file``, with the reason why it cannot be taken; ``damaged_file`` where it brought the process down.
    EvidenceUnavailableError
        No process could be started.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "booking.evidence.convert"],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise FieldError("file", "damaged_file") from None
    except OSError as error:
        raise EvidenceUnavailableError from error
    if done.returncode != 0:
        raise FieldError("file", "damaged_file")
    line, _, rest = done.stdout.partition(b"\n")
    said = json.loads(line)
    if "refused" in said:
        raise FieldError("file", said["refused"])
    pages, start = [], 0
    for size in said["pages"]:
        pages.append(rest[start : start + size])
        start += size
    return Converted(tuple(pages), tuple(said["fingerprints"]))
