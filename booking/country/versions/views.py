"""What analysts read about versions of any kind: where each stands, who moved it and why."""

from dataclasses import dataclass
from typing import Any, Generic

from booking.country.core.core import Core
from booking.country.versions.kind import Kind, Row
from booking.country.versions.rows import before_active, list_versions, steps_of
from booking.platform.base.errors import NotFoundError
from booking.platform.models import VersionStep


@dataclass(frozen=True, slots=True)
class VersionLine(Generic[Row]):
    """A version with the user names of who proposed and who activated it; None for the system."""

    row: Row
    author: str | None
    colleague: str | None


@dataclass(frozen=True, slots=True)
class Versions(Generic[Row]):
    """All versions of a kind, the latest first; ``back_to`` is what a rollback would bring back."""

    lines: list[VersionLine[Row]]
    back_to: int | None

    @property
    def active(self) -> VersionLine[Row] | None:
        """The version that decides."""
        return next((line for line in self.lines if line.row.active), None)

    def line(self, version: int) -> VersionLine[Row]:
        """Return one of them; raises NotFoundError."""
        found = next((line for line in self.lines if line.row.version == version), None)
        if found is None:
            raise NotFoundError
        return found


def read_versions(core: Core, kind: Kind[Row]) -> Versions[Row]:
    """List the versions of a kind."""
    with core.sessions() as session:
        lines = [VersionLine(*found) for found in list_versions(session, kind.model)]
        back_to = before_active(session, kind.model)
        return Versions(lines, None if back_to is None else back_to.version)


def read_steps(core: Core, kind: Kind[Any], version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version, each with the user name of who made it."""
    with core.sessions() as session:
        return steps_of(session, kind.name, version)
