"""Who looks at a file before anything opens it. A malware scanner is one of these."""

import os
import subprocess
from collections.abc import Sequence
from typing import Final, Protocol

from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.kinds import TAKEN, Kind, kind_of
from booking.platform.base.errors import FieldError

SCAN_SECONDS: Final = 60
KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
"""All that a scanner is told of our environment, which holds secrets."""
_REASONS: Final = {
    Kind.EXECUTABLE: "executable_file",
    Kind.ARCHIVE: "archive_file",
    Kind.SCRIPT: "script_file",
    Kind.UNKNOWN: "unknown_file",
}


class Checker(Protocol):
    """Refuses what must not be kept."""

    def check(self, content: bytes) -> None:
        """Return when the file may go on; raise FieldError of ``file``, or EvidenceUnavailableError."""


class ContentChecker:
    """Lets only images and PDF pass, by content: no programs, archives or scripts, whatever they are called."""

    def check(self, content: bytes) -> None:
        """Raise FieldError with the reason that the kind of file has."""
        kind = kind_of(content)
        if kind not in TAKEN:
            raise FieldError("file", _REASONS[kind])


class CommandChecker:
    """Asks a program, such as ``clamdscan --no-summary -``: the file on its input, 0 clean, 1 refused.

    Any other end, or none within a minute, is not an answer: nothing is kept then.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def check(self, content: bytes) -> None:
        """Raise FieldError where the program refuses the file, EvidenceUnavailableError where it cannot tell."""
        try:
            done = subprocess.run(  # noqa: S603 - the administrator's own setting
                self._command,
                input=content,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SCAN_SECONDS,
                check=False,
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EvidenceUnavailableError from error
        if done.returncode == 1:
            raise FieldError("file", "harmful_file")
        if done.returncode != 0:
            raise EvidenceUnavailableError
