"""A person's plan as its page shows it: every part of the chain, where it stands, and what can be done now."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import next_draw
from booking.country.core.core import Core
from booking.country.packs.service import PrerequisiteSpec, ServiceSpec
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.desk.plans.make import Link, LinkState, Plan, make_plan
from booking.eservices.online.begin import offered_codes
from booking.people.prerequisites.chain import Part, WorkingDays, chain_of
from booking.people.prerequisites.standing import Lack, Subject, is_concerned, residence_behind, subjects
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Account,
    Appointment,
    HouseholdMember,
    Office,
    OnlineCase,
    Request,
    RequestErrand,
    RequestMember,
    Service,
)
from booking.platform.models.base import Json
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    WAITING_FOR_DRAW,
    AppointmentState,
    Door,
    RequestState,
)
from booking.scheduling.requests.wish_again import lacks_on_the_day


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A live request of the account for a person, with its appointment where it has one."""

    reference: str
    state: RequestState
    appointment: str | None = None
    appointment_state: AppointmentState | None = None
    starts_at: datetime | None = None
    office: Office | None = None

    @property
    def day(self) -> date | None:
        """The day of the appointment, local at its office."""
        if self.starts_at is None or self.office is None:
            return None
        return self.starts_at.astimezone(ZoneInfo(self.office.time_zone)).date()


def asked_for(session: Session, account_id: UUID, person_id: UUID, services: Collection[str]) -> dict[str, AskedFor]:
    """Return the live requests of an account for a person, by service."""
    rows = session.execute(
        select(Service.code, Request, Appointment)
        .select_from(RequestMember)
        .join(Request, Request.id == RequestMember.request_id)
        .outerjoin(
            RequestErrand,
            (RequestErrand.request_id == Request.id) & (RequestErrand.person_id == RequestMember.person_id),
        )
        .join(Service, Service.id == func.coalesce(RequestErrand.service_id, Request.service_id))
        .outerjoin(
            Appointment,
            (Appointment.request_id == Request.id) & Appointment.state.in_(LIVE_APPOINTMENT_STATES),
        )
        .where(
            Service.code.in_(services),
            Request.account_id == account_id,
            RequestMember.person_id == person_id,
            RequestMember.live,
        )
    ).all()
    return {
        code: AskedFor(request.reference, request.state)
        if appointment is None
        else AskedFor(
            request.reference,
            request.state,
            appointment.reference,
            appointment.state,
            appointment.starts_at,
            appointment.office,
        )
        for code, request, appointment in rows
    }


@dataclass(frozen=True, slots=True)
class Case:
    """An online case of the account for a person that is not over."""

    reference: str
    state: OnlineState


def cases_of(session: Session, account_id: UUID, person_id: UUID, services: Collection[str]) -> dict[str, Case]:
    """Return the drafts and running cases of an account for a person, by service; what is running before a draft."""
    rows = session.execute(
        select(Service.code, OnlineCase.reference, OnlineCase.state)
        .join(Service, Service.id == OnlineCase.service_id)
        .where(
            Service.code.in_(services),
            OnlineCase.account_id == account_id,
            OnlineCase.person_id == person_id,
            OnlineCase.state.in_({OnlineState.DRAFT} | RUNNING),
        )
        .order_by(OnlineCase.state != OnlineState.DRAFT, OnlineCase.changed_at)
    ).all()
    return {row.code: Case(row.reference, row.state) for row in rows}


class Step(StrEnum):
    """What can be done about a part now."""

    HELD = "held"
    NOT_NEEDED = "not_needed"
    BEGUN = "begun"
    ASKED = "asked"
    NOW = "now"
    LATER = "later"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One part: its service, its link of the plan, what was asked for, and the services that must come first.

    ``offered``: somebody would handle it online now.
    """

    service: Service
    link: Link
    step: Step
    asked: AskedFor | None
    case: Case | None
    offered: bool
    waits_for: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a form on which the plan depends; ``code`` is "service.field", ``answer`` "" if unknown."""

    code: str
    field: Json
    answer: str


