"""What a helper sees: what it may still do, and of people only what their consent is for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import open_national_number, open_phone
from booking.desk.helpers.clients import Left, left
from booking.desk.helpers.rows import consent_of, helper_of
from booking.people.accounts.household import SHOWN_DIGITS
from booking.people.reaching.recipients import masked
from booking.platform.base.errors import NotFoundError
from booking.platform.base.message_states import Channel
from booking.platform.models import (
    Account,
    Appointment,
    Consent,
    Helper,
    HouseholdMember,
    Office,
    Person,
    Request,
    RequestMember,
    Service,
)
from booking.platform.models.accounts.helper import ConsentState, HelperState
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import AppointmentState, RequestState
from booking.scheduling.requests.review import paper_was_refused
from booking.scheduling.requests.views import RequestView, request_view

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Overview:
    """A helper as it sees itself."""

    organisation: str
    state: HelperState
    suspended_reason: str | None
    left: Left
    people: list["PersonLine"]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a helper's list: the first word of their name, the last digits of their number, no more.

    ``phone`` is empty for one who signed on paper. Name and proof are not told before the person has agreed: number and
    phone alone, of whomever, would bring them. ``asked_again``: the request goes on as another one, with another time
    or in a later draw, which the consent is not for.
    """

    consent_id: UUID
    first_name: str
    number_ends: str
    consent: ConsentState
    ends_at: datetime
    over: bool
    request: "AskedFor | None"
    appointment: "Meeting | None"
    phone: str
    on_paper: bool
    paper_refused: bool
    proven: bool
    asked_again: bool


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The request that was sent with a consent."""

    reference: str
    state: RequestState
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """The latest appointment of such a request."""

    state: AppointmentState
    starts_at: datetime
    confirm_by: datetime
    office: Office


def overview(core: Core, *, by: UUID) -> Overview:
    """Show a helper itself and the people whose consent it has; raises ForbiddenError."""
    with core.sessions() as session:
        helper = helper_of(session, by)
        now = core.clock.now()
        open_now = Consent.state.in_([ConsentState.ASKED, ConsentState.GIVEN, ConsentState.USED])
        rows = session.execute(
            _people(helper)
            .where(open_now, Consent.ends_at > now)
            .order_by(Consent.asked_at.desc(), Consent.id)
            .limit(MOST_SHOWN)
        ).all()
        return Overview(
            organisation=helper.organisation,
            state=helper.state,
            suspended_reason=helper.suspended_reason,
            left=left(session, core, helper),
            people=[_line(session, core, row) for row in rows],
        )


def person(core: Core, *, by: UUID, consent_id: UUID) -> PersonLine:
    """Show one person; what became of the request is not shown once the consent is over.

    Raises
    ------
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions() as session:
        helper = helper_of(session, by)
        consent_of(session, helper, consent_id)
        row = session.execute(_people(helper).where(Consent.id == consent_id)).one()
        return _line(session, core, row)


def paper_receipt(core: Core, *, by: UUID, consent_id: UUID) -> RequestView:
    """Return a request that was asked for with a signed paper, for the receipt that its person takes home.

    Raises
    ------
    NotFoundError
        The helper did not ask for this consent; or it was not used, is over, or was given by code: then the receipt
        went to a phone.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions() as session:
        consent = consent_of(session, helper_of(session, by), consent_id)
        used = consent.state is ConsentState.USED and consent.paper_reference is not None
        if not used or consent.is_over(core.clock.now()):
            raise NotFoundError
        owner, reference = session.execute(
            select(Request.account_id, Request.reference).where(Request.id == consent.request_id)
        ).one()
    return request_view(core, owner, reference)


def door_office(core: Core, *, by: UUID) -> Office:
    """Return the office that answers for the helper: people are asked for through its door."""
    with core.sessions() as session:
        return helper_of(session, by).office


def _people(helper: Helper) -> Select[Consent, Account, Person, HouseholdMember | None, Request | None]:
    member = (HouseholdMember.account_id == Consent.account_id) & (HouseholdMember.person_id == Consent.person_id)
    return (
        select(Consent, Account, Person, HouseholdMember, Request)
        .join(Account, Account.id == Consent.account_id)
        .join(Person, Person.id == Consent.person_id)
        .outerjoin(HouseholdMember, member)
        .outerjoin(Request, Request.id == Consent.request_id)
        .where(Consent.helper_id == helper.id)
    )


def _line(
    session: Session, core: Core, row: Row[Consent, Account, Person, HouseholdMember | None, Request | None]
) -> PersonLine:
    consent, account, person, member, request = row
    if consent.given_at is None and consent.paper_reference is None:
        member = None
    over = consent.is_over(core.clock.now())
    if over:
        request = None
    return PersonLine(
        consent_id=consent.id,
        first_name="" if member is None else member.name.partition(" ")[0],
        number_ends=open_national_number(core.vault, person)[-SHOWN_DIGITS:],
        consent=consent.state,
        ends_at=consent.ends_at,
        over=over,
        request=None if request is None else AskedFor(request.reference, request.state, tuple(request.services)),
        appointment=None if request is None else _meeting(session, request),
        phone=masked(Channel.SMS, open_phone(core.vault, account)) if account.phone_ciphertext else "",
        on_paper=consent.paper_reference is not None,
        paper_refused=request is not None and paper_was_refused(session, request),
        proven=member is not None and member.level.reaches(IdentityLevel.PROVEN),
        asked_again=request is not None and _goes_on(session, consent, request),
    )


def _goes_on(session: Session, consent: Consent, request: Request) -> bool:
    """Return whether the next request that says it was this helper's came of this one, and not of another consent."""
    if request.state is not RequestState.WITHDRAWN:
        return False
    following = session.execute(
        select(Request.id, Consent.id.label("consent"))
        .outerjoin(Consent, Consent.request_id == Request.id)
        .where(
            Request.account_id == request.account_id,
            Request.helper_id == consent.helper_id,
            Request.created_at >= request.created_at,
            Request.id != request.id,
            Request.members.any(
                (RequestMember.person_id == consent.person_id)
                & RequestMember.exclusive_group.in_([member.exclusive_group for member in request.members])
            ),
        )
        .order_by(Request.created_at, Request.transaction)
        .limit(1)
    ).one_or_none()
    return following is not None and following.consent is None


def _meeting(session: Session, request: Request) -> Meeting | None:
    found = session.scalar(
        select(Appointment).where(Appointment.request_id == request.id).order_by(Appointment.created_at.desc()).limit(1)
    )
    return None if found is None else Meeting(found.state, found.starts_at, found.confirm_by, found.office)
