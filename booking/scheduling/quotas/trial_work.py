"""Work out what-ifs and suggestions, as a job: repeatable, with progress, stopped when somebody gives it up."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from allocation import Progress
from booking.country.core.core import Core
from booking.country.policy.quota_table import QuotaTable, Splitter
from booking.platform.models import QuotaPolicy, QuotaTrial
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import UNFINISHED_TRIALS, TrialKind, TrialState
from booking.platform.models.states import Pool
from booking.scheduling.draws.files import Frozen
from booking.scheduling.quotas.history import Past, read_past
from booking.scheduling.quotas.next_draw import SEED_OF_NEXT, read_next
from booking.scheduling.quotas.outcome import outcome, unknown
from booking.scheduling.quotas.redraw import StoppedError, pool_places, redraw, upcoming, with_quotas
from booking.scheduling.quotas.suggest import suggestions

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.5
"""Seconds between two looks whether somebody gave the work up."""


class Watch:
    """Reports how far a trial is, and stops the work when the trial is no longer wanted."""

    def __init__(self, core: Core, trial_id: UUID) -> None:
        self._core, self._trial_id = core, trial_id
        self._looked = 0.0
        self._percent = 0

    def at(self, percent: int) -> None:
        """Keep how far it is; raises StoppedError where it was given up."""
        self._percent = percent
        if not self._write():
            raise StoppedError

    def __call__(self, _: Progress) -> bool:
        """Look now and then whether to go on."""
        if monotonic() - self._looked < LOOK_EVERY:
            return True
        return self._write()

    def look(self) -> None:
        """Look now and then, while others work; raises StoppedError where it was given up."""
        if monotonic() - self._looked >= LOOK_EVERY and not self._write():
            raise StoppedError

    def _write(self) -> bool:
        self._looked = monotonic()
        with self._core.sessions.begin() as session:
            wanted = session.execute(
                update(QuotaTrial)
                .where(QuotaTrial.id == self._trial_id, QuotaTrial.state.in_(UNFINISHED_TRIALS))
                .values(progress=self._percent)
                .returning(QuotaTrial.id)
            ).one_or_none()
        return wanted is not None


def run(core: Core, trial_id: UUID) -> None:
    """Work a trial out and keep its result. Repeating it after a crash begins again; one that is over is left alone."""
    with core.sessions.begin() as session:
        trial = session.scalar(
            select(QuotaTrial)
            .where(QuotaTrial.id == trial_id, QuotaTrial.state.in_(UNFINISHED_TRIALS))
            .with_for_update()
        )
        if trial is None:
            return
        trial.state, trial.begun_at, trial.progress = TrialState.RUNNING, core.clock.now(), 0
        kind, options = trial.kind, trial.options
        tried = QuotaTable.read(trial.shares, trial.overrides)
        policy = session.scalars(select(QuotaPolicy).where(QuotaPolicy.version == options["today"])).one()
        today = QuotaTable.read(policy.shares, policy.overrides)
    watch = Watch(core, trial_id)
    try:
        if kind is TrialKind.WHAT_IF:
            result = _what_ifs(core, options, today=today, tried=tried, watch=watch)
        else:
            result = _suggest(core, options, tried, watch)
    except StoppedError:
        return
    except Exception as error:
        log.exception("a quota trial failed")
        _end(core, trial_id, state=TrialState.FAILED, failure=type(error).__name__[:60])
        return
    _end(core, trial_id, state=TrialState.DONE, progress=100, result=result)


def what_if(past: Past, splitter: Splitter, quotas: QuotaTable) -> Json:
    """Return what a past draw would have meant under other quotas."""
    one = _of_past(past, splitter, quotas, "draft", {})
    return one.tell(one.known if one.known is not None else redrawn((one.frozen, one.seed), workers=None))


def redrawn(
    piece: tuple[Frozen, bytes] | None,
    *,
    workers: int | None = 1,
    on_progress: Callable[[Progress], bool] | None = None,
) -> NDArray[np.int32]:
    """Draw again; return who is in which bin, int32 (n,). Nothing is drawn where there is no piece.

    By one thread where nothing else is said: a machine that computes for others does as many pieces at a time as it has
    processors.

    Raises
    ------
    StoppedError
        ``on_progress`` returned False.
    """
    if piece is None:
        return np.empty(0, np.int32)
    return redraw(*piece, workers=workers, on_progress=on_progress).bin_of_request


@dataclass(frozen=True, eq=False)
class _Try:
    """A draw under one policy.

    ``known``: int32 (n,), what it decides, where that is known already; ``tell`` sums up what it decides; the result
    belongs to ``told`` under ``name``.
    """

    told: Json
    name: str
    frozen: Frozen
    seed: bytes
    known: NDArray[np.int32] | None
    tell: Callable[[NDArray[np.int32]], Json]

    def piece(self) -> tuple[Frozen, bytes] | None:
        """Return what has to be drawn: columns of wishes, not the leaves they were read from."""
        return (
            None if self.known is not None else (replace(self.frozen, leaves=(), columns=self.frozen.asked), self.seed)
        )


def _what_ifs(core: Core, options: Json, *, today: QuotaTable, tried: QuotaTable, watch: Watch) -> Json:
    told: list[Json] = []
    tables = {"today": today, "draft": tried}
    steps = len(tables) * (len(options["draws"]) + options["forecast"])
    tries: deque[_Try] = deque()

    def pieces() -> Iterator[tuple[Frozen, bytes] | None]:
        for one in _tries(core, options, tables, told):
            tries.append(one)
            yield one.piece()

    watch.at(0)
    with core.computing.opened() as spread:
        here = partial(redrawn, workers=None, on_progress=watch)
        for done, decided in enumerate(spread(redrawn, pieces(), here=here, look=watch.look), 1):
            one = tries.popleft()
            one.told[one.name] = one.tell(decided if one.known is None else one.known)
            watch.at(100 * done // steps)
    return {"draws": told}


def _tries(core: Core, options: Json, tables: Mapping[str, QuotaTable], told: list[Json]) -> Iterator[_Try]:
    """Read each draw when its turn comes, and add what is told of it."""
    splitter = Splitter(core.pack.country.units_per_slot)
    for reference in options["draws"]:
        with core.sessions() as session:
            past = read_past(session, core, reference)
        told.append({"reference": reference, **_days(past.frozen)})
        for name, quotas in tables.items():
            yield _of_past(past, splitter, quotas, name, told[-1])
    if options["forecast"]:
        coming = read_next(core)
        if coming is None:  # nobody has asked yet, so that nothing can be expected
            told.append({"reference": "", "unknown": True})
            return
        known = {"reference": "", "waiting": coming.waiting, "expected": coming.expected}
        told.append(known | _days(coming.frozen))
        for name, quotas in tables.items():
            frozen = upcoming(coming.frozen, coming.slots, splitter, quotas)
            yield _Try(told[-1], name, frozen, SEED_OF_NEXT, None, partial(_outcome_of_next, frozen))


def _of_past(past: Past, splitter: Splitter, quotas: QuotaTable, name: str, told: Json) -> _Try:
    frozen = with_quotas(past.frozen, past.slots, splitter, drawn_by=past.drawn_by, quotas=quotas)
    known = past.bin_of_request if frozen is past.frozen else None
    return _Try(told, name, frozen, past.seed, known, partial(_outcome_of_past, past, splitter, quotas, frozen))


def _outcome_of_past(
    past: Past, splitter: Splitter, quotas: QuotaTable, frozen: Frozen, decided: NDArray[np.int32]
) -> Json:
    urgent = pool_places(past.slots, splitter, quotas, Pool.URGENT)
    taken = past.urgent_taken
    return outcome(frozen, decided, past.asked) | {
        "urgent": {
            "places": sum(urgent.values()),
            "used": sum(min(count, urgent.get(code, 0)) for code, count in taken.items()),
            "lacking": sum(max(0, count - urgent.get(code, 0)) for code, count in taken.items()),
        },
        "places": sum(each.places for each in frozen.bins),
    }


def _outcome_of_next(frozen: Frozen, decided: NDArray[np.int32]) -> Json:
    return outcome(frozen, decided, unknown(frozen.asked.requests)) | {
        "places": sum(each.places for each in frozen.bins)
    }


def _days(frozen: Frozen) -> Json:
    return {"first": frozen.facts["horizon_first"], "last": frozen.facts["horizon_last"]}


def _suggest(core: Core, options: Json, quotas: QuotaTable, watch: Watch) -> Json:
    with core.sessions() as session:
        past = read_past(session, core, options["draws"][0])
    watch.at(10)
    return suggestions(past, Splitter(core.pack.country.units_per_slot), quotas, options, watch.at)


def _end(core: Core, trial_id: UUID, **values: Any) -> None:
    """Keep how it ended, unless it was given up meanwhile."""
    with core.sessions.begin() as session:
        session.execute(
            update(QuotaTrial)
            .where(QuotaTrial.id == trial_id, QuotaTrial.state.in_(UNFINISHED_TRIALS))
            .values(ended_at=core.clock.now(), **values)
        )
