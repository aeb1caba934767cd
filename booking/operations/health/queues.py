"""What waits, how much and since when; and how the draws stand. One statement each, without anybody's data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import DateTime, Select, cast, func, literal, null, or_, select, union_all

from booking.country.core.core import Core
from booking.platform.base.message_states import MessageState
from booking.platform.models import (
    Appeal,
    Draw,
    LogPending,
    Message,
    OnlineCase,
    Request,
    SwapNight,
    SwapState,
    UrgentRequest,
    is_under_review,
)
from booking.platform.models.online.case import WITH_AGENCY
from booking.platform.models.states import WITH_OFFICERS, DrawState
from booking.scheduling.draws.progress import HowFar, list_progress
from booking.scheduling.requests.answer_in_time import waits_for_answer
from booking.scheduling.swaps.damaged import IS_DAMAGED

HELD_AFTER: Final = timedelta(hours=1)
"""A draw, or a night of the exchange, whose next step is due for longer is held up."""
LONGEST_AHEAD: Final = timedelta(hours=26)
"""No night of the exchange is announced for later: one that is was changed, and keeps the next ones from coming."""
UNSENT_AFTER: Final = timedelta(minutes=10)
"""A notice that could be sent and waits for longer is late."""


class Waiting(StrEnum):
    """What waits."""

    REVIEWS = "reviews"
    APPEALS = "appeals"
    URGENT = "urgent"
    ONLINE = "online"
    NOTICES = "notices"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Queue:
    """How much waits, the oldest since when (None: nothing waits, or no time is kept), and how much of it is late."""

    what: Waiting
    count: int
    oldest_at: datetime | None
    late: int


@dataclass(frozen=True, slots=True)
class Draws:
    """The latest draw that was published, the next one, those whose next step is long due, and those at work now.

    ``nights``: of the exchange, that are held up; one that is damaged is so at once.
    """

    last: Draw | None
    next: Draw | None
    held: tuple[Draw, ...]
    going: tuple[HowFar, ...]
    nights: tuple[SwapNight, ...]


def list_queues(core: Core) -> list[Queue]:
    """Count what waits for officers, agencies, carriers and the log."""
    now, today = core.clock.now(), core.today()
    sendable = func.coalesce(Message.next_at, Message.not_before, Message.created_at)
    with_officers, with_agency = UrgentRequest.state.in_(WITH_OFFICERS), OnlineCase.state.in_(WITH_AGENCY)
    statements = (
        _waits(Waiting.REVIEWS, Request, Request.created_at, None).where(is_under_review()),
        _waits(Waiting.APPEALS, Appeal, Appeal.created_at, Appeal.answer_by < today).where(waits_for_answer()),
        _waits(Waiting.URGENT, UrgentRequest, UrgentRequest.submitted_at, UrgentRequest.needed_by < today).where(
            with_officers
        ),
        _waits(Waiting.ONLINE, OnlineCase, OnlineCase.submitted_at, OnlineCase.due_on < today).where(with_agency),
        _waits(Waiting.NOTICES, Message, Message.created_at, sendable < now - UNSENT_AFTER).where(
            Message.state == MessageState.WAITING
        ),
        _waits(Waiting.LOG, LogPending, cast(null(), DateTime(timezone=True)), None),
    )
    with core.sessions() as session:
        found = {row[0]: row for row in session.execute(union_all(*statements))}
    return [Queue(one, found[one][1], found[one][2], found[one][3]) for one in Waiting]


def read_draws(core: Core) -> Draws:
    """Return how the draws stand."""
    now = core.clock.now()
    with core.sessions() as session:
        last = select(Draw).where(Draw.state == DrawState.PUBLISHED).order_by(Draw.published_at.desc()).limit(1)
        unpublished = Draw.state.not_in([DrawState.PUBLISHED, DrawState.ABANDONED])
        coming = session.scalars(select(Draw).where(unpublished).order_by(Draw.closes_at)).all()
        going_on = SwapNight.state.in_([SwapState.ANNOUNCED, SwapState.CLOSED])
        due = func.coalesce(SwapNight.closed_at, SwapNight.closes_at).between(now - HELD_AFTER, now + LONGEST_AHEAD)
        held = select(SwapNight).where(going_on, or_(~due, IS_DAMAGED))
        return Draws(
            last=session.scalar(last),
            next=next((one for one in coming if one.closes_at > now), None),
            held=tuple(one for one in coming if now - (one.drawn_at or one.closed_at or one.closes_at) > HELD_AFTER),
            going=tuple(list_progress(core)),
            nights=tuple(session.scalars(held.order_by(SwapNight.closes_at))),
        )


def _waits(what: Waiting, table: Any, since: Any, late: Any) -> Select[str, int, datetime, int]:
    late_ones = literal(0) if late is None else func.count().filter(late)
    return select(literal(what.value), func.count(), func.min(since), late_ones).select_from(table)
