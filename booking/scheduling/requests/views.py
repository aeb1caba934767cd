"""What a person sees of their requests and appointments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.together import answer_of
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Office,
    Request,
    RequestEdit,
    Service,
)
from booking.platform.models.base import Json
from booking.platform.models.states import HOLDS, AppealState, AppointmentState, Door, RequestState, UrgentState
from booking.scheduling.requests.draw_part import DrawPart, read_part
from booking.scheduling.requests.rows import CHALLENGE_LIFETIME
from booking.scheduling.requests.view_rows import list_rows, page_rows, visit_row
from booking.scheduling.requests.withdraw import TurnView, turn_view
from booking.transparency.log.views import ReceiptPlace
from fraud.reasons import for_the_person


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An appointment as its people see it; ``starts_at`` is UTC, to be shown in the office's time zone.

    ``at_once``: booked without a draw; ``held``: not confirmed yet; ``needs_check``: its request waits for a check
    first. ``level`` is the service level of an urgent one.
    """

    reference: str
    request_reference: str
    state: AppointmentState
    at_once: bool
    held: bool
    needs_check: bool
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime
    office: Office
    services: tuple[Service, ...]
    party_size: int
    people: tuple[str, ...]
    lost_draws: int
    level: str | None = None

    @property
    def service(self) -> Service:
        """The service that is asked for first, or alone."""
        return self.services[0]


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with all that its page says.

    ``frozen``: a draw counts on it as it is until there is a result. ``edited_at``: when its owner changed it last.
    ``check_by``: until when a check has to be done, where it needs one. ``must_hold``: something must be there on the
    day. ``urgent``: how its latest urgent case stands. ``helped``: a helper asked for it.
    ``logged``: where its receipt is in the public log, and how that stands; None before the first checkpoint.
    """

    reference: str
    state: RequestState
    services: tuple[Service, ...]
    door: Door
    people: tuple[str, ...]
    offices: tuple[Office, ...]
    first_day: date
    last_day: date | None
    weekdays: tuple[int, ...]
    bands: tuple[str, ...]
    needed_by: date | None
    home_days: tuple[date, date] | None
    accessible: bool
    together: bool
    reason: Json | None
    turn: TurnView
    created_at: datetime
    edited_at: datetime | None
    frozen: bool
    check_by: datetime
    receipt: str
    decision: str
    reasons: list[Json]
    by_officer: bool
    note: str
    appeal: AppealState | None
    appeal_answer_by: date | None
    last_draw: DrawPart | None
    next_draw: DrawPart | None
    appointment: AppointmentView | None
    must_hold: bool = False
    urgent: UrgentState | None = None
    helped: bool = False
    logged: ReceiptPlace | None = None

    @property
    def service(self) -> Service:
        """The service that is asked for first, or alone."""
        return self.services[0]

    @property
    def is_plain(self) -> bool:
        """Return whether its page looks nothing more up: no check, no urgent case, no helper, nothing to hold."""
        return not (self.must_hold or self.urgent or self.helped or self.state is RequestState.CHALLENGED)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list."""

    reference: str
    state: RequestState
    services: tuple[Service, ...]
    created_at: datetime
    party_size: int
    appointment_reference: str | None
    appointment_state: AppointmentState | None
    starts_at: datetime | None
    confirm_by: datetime | None
    office: Office | None
    urgent: UrgentState | None

    @property
    def service(self) -> Service:
        """The service that is asked for first, or alone."""
        return self.services[0]


class OneRequest(NamedTuple):
    """A request that somebody wants to see, and whose it must be."""

    core: Core
    account_id: UUID
    reference: str


def list_requests(core: Core, account_id: UUID) -> list[RequestLine]:
    """Return the account's requests, newest first, each with its latest appointment and urgent case."""
    return request_lists([(core, account_id)])[0]


def request_lists(wanted: Sequence[tuple[Core, UUID]]) -> list[list[RequestLine]]:
    """Return for each of several accounts of one core what `list_requests` does."""
    core, _ = wanted[0]
    with core.sessions.reading() as session:
        rows = list_rows(session, {account_id for _, account_id in wanted})
    services, offices = _known(core, rows, {row.visit.office_id for row in rows})
    lines: dict[UUID, list[RequestLine]] = {}
    for row in rows:
        lines.setdefault(row.account_id, []).append(_line(row, services, offices))
    return [lines.get(account_id, []) for _, account_id in wanted]


def request_view(core: Core, account_id: UUID, reference: str) -> RequestView:
    """Return one request of the account; raises NotFoundError."""
    [found] = request_views([OneRequest(core, account_id, reference)])
    if isinstance(found, Exception):
        raise found
    return found


