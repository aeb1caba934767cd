"""An appointment as programs see it; requests show theirs in the same form."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from allocation import Mechanism
from api.v1.calls.values import Bilingual, DoorWord, Out, bilingual
from api.v1.offices import OfficeLine, office_line
from booking.platform.models import Service
from booking.platform.models.states import AppealState, AppointmentState, DrawState, RequestState
from booking.scheduling.requests.draw_part import DrawPart
from booking.scheduling.requests.keep import Asked
from booking.scheduling.requests.views import AppointmentView, RequestLine, RequestView
from booking.transparency.log.views import ReceiptPlace


class ServiceNamed(Out):
    """A service with its names."""

    code: str
    name: Bilingual


def services_out(services: Sequence[Service]) -> list[ServiceNamed]:
    """Write the services out that an appointment is for."""
    return [ServiceNamed(code=one.code, name=bilingual(one)) for one in services]


class AppointmentOut(Out):
    """An appointment; instants are in UTC, to be shown in the office's time zone.

    ``held`` marks a place that waits for its confirmation, ``needs_check`` one whose request waits for a check before
    that; an offer and a hold lapse at ``confirm_by``.
    """

    reference: str
    request: str
    state: AppointmentState
    held: bool
    needs_check: bool
    service: str
    service_name: Bilingual
    services: list[ServiceNamed] = Field(description="All that it is for; the first is `service`.")
    office: OfficeLine
    starts_at: datetime
    ends_at: datetime
    confirm_by: datetime
    people: list[str]


def appointment_out(view: AppointmentView) -> AppointmentOut:
    """Write an appointment out."""
    return AppointmentOut(
        reference=view.reference,
        request=view.request_reference,
        state=view.state,
        held=view.held,
        needs_check=view.needs_check,
        service=view.service.code,
        service_name=bilingual(view.service),
        services=services_out(view.services),
        office=office_line(view.office),
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        confirm_by=view.confirm_by,
        people=list(view.people),
    )


class ReasonOut(Out):
    """Why the gate decided so."""

    code: str
    ar: str
    en: str


class LogPlaceOut(Out):
    """The public log's newest checkpoint, to be kept, and the receipt's index once it is in the log."""

    index: int | None
    checkpoint: str


class AskedOut(Out):
    """The verdict, and the receipt by which a published draw proves that this request took part as it was asked.

    ``log``: what to keep with the receipt; null before the log's first checkpoint.
    """

    reference: str
    state: RequestState
    decision: Literal["accept", "challenge", "review", "refuse"]
    reasons: list[ReasonOut]
    receipt: str
    log: LogPlaceOut | None


class ProofParametersOut(Out):
    """What is computed: PBKDF2 of nonce and counter (four bytes, big-endian), until the key begins with the prefix."""

    algorithm: str
    cost: int
    keyLength: int  # noqa: N815 - altcha's own names, which its signature covers
    keyPrefix: str  # noqa: N815
    nonce: str
    salt: str
    keySignature: str  # noqa: N815
    data: dict[str, Any] = Field(description="tries: how many counters there are to try, from 0 on.")


class ProofOut(Out):
    """A computation for this session and this request, for an hour; send it back as it came, with its solution."""

    parameters: ProofParametersOut
    signature: str


class ChallengeOut(Out):
    """How a check can be passed: ``proof`` where a computation is enough; a code sent to the phone always is."""

    proof: ProofOut | None
    code_sent: bool


class DrawPartOut(Out):
    """A request's part in a draw. ``priority`` and ``position`` (0 is first in line) come with its result."""

    reference: str
    state: DrawState
    closes_at: datetime
    published_at: datetime | None
    mechanism: Mechanism
    leaf_index: int | None
    person_draw_id: str | None
    priority: int | None
    position: int | None
    served: bool | None
    rank: int | None
    explanation: dict[str, Any]


class RequestLineOut(Out):
    """A request in a list, with its latest appointment."""

    reference: str
    state: RequestState
    service: str
    service_name: Bilingual
    services: list[ServiceNamed] = Field(description="All that it is for; the first is `service`.")
    created_at: datetime
    party_size: int
    appointment: str | None
    appointment_state: AppointmentState | None
    starts_at: datetime | None
    confirm_by: datetime | None
    office: str | None


