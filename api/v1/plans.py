"""The plan of somebody of the household for a service: everything that must be there first, with days and states."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.deps import CoreDep
from api.v1.calls.guards import Caller
from api.v1.calls.refusals import INPUT, SIGNED_IN, refusals
from api.v1.calls.values import Code, Day, Id, Out
from booking.desk.plans.make import LinkState
from booking.desk.plans.views import PlanLine, PlanView, Question, Step, Unknown, plan_view
from booking.platform.base.errors import NotFoundError
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import AppointmentState, RequestState

router = APIRouter(prefix="/plans", tags=["plans"])

MOST_ANSWERS: Final = 20
_ANSWER: Final = r"^[a-z0-9-]{1,40}\.[a-z0-9-]{1,40}=[a-z0-9-]{1,40}$"
_Answer = Annotated[str, StringConstraints(pattern=_ANSWER)]


class HeldOut(Out):
    """A result that is there: the days of issue and of its end; without ``valid_until`` it does not end."""

    issued: date
    valid_until: date | None


class RequestedOut(Out):
    """A request for an appointment that is waiting or served, and the appointment where there is one."""

    reference: str
    state: RequestState
    appointment: str | None
    appointment_state: AppointmentState | None
    office: str | None
    day: date | None


class StartedOut(Out):
    """A case of a service that is asked for online."""

    reference: str
    state: OnlineState


class PartOut(Out):
    """One part of the chain.

    ``state`` is whether it is there, ``step`` what can be done about it now. Asked for from ``ask_from`` to ``ask_by``
    it is there in time, and still valid on the day of the goal. ``ready`` is the first day on which it can be asked
    for, ``done`` the first on which it is there. ``waits_for`` are the services that must be there before.
    ``offered``: somebody would handle it online now.
    """

    service: str
    state: LinkState
    step: Step
    online: bool
    offered: bool
    held: HeldOut | None
    ready: date | None
    done: date | None
    ask_from: date | None
    ask_by: date | None
    waits_for: tuple[str, ...]
    request: RequestedOut | None
    case: StartedOut | None


class QuestionOut(Out):
    """A question of a form on which the plan depends: answer it with ``answer=CODE=ONE OF THE CHOICES``."""

    code: str
    choices: tuple[str, ...]
    answer: str | None


class PlanOut(Out):
    """The whole chain in an order in which it can be done, the goal last.

    ``earliest`` is the first day that the goal can have, ``day`` the one that is planned for: never before it.
    ``conditions`` are codes of the service's file that officers look at. ``visits`` counts offices and days,
    ``visits_alone`` what it would be without the plan. ``unknown``: what registers know of the person is missing, as
    nobody has proven them, or as the register is away.
    """

    goal: str
    person: int
    earliest: date
    day: date
    visits: int
    visits_alone: int
    parts: tuple[PartOut, ...]
    conditions: tuple[str, ...]
    questions: tuple[QuestionOut, ...]
    unknown: Unknown | None


@router.get("/{goal}", responses=refusals(*SIGNED_IN, *INPUT, NotFoundError))
def plan(
    goal: Code,
    person: Annotated[Id, Query(description="Of the household.")],
    core: CoreDep,
    caller: Caller,
    day: Annotated[Day | None, Query(description="The wished day; one too early means the earliest.")] = None,
    answer: Annotated[tuple[_Answer, ...], Query(max_length=MOST_ANSWERS)] = (),
) -> PlanOut:
    """Plan the way to a service. Nothing is stored."""
    answers = dict(one.split("=", 1) for one in answer)
    return _out(plan_view(core, account_id=caller.account_id, goal=goal, member_id=person, day=day, answers=answers))


def _out(view: PlanView) -> PlanOut:
    return PlanOut(
        goal=view.goal.code,
        person=view.member.id,
        earliest=view.plan.earliest,
        day=view.plan.day,
        visits=view.visits,
        visits_alone=view.alone,
        parts=tuple(_part(line) for line in view.lines),
        conditions=tuple(rule.code for rule in view.conditions),
        questions=tuple(_question(one) for one in view.questions),
        unknown=view.unknown,
    )


def _part(line: PlanLine) -> PartOut:
    link, asked = line.link, line.asked
    return PartOut(
        service=link.code,
        state=link.state,
        step=line.step,
        online=line.service.online,
        offered=line.offered,
        held=HeldOut.model_validate(link.held) if link.held else None,
        ready=link.ready,
        done=link.done,
        ask_from=link.ask_from,
        ask_by=link.ask_by,
        waits_for=link.waits_for,
        request=RequestedOut(
            reference=asked.reference,
            state=asked.state,
            appointment=asked.appointment,
            appointment_state=asked.appointment_state,
            office=asked.office.code if asked.office else None,
            day=asked.day,
        )
        if asked
        else None,
        case=StartedOut.model_validate(line.case) if line.case else None,
    )


def _question(one: Question) -> QuestionOut:
    return QuestionOut(
        code=one.code,
        choices=tuple(choice["code"] for choice in one.field["choices"]),
        answer=one.answer or None,
    )
