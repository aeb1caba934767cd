"""What analysts read about versions of rules and models: where each stands, who moved it and why."""

from dataclasses import dataclass

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.gate.version_rows import before_active, list_versions, steps_of
from booking.gate.versions import KINDS
from booking.models import RuleSetVersion, VersionStep
from booking.models.policies.policy import ApprovedVersion


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with the user names of who proposed and who activated it; None for the system."""

    row: ApprovedVersion
    author: str | None
    colleague: str | None


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a kind, the latest first; ``back_to`` is what a rollback would bring back."""

    lines: list[VersionLine]
    back_to: int | None

    @property
    def active(self) -> VersionLine | None:
        """The version that decides."""
        return next((line for line in self.lines if line.row.active), None)

    def line(self, version: int) -> VersionLine:
        """Return one of them; raises NotFoundError."""
        found = next((line for line in self.lines if line.row.version == version), None)
        if found is None:
            raise NotFoundError
        return found


def read_versions(core: Core, kind: str) -> Versions:
    """List the versions of rules or of a model; raises KeyError for another kind."""
    with core.sessions() as session:
        lines = [VersionLine(*found) for found in list_versions(session, KINDS[kind])]
        back_to = before_active(session, KINDS[kind])
        return Versions(lines, None if back_to is None else back_to.version)


def read_steps(core: Core, kind: str, version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version, each with the user name of who made it."""
    with core.sessions() as session:
        return steps_of(session, kind, version)


def rules_source(core: Core, version: int) -> str:
    """Return the text of a version of rules; raises NotFoundError."""
    with core.sessions() as session:
        row = session.get(RuleSetVersion, version)
        if row is None:
            raise NotFoundError
        return row.source