def request_views(wanted: Sequence[OneRequest]) -> list[RequestView | Exception]:
    """Return for each of several requests of one core what `request_view` does; what that would raise is an answer."""
    core = wanted[0].core
    with core.sessions.reading() as session:
        rows = page_rows(session, core.clock.now(), [(one.account_id, one.reference) for one in wanted])
    ids = {office for row in rows.values() for office in (*(row.offices or ()), row.visit.office_id)}
    services, offices = _known(core, rows.values(), ids)
    views = {key: answer_of(partial(_view, row, _services(row, services), offices)) for key, row in rows.items()}
    return [views.get((one.account_id, one.reference)) or NotFoundError() for one in wanted]


def _known(
    core: Core, rows: Collection[Any], office_ids: Collection[int | None]
) -> tuple[Mapping[int, Service], Mapping[int, Office]]:
    """Return the services and offices that rows name, which are in memory unless they are seconds old."""
    service_ids = {one for row in rows for one in (row.service_id, *(row.further or ()))}
    office_ids = {one for one in office_ids if one is not None}
    services, offices = core.known_services.read(core.sessions).by_id, core.known_offices.read(core.sessions)
    if not service_ids <= services.keys():
        core.known_services.look_again()
        services = core.known_services.read(core.sessions).by_id
    if not office_ids <= offices.keys():
        core.known_offices.look_again()
        offices = core.known_offices.read(core.sessions)
    return services, offices


def _services(row: Any, services: Mapping[int, Service]) -> tuple[Service, ...]:
    return tuple(services[one] for one in dict.fromkeys((row.service_id, *(row.further or ()))))


def _view(row: Any, services: tuple[Service, ...], offices: Mapping[int, Office]) -> RequestView:
    return RequestView(
        reference=row.reference,
        state=row.state,
        services=services,
        door=row.door,
        people=tuple(row.people or ()),
        offices=tuple(offices[one] for one in row.offices or ()),
        first_day=row.first_day,
        last_day=row.last_day,
        weekdays=tuple(day for day in range(7) if row.weekdays >> day & 1),
        bands=tuple(row.bands.split(",")),
        needed_by=row.needed_by,
        home_days=(row.home.first_day, row.home.last_day) if row.home.first_day else None,
        accessible=row.accessible,
        together=row.together,
        reason=next((one for one in services[0].spec["reasons"] if one["code"] == row.reason_code), None),
        turn=turn_view(row),
        created_at=row.created_at,
        edited_at=row.edited_at,
        frozen=row.frozen,
        check_by=(row.decided_at or row.created_at) + CHALLENGE_LIFETIME,
        receipt=row.receipt.hex(),
        decision=row.verdict.decision or "accept",
        reasons=for_the_person(row.verdict.reasons or []),
        by_officer=row.verdict.officer_id is not None,
        note=row.verdict.note or "",
        appeal=row.appeal.state,
        appeal_answer_by=row.appeal.answer_by,
        last_draw=read_part(row.last),
        next_draw=read_part(row.coming),
        appointment=_appointment(row, services, offices) if row.visit.reference else None,
        must_hold=row.must_hold,
        urgent=row.urgent.state,
        helped=row.helper_id is not None,
        logged=None if row.checkpoint is None else ReceiptPlace(row.logged_at, row.checkpoint),
    )


def appointment_view(core: Core, account_id: UUID, reference: str) -> AppointmentView:
    """Return one appointment of the account; raises NotFoundError."""
    with core.sessions() as session:
        row = visit_row(session, account_id, reference)
    if row is None:
        raise NotFoundError
    services, offices = _known(core, [row], [row.visit.office_id])
    return _appointment(row, _services(row, services), offices)


def _line(row: Any, services: Mapping[int, Service], offices: Mapping[int, Office]) -> RequestLine:
    return RequestLine(
        reference=row.reference,
        state=row.state,
        services=_services(row, services),
        created_at=row.created_at,
        party_size=row.party_size,
        appointment_reference=row.visit.reference,
        appointment_state=row.visit.state,
        starts_at=row.visit.starts_at,
        confirm_by=row.visit.confirm_by,
        office=offices[row.visit.office_id] if row.visit.reference else None,
        urgent=row.urgent.state,
    )


def edited_at(session: Session, request: Request) -> datetime | None:
    """Return when its owner changed a request last; None where never."""
    return session.scalar(select(func.max(RequestEdit.edited_at)).where(RequestEdit.request_id == request.id))


def _appointment(row: Any, services: tuple[Service, ...], offices: Mapping[int, Office]) -> AppointmentView:
    visit = row.visit
    return AppointmentView(
        reference=visit.reference,
        request_reference=row.reference,
        state=visit.state,
        at_once=visit.draw_id is None and visit.urgent_request_id is None,
        held=row.state in HOLDS,
        needs_check=row.state is RequestState.CHALLENGED,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        confirm_by=visit.confirm_by,
        office=offices[visit.office_id],
        services=services,
        party_size=row.party_size,
        people=tuple(row.people or ()),
        lost_draws=row.lost_draws,
        level=visit.level,
    )
