"""Have a file converted in a process apart, whose answer is believed no more than the file."""

import functools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

import structlog

from booking.people.evidence.confine import Guard
from booking.people.evidence.convert import MOST_OUTPUT, MOST_PAGES
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.platform.base.errors import FieldError

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

SECONDS: Final = 40
REASONS: Final = frozenset({"damaged_file", "too_many_pixels", "encrypted_pdf", "too_many_pages", "unknown_file"})
_CONVERTER: Final = ("-m", "booking.people.evidence.convert")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{16}")
_JPEG: Final = b"\xff\xd8\xff"


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
        Of ``file``, with the reason why it cannot be taken; ``damaged_file`` where it brought the process down, or had
        it answer what no converter says.
    EvidenceUnavailableError
        No process could be started.
    """
    try:
        output = run_apart(_CONVERTER, content)
    except subprocess.TimeoutExpired:
        raise FieldError("file", "damaged_file") from None
    except OSError as error:
        raise EvidenceUnavailableError from error
    if output is None:
        raise FieldError("file", "damaged_file")
    line, _, rest = output.partition(b"\n")
    said = _read_line(line)
    if "refused" in said:
        raise FieldError("file", _known_reason(said["refused"]))
    converted = _take_apart(said, rest)
    if converted is None:
        raise FieldError("file", "damaged_file")
    return converted


@functools.cache
def missing_guards() -> tuple[Guard, ...]:
    """Return what this machine does not offer to hold the converter with; asked once, of the converter itself.

    Raises
    ------
    EvidenceUnavailableError
        It could not be started, or ended without a word.
    """
    try:
        output = run_apart(_CONVERTER, b"")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EvidenceUnavailableError from error
    if output is None:
        raise EvidenceUnavailableError
    return tuple(map(Guard, json.loads(output)["missing"]))


def tell_missing_guards() -> None:
    """Say in the log which guards this machine does not offer, or that the converter does not start at all."""
    try:
        missing = missing_guards()
    except EvidenceUnavailableError:
        log.exception("converter_does_not_start")
        return
    if missing:
        log.warning("converter_guards_missing", guards=[guard.value for guard in missing])


def run_apart(program: tuple[str, ...], content: bytes) -> bytes | None:
    """Run a program of ours with nothing of ours: no environment, no file but input and output, 40 seconds.

    Parameters
    ----------
    program
        Arguments of Python.
    content
        What it reads on its input.

    Returns
    -------
    bytes or None
        Its output, held in memory alone, 64 MB at most; None where it failed.

    Raises
    ------
    OSError
        It could not be started.
    subprocess.TimeoutExpired
        It was ended, because it did not end.
    """
    output = os.memfd_create("pages", os.MFD_CLOEXEC)
    with os.fdopen(output, "r+b") as file:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-I", *program],
            input=content,
            stdout=file,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            env={},
        )
        file.seek(0)
        return file.read(MOST_OUTPUT) if done.returncode == 0 else None


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _known_reason(reason: object) -> str:
    return reason if isinstance(reason, str) and reason in REASONS else "damaged_file"


def _take_apart(said: dict[str, Any], rest: bytes) -> Converted | None:
    """Return the pages that the line announces; None unless all of them are there, and look like what they are."""
    sizes, fingerprints = said.get("pages"), said.get("fingerprints")
    if not (isinstance(sizes, list) and isinstance(fingerprints, list)):
        return None
    if not (0 < len(sizes) <= MOST_PAGES and len(sizes) == len(fingerprints)):
        return None
    if not all(isinstance(one, str) and _FINGERPRINT.fullmatch(one) for one in fingerprints):
        return None
    if not all(type(size) is int and size > len(_JPEG) for size in sizes) or sum(sizes) != len(rest):
        return None
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    pages = tuple(rest[end - size : end] for size, end in zip(sizes, ends, strict=True))
    return Converted(pages, tuple(fingerprints)) if all(page.startswith(_JPEG) for page in pages) else None
