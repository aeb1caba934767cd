"""What an examination found: each fault with its remedy, and what could not be looked at."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import version
from typing import Final, Self

import psycopg

from booking.country.core.core import Core
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.settings import Settings
from booking.platform.embedded import Servers


class Level(StrEnum):
    """How bad it is: a fault hurts people or data now or soon; a warning is for whoever keeps the installation."""

    FAULT = "fault"
    WARNING = "warning"


class State(StrEnum):
    """How one check ended; ``NOT_LOOKED_AT`` where what it needs is away, or the examination was a quick one."""

    WELL = "well"
    WARNING = "warning"
    FAULT = "fault"
    NOT_LOOKED_AT = "not looked at"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in words that name nobody, and what to do about it."""

    level: Level
    words: str
    remedy: str


def fault(words: str, remedy: str) -> Finding:
    """Return a finding that hurts people or data."""
    return Finding(Level.FAULT, words, remedy)


def warning(words: str, remedy: str) -> Finding:
    """Return a finding for whoever keeps the installation."""
    return Finding(Level.WARNING, words, remedy)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Attributes
    ----------
    core
        A core whose connections only read; None where the installation cannot be opened.
    """

    settings: Settings
    servers: Servers
    core: Core | None = None


def core_of(patient: Patient) -> Core:
    """Return the open core; a check that is called without one is a mistake of ours."""
    if patient.core is None:
        raise RuntimeError("this check needs an open core")
    return patient.core


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    Attributes
    ----------
    slow
        It reads whole tables or folders, or asks somebody outside: left out of a quick examination.
    """

    name: str
    look: Callable[[Patient], Iterator[Finding]]
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What one check found; ``why_not`` where it was not looked at. ``seconds``: how long it took."""

    check: str
    seconds: float = 0.0
    findings: Sequence[Finding] = ()
    why_not: str = ""

    @property
    def state(self) -> State:
        """How the check ended."""
        if self.why_not:
            return State.NOT_LOOKED_AT
        levels = {one.level for one in self.findings}
        return State.FAULT if Level.FAULT in levels else State.WARNING if levels else State.WELL


@dataclass(slots=True)
class Report:
    """All that was looked at, in order."""

    mawid: str = field(default_factory=lambda: version("mawid"))
    looked: list[Looked] = field(default_factory=list)

    @classmethod
    def of(cls, looked: Sequence[Looked]) -> Self:
        """Return a report of this version of Mawid."""
        return cls(looked=list(looked))

    @property
    def ok(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    @property
    def faults(self) -> list[Finding]:
        """All faults."""
        return [one for looked in self.looked for one in looked.findings if one.level is Level.FAULT]

    def as_json(self) -> str:
        """Return the report for programs, one object."""
        checks = [asdict(one) | {"state": one.state, "seconds": round(one.seconds, 3)} for one in self.looked]
        return json.dumps({"ok": self.ok, "mawid": self.mawid, "checks": checks}, ensure_ascii=False, indent=1)

    def lines(self) -> Iterator[str]:
        """Yield the report for people: a line for each check, and two for each finding."""
        for one in self.looked:
            yield f"{_WORDS[one.state]:13} {one.check}{f': {one.why_not}' if one.why_not else ''}"
            for found in one.findings:
                yield f"    {found.level}: {found.words}"
                yield f"    do: {found.remedy}"
        counts = [sum(one.state is state for one in self.looked) for state in State]
        yield "{} well, {} with warnings, {} with faults, {} not looked at".format(*counts)


_WORDS: Final = {
    State.WELL: "well",
    State.WARNING: "warning",
    State.FAULT: "FAULT",
    State.NOT_LOOKED_AT: "not looked at",
}


PATIENCE: Final = "600s"
"""How long one statement may read; it holds no lock that anybody else waits for."""


@contextmanager
def connection_of(url: str) -> Iterator[psycopg.Connection]:
    """Yield a read-only connection of the role in an address, in SQLAlchemy's form.

    Raises
    ------
    psycopg.Error
        The server does not answer, or does not let us in.
    """
    with psycopg.connect(**libpq_parameters(url) | {"application_name": "mawid doctor"}) as connection:
        connection.read_only = True
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        yield connection