class Unknown(StrEnum):
    """Why no register was asked about somebody."""

    NOT_PROVEN = "not_proven"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan of one person for one service; ``conditions`` are those in words, which an officer looks at.

    ``unknown``: what the person holds and what concerns them is not known, and why; None where registers were asked.

    ``alone`` is how many visits the parts that are not held would take, each at an office of its own; ``visits`` how
    many they take.
    """

    goal: Service
    member: HouseholdMember
    door: Door
    plan: Plan
    lines: tuple[PlanLine, ...]
    conditions: tuple[PrerequisiteSpec, ...]
    questions: tuple[Question, ...]
    unknown: Unknown | None = None

    @property
    def alone(self) -> int:
        """Visits without the plan: one for every part that is still needed."""
        return sum(line.link.state is LinkState.MISSING for line in self.lines)

    @property
    def visits(self) -> int:
        """Visits with it: offices and days of the appointments, which count once where they are the same."""
        needed = [line for line in self.lines if line.link.state is LinkState.MISSING and not line.service.online]
        met = {(line.asked.office.id, line.asked.day) for line in needed if line.asked and line.asked.office}
        return len(met) + sum(line.asked is None or line.asked.office is None for line in needed)

    @property
    def startable(self) -> tuple[PlanLine, ...]:
        """The parts that can be asked for now."""
        return tuple(line for line in self.lines if line.step is Step.NOW)


def plan_view(
    core: Core,
    *,
    account_id: UUID,
    goal: str,
    member_id: int,
    day: date | None = None,
    answers: Mapping[str, str] | None = None,
) -> PlanView:
    """Plan the way of somebody of one's household to a service.

    Parameters
    ----------
    day
        The wished day of the goal; the day of its appointment where there is one.
    answers
        What the person would answer to the questions of the plan; where they say nothing, what they hold answers.

    Raises
    ------
    NotFoundError
        There is no such service, or nobody of that id in the household.
    """
    with core.sessions() as session:
        return read_plan(session, core, account_id=account_id, goal=goal, member_id=member_id, day=day, answers=answers)


def read_plan(
    session: Session,
    core: Core,
    *,
    account_id: UUID,
    goal: str,
    member_id: int,
    day: date | None = None,
    answers: Mapping[str, str] | None = None,
) -> PlanView:
    """Plan inside the caller's transaction; see `plan_view`."""
    member = session.get(HouseholdMember, member_id)
    services = {one.code: one for one in session.scalars(select(Service).where(Service.active))}
    if member is None or member.account_id != account_id or goal not in services:
        raise NotFoundError
    parts = {code: Part.of(service) for code, service in services.items()}
    chain = [part.code for part in chain_of(goal, parts)]
    asked = asked_for(session, account_id, member.person_id, chain)
    cases = cases_of(session, account_id, member.person_id, chain)
    offered = offered_codes(session, [ServiceSpec.from_stored(services[code].spec) for code in chain])
    if goal in asked:
        day = asked[goal].day or day
    door = session.get_one(Account, account_id).door
    subject = subjects(session, core, [member], residence_behind(door))[0]
    known = _answered_by(subject, [parts[code] for code in chain]) | dict(answers or {})
    plan = make_plan(
        goal,
        parts,
        subject,
        today=core.today(),
        lead=_lead(session, core),
        calendar=WorkingDays.of(core.pack),
        day=day,
        answers=known,
    )
    lines = tuple(
        PlanLine(
            service=services[link.code],
            link=link,
            step=_step(link, asked.get(link.code), cases.get(link.code), core.today()),
            asked=asked.get(link.code),
            case=cases.get(link.code),
            offered=link.code in offered,
            waits_for=tuple(services[code] for code in link.waits_for),
        )
        for link in plan.links
    )
    conditions = tuple(
        rule for rule in parts[goal].rules if rule.service is None and is_concerned(rule.concerns, subject, plan.day)
    )
    questions = tuple(_questions(lines, parts, known))
    return PlanView(services[goal], member, door, plan, lines, conditions, questions, _unknown(member, subject))


def what_lacks(core: Core, *, account_id: UUID, reference: str) -> list[tuple[Lack, Service]]:
    """List what a waiting request still lacks for the first day that it could have; raises NotFoundError.

    Empty where nothing has to be there, or nothing is lacking.
    """
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        if request is None:
            raise NotFoundError
        if not request.must_hold or request.state not in WAITING_FOR_DRAW:
            return []
        coming = next_draw(session, core.clock.now())
        first = max(request.first_day, core.today() if coming is None else coming.horizon_first)
        lacks = lacks_on_the_day(session, core, request, first)
        services = {one.code: one for one in session.scalars(select(Service))}
        return [(lack, services[lack.service]) for lack in lacks if lack.service in services]


def _unknown(member: HouseholdMember, subject: Subject) -> Unknown | None:
    if subject.asked:
        return None
    return Unknown.AWAY if member.is_proven else Unknown.NOT_PROVEN


def _answered_by(subject: Subject, chain: Sequence[Part]) -> dict[str, str]:
    """Answer questions by what somebody holds: one who holds a deferral for study is deferred for study."""
    held = {one.service for one in subject.held}
    return {
        f"{part.code}.{rule.when.field}": rule.when.answers[0]
        for part in chain
        for rule in part.rules
        if rule.when is not None and rule.service in held
    }


def _questions(lines: Sequence[PlanLine], parts: Mapping[str, Part], known: Mapping[str, str]) -> Iterator[Question]:
    """Yield the questions on which parts that are still missing depend, each once."""
    for line in lines:
        if line.link.state is not LinkState.MISSING:
            continue
        rules = parts[line.service.code].rules
        for name in dict.fromkeys(rule.when.field for rule in rules if rule.when is not None and rule.service):
            field = next(one for one in line.service.spec["fields"] if one["code"] == name)
            code = f"{line.service.code}.{name}"
            yield Question(code, field, known.get(code, ""))


def _lead(session: Session, core: Core) -> int:
    """Return the days from asking to the first day of places: those of the coming draw, or what policy says."""
    coming = next_draw(session, core.clock.now())
    if coming is not None:
        return max(0, (coming.horizon_first - core.today()).days)
    limits = policy_limits.pick(DrawLimits, policy_limits.find_active_limits(session))
    return limits.horizon_lead_days + 1


def _step(link: Link, asked: AskedFor | None, case: Case | None, today: date) -> Step:
    if link.state is LinkState.HELD:
        return Step.HELD
    if asked is not None:
        return Step.ASKED
    if case is not None:
        return Step.BEGUN if case.state is OnlineState.DRAFT else Step.ASKED
    if link.state is LinkState.NOT_NEEDED:
        return Step.NOT_NEEDED
    if link.waits_for:
        return Step.WAITS
    return Step.NOW if link.ask_from is None or link.ask_from <= today else Step.LATER
