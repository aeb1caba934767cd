"""What the no-show model is for: one more reminder for those at risk, and how many may not come on a day."""

from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.antifraud.gate.learned_rows import who_acts_together
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, NoShowModelVersion, Office, Slot, SlotPool
from booking.platform.models.requests.appointment import kind_as_of
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.expire import REMIND_BEFORE
from fraud.no_show.model import FEATURES, NO_SHOW_SCHEMA, extra_places, no_show_matrix
from fraud.scoring.artifact import Artifact, ArtifactError

# All of it was known when the appointment was made.
_KNOWN: Final = f"""
    a.id AS appointment, a.reference, a.request_id AS request, a.starts_at AS time, o.code AS office,
    CAST(a.starts_at AT TIME ZONE o.time_zone AS date) AS day, r.units, r.party_size, r.reschedules AS moves,
    EXTRACT(epoch FROM a.starts_at - a.created_at) / 86400 AS days_ahead,
    EXTRACT(hour FROM a.starts_at AT TIME ZONE o.time_zone) AS hour_of_day,
    EXTRACT(isodow FROM a.starts_at AT TIME ZONE o.time_zone) - 1 AS weekday,
    r.door = 'abroad' AS asks_from_abroad, a.draw_id IS NOT NULL AS given_by_draw,
    past.no_shows AS earlier_no_shows, past.visits AS earlier_visits, past.cancellations AS earlier_cancellations
    FROM appointment a JOIN request r ON r.id = a.request_id JOIN office o ON o.id = a.office_id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE kind = 'no_show') AS no_shows, count(*) FILTER (WHERE kind = 'served') AS visits,
        count(*) FILTER (WHERE kind = 'cancelled') AS cancellations
      FROM (
        SELECT {kind_as_of("ended", "a.created_at")} AS kind FROM outcome ended WHERE ended.account_id = r.account_id
        AND ended.at < a.created_at AND ended.at >= a.created_at - interval '365 days'
      ) AS each
    ) AS past
"""  # noqa: S608 - our own words
_PAST: Final = f"""
    SELECT known.value AS label, {_KNOWN}
    JOIN LATERAL (
      SELECT value FROM label l WHERE l.request_id = r.id AND l.kind = 'attendance' AND l.known_at < :as_of
      ORDER BY l.known_at DESC, l.id LIMIT 1
    ) known ON true
    WHERE a.starts_at < :as_of AND a.state NOT IN ('lapsed', 'cancelled')
    ORDER BY a.starts_at, a.id
"""  # noqa: S608 - our own words
_COMING: Final = f"""
    SELECT a.confirmed_at, a.reminded_at, a.reminded_early_at, {_KNOWN}
    WHERE a.state = 'confirmed' AND a.starts_at > :after AND a.starts_at <= :until
    ORDER BY a.starts_at, a.id
"""


def past_appointments(session: Session, *, as_of: datetime) -> pd.DataFrame:
    """Return appointments of which it was known before an instant whether anybody came, as `fit_no_show` takes them."""
    frame = _frame(session, _PAST, as_of=as_of)
    return frame.assign(person=frame["request"].map(who_acts_together(session, as_of)))


def coming_appointments(session: Session, *, after: datetime, until: datetime) -> pd.DataFrame:
    """Return confirmed appointments that begin in a stretch of time, with a column for each feature."""
    return _frame(session, _COMING, after=after, until=until)


def _frame(session: Session, statement: str, **values: Any) -> pd.DataFrame:
    result = session.execute(text(statement), values)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    return frame.astype(dict.fromkeys(FEATURES, float))


REMIND_EARLY: Final = timedelta(days=7)
"""Early enough for a place that is given back to be drawn again."""
NOT_AGAIN_WITHIN: Final = timedelta(days=1)
"""Anyone who confirmed since then has just read about the appointment."""
_log = structlog.get_logger(__name__)


