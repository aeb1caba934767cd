"""What a place for files can refuse, and why it did not do its part."""

from enum import StrEnum


class Cause(StrEnum):
    """Why files cannot be had or kept, in words for whoever runs it; none of them names a file."""

    FULL = "full"
    REFUSED = "refused"
    """We may not: rights of the folder, keys or policy of the bucket."""
    SLOW = "slow"
    """No answer in the time that the settings give it."""
    UNREACHABLE = "unreachable"
    """No connection: name, address, certificate, or nothing runs there."""
    NO_BUCKET = "no_bucket"
    LIED = "lied"
    """It said that it kept a file, and then gave back something else, or nothing."""
    BROKEN = "broken"


class FilesAwayError(Exception):
    """The place does not do its part: nothing can be said of the file."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"the place for files does not do its part: {cause}")
        self.cause = cause


class FileMissingError(Exception):
    """The place does its part, and has no such file."""


class MoveRunningError(Exception):
    """Somebody else moves files out of the folder: what one has moved would look removed to the other."""

    def __init__(self) -> None:
        super().__init__("another `mawid files move` is at work on this folder: wait for its end")