class RequestsOut(Out):
    """The account's requests, newest first."""

    requests: list[RequestLineOut]


class RequestOut(Out):
    """A request with all that is known of it."""

    reference: str
    state: RequestState
    service: str
    service_name: Bilingual
    services: list[ServiceNamed] = Field(description="All that it is for; the first is `service`.")
    door: DoorWord
    people: list[str]
    offices: list[str]
    first_day: date
    last_day: date | None
    weekdays: list[int]
    bands: list[str]
    needed_by: date | None
    home_first: date | None
    home_last: date | None
    accessible: bool
    together: bool
    lost_draws: int = Field(description="Those that count for the wish as it is: its priority in the next draw.")
    lost_draws_without_a_place: int = Field(description="No place fitted: they count for no wish that asks for more.")
    lost_draws_that_rest: int = Field(description="They count again if the wish goes back before the next draw.")
    created_at: datetime
    edited_at: datetime | None = Field(description="When its owner changed it last.")
    frozen: bool = Field(description="A draw counts on it as it is: it can be changed when there is a result.")
    receipt: str
    log: LogPlaceOut | None
    decision: str
    reasons: list[ReasonOut]
    by_officer: bool
    note: str
    appeal: AppealState | None
    appeal_answer_by: date | None
    last_draw: DrawPartOut | None
    next_draw: DrawPartOut | None
    appointment: AppointmentOut | None


def asked_out(asked: Asked) -> AskedOut:
    """Write the answer to a request out, with the newest checkpoint of the public log."""
    columns = {name: getattr(asked, name) for name in ("reference", "state", "decision", "reasons", "receipt")}
    return AskedOut(**columns, log=log_place_out(asked.logged))


def log_place_out(logged: ReceiptPlace | None) -> LogPlaceOut | None:
    """Write out what a receipt is shown with."""
    return LogPlaceOut.model_validate(logged) if logged else None


def request_out(view: RequestView) -> RequestOut:
    """Write a request out, with where its receipt stands in the public log."""
    return RequestOut(
        reference=view.reference,
        state=view.state,
        service=view.service.code,
        service_name=bilingual(view.service),
        services=services_out(view.services),
        door=view.door.value,
        people=list(view.people),
        offices=[office.code for office in view.offices],
        first_day=view.first_day,
        last_day=view.last_day,
        weekdays=list(view.weekdays),
        bands=list(view.bands),
        needed_by=view.needed_by,
        home_first=view.home_days[0] if view.home_days else None,
        home_last=view.home_days[1] if view.home_days else None,
        accessible=view.accessible,
        together=view.together,
        lost_draws=view.turn.counts,
        lost_draws_without_a_place=view.turn.without_a_place,
        lost_draws_that_rest=view.turn.rests,
        created_at=view.created_at,
        edited_at=view.edited_at,
        frozen=view.frozen,
        receipt=view.receipt,
        log=log_place_out(view.logged),
        decision=view.decision,
        reasons=[ReasonOut.model_validate(reason) for reason in view.reasons],
        by_officer=view.by_officer,
        note=view.note,
        appeal=view.appeal,
        appeal_answer_by=view.appeal_answer_by,
        last_draw=_draw_part(view.last_draw),
        next_draw=_draw_part(view.next_draw),
        appointment=appointment_out(view.appointment) if view.appointment else None,
    )


def request_line_out(line: RequestLine) -> RequestLineOut:
    """Write a line of a list out."""
    return RequestLineOut(
        reference=line.reference,
        state=line.state,
        service=line.service.code,
        service_name=bilingual(line.service),
        services=services_out(line.services),
        created_at=line.created_at,
        party_size=line.party_size,
        appointment=line.appointment_reference,
        appointment_state=line.appointment_state,
        starts_at=line.starts_at,
        confirm_by=line.confirm_by,
        office=line.office.code if line.office else None,
    )


def _draw_part(part: DrawPart | None) -> DrawPartOut | None:
    return None if part is None else DrawPartOut.model_validate(part)
