"""What was learned of the coming weeks, kept ready for pages: a job learns it in seconds, a page reads it at once.

It lies in the shared store, sealed: somebody who can write there can plant no forecast. Where it is lost, or was kept
under another secret, it is learned again.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Self, cast

import pandas as pd
from cryptography.exceptions import InvalidTag

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.sessions import answering_store
from booking.scheduling.forecast.attendance import no_shows_of
from booking.scheduling.forecast.seasons import week_of
from booking.scheduling.forecast.study import Study, study

OWN, EXAMPLE = "own", "example"
SOURCES: Final = (OWN, EXAMPLE)
JOB: Final = "forecast"
SHOWN_WEEKS: Final = 60
"""Past weeks that a chart shows before the coming ones."""
FEWEST: Final = 5
"""Appointments of a service at an office from which a rate of no-shows is told."""
_KEY, _ASKED = "{mawid}:forecast:", "{mawid}:forecast-asked:"
_LASTS: Final = timedelta(days=30)
_ASKED_LASTS: Final = timedelta(minutes=2)
_FRAMES: Final = ("weeks", "history", "absent", "proposals")


@dataclass(frozen=True, eq=False)
class Kept:
    """All that a page shows of a `booking.scheduling.forecast.study.Study`.

    ``week`` is the first week that was not over when it was made. ``method`` is empty, and ``weeks`` and ``history``
    None, where nobody had asked in a whole week; ``absent`` (the cells of `Attendance` with ``weekly`` rounded and
    the no-shows of four weeks in five, ``least`` to ``most``) and ``proposals`` where nothing was known of who came.
    """

    made_at: datetime
    week: date
    at_most: float
    method: str
    why: str
    known: int
    scores: Mapping[str, Mapping[str, float]]
    weeks: pd.DataFrame | None
    history: pd.DataFrame | None
    absent: pd.DataFrame | None
    proposals: pd.DataFrame | None

    @classmethod
    def of(cls, core: Core, told: Study) -> Self:
        """Take from a study what pages show."""
        outlook, week = told.outlook, week_of(core.pack, core.today())
        return cls(
            made_at=core.clock.now(),
            week=week,
            at_most=told.at_most,
            method="" if outlook is None else outlook.method,
            why="" if outlook is None else outlook.why.value,
            known=0 if outlook is None else outlook.known,
            scores={} if outlook is None or outlook.tested is None else _scores(outlook.tested.scores),
            weeks=None if outlook is None else outlook.weeks,
            history=None
            if outlook is None
            else told.history[told.history["week"] >= week - timedelta(weeks=SHOWN_WEEKS)],
            absent=None if told.attendance is None else _absent(told.attendance.cells),
            proposals=told.proposals,
        )

    def written(self) -> bytes:
        """Return it as bytes."""
        frames = {name: getattr(self, name) for name in _FRAMES}
        content = vars(self) | {
            name: None if frame is None else frame.to_dict("list") for name, frame in frames.items()
        }
        return zlib.compress(json.dumps(content, default=_written).encode(), 1)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read what `written` returned."""
        found: dict[str, Any] = json.loads(zlib.decompress(content))
        frames = {name: _frame(found[name]) for name in _FRAMES}
        made_at, week = datetime.fromisoformat(found["made_at"]), date.fromisoformat(found["week"])
        return cls(**found | frames | {"made_at": made_at, "week": week})


def learn(core: Core, source: str) -> None:
    """Learn from one of `SOURCES` and keep it, as a job. Repeating it is harmless.

    Raises
    ------
    booking.platform.base.errors.PolicyMissingError
        No quota policy is active.
    booking.platform.base.errors.SessionsUnavailableError
        The shared store does not answer.
    """
    kept = Kept.of(core, study(core, invented=source == EXAMPLE))
    with answering_store():
        core.redis.set(_KEY + source, core.vault.seal(kept.written(), source.encode()), ex=_LASTS)
        core.redis.delete(_ASKED + source)


def learn_own(core: Core) -> None:
    """Learn from what was asked here, every night."""
    learn(core, OWN)


def read(core: Core, source: str) -> Kept | None:
    """Return what was kept last and, where that is nothing or of a week before, ask for it anew.

    Raises
    ------
    booking.platform.base.errors.SessionsUnavailableError
        The shared store does not answer.
    """
    with answering_store():
        sealed = cast("bytes | None", core.redis.get(_KEY + source))
    try:
        kept = None if sealed is None else Kept.read(core.vault.unseal(sealed, source.encode()))
    except (InvalidTag, TypeError, KeyError, ValueError):  # planted, or kept by a release that shows something else
        kept = None
    if kept is None or kept.week != week_of(core.pack, core.today()):
        _ask(core, source)
    return kept


def _ask(core: Core, source: str) -> None:
    """Ask for the job, once however many look."""
    with answering_store():
        first = core.redis.set(_ASKED + source, b"1", nx=True, ex=_ASKED_LASTS)
    if first:
        with core.sessions.begin() as session:
            enqueue(session, JOB, source=source)


def _scores(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {str(method): {str(name): float(value) for name, value in row.items()} for method, row in scores.iterrows()}


def _absent(cells: pd.DataFrame) -> pd.DataFrame:
    cells = cells[cells["appointments"] >= FEWEST]
    number = cells["weekly"].round().astype("int64")
    bands = no_shows_of(number, cells["rate"], cells["trust"])
    return cells.assign(weekly=number, least=bands[1].astype("int64"), most=bands[3].astype("int64"))


def _frame(columns: dict[str, list[Any]] | None) -> pd.DataFrame | None:
    if columns is None:
        return None
    frame = pd.DataFrame(columns)
    return frame.assign(week=pd.to_datetime(frame["week"]).dt.date) if "week" in frame else frame


def _written(value: object) -> str:
    assert isinstance(value, date)  # noqa: S101 - all else JSON knows
    return value.isoformat()
