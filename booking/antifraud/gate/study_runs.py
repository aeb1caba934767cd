"""The work of a study, in a job: read some thousand requests, judge them, report how far it is, and begin again."""

from collections.abc import Iterator
from datetime import date
from time import monotonic
from typing import Any, Final
from uuid import UUID

import pandas as pd
import structlog
from sqlalchemy import select

from booking.antifraud.gate.backtest import Period, how_many, verdict_history
from booking.antifraud.gate.studies import StoppedError, begin_study, end_study, tell_progress
from booking.country.core.core import Core
from booking.country.export.tables import Pseudonyms
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.platform.models import GateStudy, RuleSetVersion
from booking.platform.models.policies.learning import StudyKind, StudyState
from fraud.facts import BY_NAME
from fraud.rules.backtest import Backtest, backtest_all
from fraud.rules.backtest_result import result_of
from fraud.rules.rule_set import RuleSet, parse_rules

MOST_ROWS: Final = 200_000
MOST_SECONDS: Final = 300.0
"""What is over is left out, the oldest first, and the page says so."""
_log = structlog.get_logger("mawid.studies")


def run_study(core: Core, study_id: UUID) -> None:
    """Make a study, as a job. Repeating it is harmless; one that fails says so and is not tried again."""
    study = begin_study(core, study_id)
    if study is None:
        return
    try:
        result = _WORK[study.kind](core, study)
    except StoppedError:
        return
    except Exception:
        end_study(core, study_id, StudyState.FAILED, {})
        raise
    end_study(core, study_id, StudyState.DONE, result)
    _log.info("study_done", kind=study.kind.value)


def _backtest(core: Core, study: GateStudy) -> dict[str, Any]:
    wanted = study.wanted
    draft = parse_rules(wanted["source"])
    with core.sessions() as session:
        source = session.scalars(select(RuleSetVersion.source).where(RuleSetVersion.version == wanted["against"])).one()
    active = parse_rules(source)
    period = Period(_day(wanted["first"]), _day(wanted["last"]), MOST_ROWS)
    with core.computing.opened() as spread:
        return _told(core, backtest_all(_frames(core, study, period), draft, active, spread=spread))


def _shadow(core: Core, study: GateStudy) -> dict[str, Any]:
    version = study.wanted["version"]
    with core.sessions() as session:
        source = session.scalars(select(RuleSetVersion.source).where(RuleSetVersion.version == version)).one()
    frames = list(_frames(core, study, Period(most=MOST_ROWS, shadow=version)))
    seen = pd.concat(frames, ignore_index=True).drop(columns=list(BY_NAME))
    requests = seen.assign(draft=seen["beside"], active=seen["decision"], fired=seen["beside_fired"])
    requests["unknown"] = [()] * len(seen)
    return _told(core, Backtest(requests, _named(parse_rules(source)), 0))


def _frames(core: Core, study: GateStudy, period: Period) -> Iterator[pd.DataFrame]:
    """Read the history and tell how far it is; end early where it takes too long."""
    began, done = monotonic(), 0
    with core.sessions() as session:
        rows = how_many(session, core, period)
        tell_progress(core, study.id, done=0, rows=rows)
        for frame in verdict_history(session, core, period):
            yield frame
            done += len(frame)
            tell_progress(core, study.id, done=done, rows=rows)
            if monotonic() - began > MOST_SECONDS:
                return


def _told(core: Core, found: Backtest) -> dict[str, Any]:
    with core.sessions() as session:
        bound = policy_limits.read(session, GateSpec).fairness_gap_most
    result = result_of(found, bound=bound, codes=Pseudonyms(core.vault).codes)
    return result | {"bound": bound, "most": MOST_ROWS}


def _named(rules: RuleSet) -> tuple[tuple[str, str], ...]:
    return tuple((rule.name, rule.then) for rule in rules.rules)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _model(core: Core, study: GateStudy) -> dict[str, Any]:
    from booking.antifraud.gate.model_study import model_result  # noqa: PLC0415 - heavy, and only this study needs it

    return model_result(core, version=study.wanted["version"], days=study.wanted["days"])


_WORK: Final = {StudyKind.BACKTEST: _backtest, StudyKind.SHADOW: _shadow, StudyKind.MODEL: _model}