def active_model(session: Session) -> Artifact:
    """Return the active no-show model; raises NotFoundError where none is, ArtifactError where it cannot be used."""
    data = session.scalar(select(NoShowModelVersion.artifact).where(NoShowModelVersion.active))
    if data is None:
        raise NotFoundError
    return Artifact.from_bytes(data, NO_SHOW_SCHEMA)


def remind_early(core: Core) -> int:
    """Remind of appointments within a week whose people may well not come, once each; return how many.

    Everyone is reminded two days before (`booking.scheduling.appointments.expire`). The notice does not say why it
    came. A job's work: without a model that can be used nobody is reminded early, and nothing else changes.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        try:
            model = active_model(session)
        except NotFoundError:
            return 0
        except ArtifactError as error:
            _log.error("no_show_model_unusable", why=str(error))
            return 0
        coming = coming_appointments(session, after=now + REMIND_BEFORE, until=now + REMIND_EARLY)
        due = coming[coming["reminded_early_at"].isna() & coming["reminded_at"].isna()]
        due = due[pd.to_datetime(due["confirmed_at"], utc=True) <= now - NOT_AGAIN_WITHIN]
        if due.empty:
            return 0
        risky = due["appointment"][model.score_many(no_show_matrix(due)) >= model.thresholds.review]
        at_risk = session.scalars(
            select(Appointment)
            .where(
                Appointment.id.in_(risky.tolist()),
                Appointment.state == AppointmentState.CONFIRMED,
                Appointment.reminded_early_at.is_(None),
            )
            .with_for_update(of=Appointment, skip_locked=True)
        ).all()
        for appointment in at_risk:
            appointment.reminded_early_at = now
            tell(session, core, appointment.request.account_id, "reminder_early", reference=appointment.reference)
    return len(at_risk)


def expected_absence(core: Core, *, days: int, overflow_at_most: float) -> pd.DataFrame:
    """Return for each office and day how many of those booked may not come, and what that leaves room for.

    Returns
    -------
    pandas.DataFrame
        ``office``, ``day`` (the office's), ``appointments``, ``people``, ``may_not_come`` (people, the sum of their
        chances), ``places`` and ``booked`` (quarter hours of a counter), ``could_overbook``: how many more of these
        than there are could be given, while the chance that more come than fit is at most ``overflow_at_most``.

    Raises
    ------
    NotFoundError
        No no-show model is active.
    fraud.scoring.artifact.ArtifactError
        The active one cannot be used.
    """
    now = core.clock.now()
    with core.sessions() as session:
        model = active_model(session)
        coming = coming_appointments(session, after=now, until=now + timedelta(days=days))
        places = _places(session)
    rows = []
    scored = coming.assign(absent=model.score_many(no_show_matrix(coming)))
    for (office, day), part in scored.groupby(["office", "day"]):
        booked, there = int(part["units"].sum()), places.get((office, day), 0)
        extra = extra_places(
            (1 - part["absent"]).tolist(), part["units"].tolist(), places=there, overflow_at_most=overflow_at_most
        )
        rows.append(
            {
                "office": office,
                "day": day,
                "appointments": len(part),
                "people": int(part["party_size"].sum()),
                "may_not_come": float((part["absent"] * part["party_size"]).sum()),
                "places": there,
                "booked": booked,
                "could_overbook": max(0, extra - max(0, there - booked)),
            }
        )
    columns = ["office", "day", "appointments", "people", "may_not_come", "places", "booked", "could_overbook"]
    return pd.DataFrame(rows, columns=columns)


def _places(session: Session) -> dict[tuple[object, object], int]:
    found = session.execute(
        select(Office.code, Slot.local_day, func.sum(SlotPool.places))
        .join(Slot, Slot.office_id == Office.id)
        .join(SlotPool, SlotPool.slot_id == Slot.id)
        .group_by(Office.code, Slot.local_day)
    )
    return {(office, day): int(count) for office, day, count in found}
