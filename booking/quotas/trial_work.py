"""Work out what-ifs and suggestions, as a job: repeatable, with progress, stopped when somebody gives it up."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from allocation import Progress
from booking.core.core import Core
from booking.draws.files import Frozen
from booking.models import QuotaPolicy, QuotaTrial
from booking.models.base import Json
from booking.models.policies.quota import UNFINISHED_TRIALS, TrialKind, TrialState
from booking.models.states import Pool
from booking.policy.quota_table import QuotaTable, Splitter
from booking.quotas.history import Past, read_past
from booking.quotas.next_draw import SEED_OF_NEXT, read_next
from booking.quotas.outcome import outcome, unknown
from booking.quotas.redraw import StoppedError, pool_places, redraw, upcoming, with_quotas
from booking.quotas.suggest import suggestions

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


def what_if(
    past: Past, splitter: Splitter, quotas: QuotaTable, watch: Callable[[Progress], bool] | None = None
) -> Json:
    """Return what a past draw would have meant under other quotas; raises StoppedError."""
    frozen = with_quotas(past.frozen, past.slots, splitter, drawn_by=past.drawn_by, quotas=quotas)
    decided = past.bin_of_request
    if frozen is not past.frozen:
        decided = redraw(frozen, past.seed, on_progress=watch).bin_of_request
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


def _what_ifs(core: Core, options: Json, *, today: QuotaTable, tried: QuotaTable, watch: Watch) -> Json:
    told: list[Json] = []
    splitter = Splitter(core.pack.country.units_per_slot)
    steps = 3 * (len(options["draws"]) + options["forecast"])
    for reference in options["draws"]:
        with core.sessions() as session:
            past = read_past(session, core, reference)
        found = {"reference": reference, **_days(past.frozen)}
        for name, quotas in (("today", today), ("draft", tried)):
            watch.at(100 * (3 * len(told) + 1 + ("today" in found)) // steps)
            found[name] = what_if(past, splitter, quotas, watch)
        told.append(found)
    if options["forecast"]:
        told.append(_next(core, splitter, today=today, tried=tried, watch=watch, steps=steps))
    return {"draws": told}


def _next(core: Core, splitter: Splitter, *, today: QuotaTable, tried: QuotaTable, watch: Watch, steps: int) -> Json:
    """Try the next draw as it is expected; ``unknown`` where nobody has asked yet, so that nothing can be expected."""
    watch.at(100 * (steps - 3) // steps)
    coming = read_next(core)
    if coming is None:
        return {"reference": "", "unknown": True}
    told = {"reference": "", "waiting": coming.waiting, "expected": coming.expected, **_days(coming.frozen)}
    for left, (name, quotas) in enumerate((("today", today), ("draft", tried))):
        watch.at(100 * (steps - 2 + left) // steps)
        frozen = upcoming(coming.frozen, coming.slots, splitter, quotas)
        decided = redraw(frozen, SEED_OF_NEXT, on_progress=watch).bin_of_request
        told[name] = outcome(frozen, decided, unknown(frozen.asked.requests)) | {
            "places": sum(each.places for each in frozen.bins)
        }
    return told


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
