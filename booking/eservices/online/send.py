"""A person sends a case to its agency, for the first time or with what was asked for; or takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.packs.answers import Answer, check_answers
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.begin import check_eligible, check_offered
from booking.eservices.online.errors import AlreadyAskedError, NotOfferedError
from booking.eservices.online.issue import check_thing_is_free
from booking.eservices.online.originals import check_chosen, enter_agency, give_up_originals
from booking.eservices.online.pay import Unpaid
from booking.eservices.online.rows import own_case, own_case_and_file, read_answers_of, subject_of, wanted_papers
from booking.eservices.online.views import due_for
from booking.people.identity.levels import require_level
from booking.people.payments.capture import end_payment, paid_amount
from booking.platform.base.arrays import table_of
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models import Account, HouseholdMember, Message, OnlineCase, OnlinePaper, Service
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.online.case import IN_OWN_HANDS, ONLINE_MOVES, RUNNING, OnlineState
from booking.platform.models.states import checked_move

CAN_WITHDRAW: Final = frozenset(
    {
        OnlineState.DRAFT,
        OnlineState.AWAITING_PAYMENT,
        OnlineState.AWAITING_PAPERS,
        OnlineState.SUBMITTED,
        OnlineState.NEEDS_MORE,
    }
)
"""Not while an officer decides."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a case stands that was sent; ``unpaid`` is what is to pay first, None where nothing is."""

    state: OnlineState
    unpaid: Unpaid | None


def send_case(core: Core, *, account_id: UUID, reference: str, declared: bool) -> Sent:
    """Check the whole form and send the case; return where it stands then.

    Parameters
    ----------
    declared
        The person says that the answers are true and that the service's conditions hold.

    Raises
    ------
    InvalidInputError
        Answers are missing or do not fit (by the question's code), papers are missing (``paper-`` and its code), the
        way of the originals was not chosen (``way``), or it was not declared; all are listed. ``answers``: what is sent
        again would change the fee or the thing.
    booking.people.identity.levels.IdentityLevelError
        The person has to be proven first, by the service's file.
    booking.country.core.register.RegisterAwayError
        The register does not answer; nothing has changed.
    NotEligibleError
        The person may not ask for it; every reason is named.
    PrerequisiteMissingError
        The person lacks what must be there first.
    NotOfferedError
        The service is not offered any more, nobody would handle it now, or there is no way to pay.
    AlreadyAskedError
        The person has a running case of this service for the same thing.
    ThingTakenError
        Somebody has a valid result for this thing and time.
    NotFoundError
        The account has no such case, or the person left the household.
    IllegalMoveError
        The case was sent already.
    """
    try:
        with core.sessions.begin() as session:
            own = own_case_and_file(session, core, account_id, reference)
            case, spec = own.case, own.spec
            if case.state not in IN_OWN_HANDS:
                raise IllegalMoveError(case.state, OnlineState.SUBMITTED)
            answers = read_answers_of(core.vault, case)
            _check_complete(session, core, case, spec, answers, declared=declared)
            check_thing_is_free(session, core, case, spec, answers)
            if case.state is OnlineState.NEEDS_MORE:
                _send_again(session, core, case, spec, answers)
                return Sent(case.state, None)
            return _send_first(session, core, case, spec, answers)
    except IntegrityError as error:
        if "uq_online_case_running" in str(error.orig):
            raise AlreadyAskedError from None
        raise


def withdraw_case(core: Core, *, account_id: UUID, reference: str) -> None:
    """Take a case back while no officer decides it; what was paid goes back. Raises NotFoundError, IllegalMoveError."""
    with core.sessions.begin() as session:
        withdraw_case_in(session, core, account_id=account_id, reference=reference)


def withdraw_case_in(session: Session, core: Core, *, account_id: UUID, reference: str) -> None:
    """Do what `withdraw_case` does in the caller's transaction."""
    case = own_case(session, account_id, reference)
    if case.state not in CAN_WITHDRAW:
        raise IllegalMoveError(case.state, OnlineState.WITHDRAWN)
    take_back(session, core, case)


def take_back(session: Session, core: Core, case: OnlineCase) -> None:
    """End a locked case that no officer decides; what was paid goes back."""
    case.move_to(OnlineState.WITHDRAWN)
    case.hand_back()
    case.closed_at = case.changed_at = core.clock.now()
    give_up_originals(session, case)
    end_payment(session, case.id)


def _send_first(
    session: Session, core: Core, case: OnlineCase, spec: ServiceSpec, answers: Mapping[str, Answer]
) -> Sent:
    check_offered(session, spec)
    asker = session.execute(
        _ASKER, {"account_id": case.account_id, "person_id": case.person_id, "service_id": case.service_id}
    ).one_or_none()
    if asker is None:
        raise NotFoundError
    member, account, is_active = asker
    if not is_active:
        raise NotOfferedError
    require_level([member], level_to_send(spec))
    check_eligible(session, core, spec, account, member, answers)
    due = due_for(spec, case, answers)
    if due.amount and core.settings.payment_provider is None:
        raise NotOfferedError
    file, subject = spec.model_dump(mode="json", by_alias=True), subject_of(core.vault, spec, answers)
    if due.amount:
        state = checked_move(ONLINE_MOVES, case.state, OnlineState.AWAITING_PAYMENT)
        notice = messages.row(core, case.account_id, "online_awaiting_payment", {"reference": case.reference})
        told = {_told(name): value for name, value in notice.items()}
        session.execute(_AWAIT_PAYMENT, told | {"case": case.id, "to": state, "file": file, "thing": subject})
        return Sent(state, Unpaid(case.id, case.reference, due))
    case.spec, case.subject, case.changed_at = file, subject, core.clock.now()
    enter_agency(session, core, case)
    return Sent(case.state, None)


def _told(name: str) -> str:
    """Name the parameter of a notice's column: by its own name it would stand for a column of the case as well."""
    return f"told_{name}"


_NOTICE: Final = tuple(table_of(Message).c[name] for name in ("id", "account_id", "kind", "values", "created_at"))
_AWAIT_PAYMENT: Final = (
    insert(table_of(Message))
    .from_select(
        [one.name for one in _NOTICE],
        select(*(bindparam(_told(one.name), type_=one.type) for one in _NOTICE)),
        include_defaults=False,
    )
    .add_cte(
        update(table_of(OnlineCase))
        .where(OnlineCase.id == bindparam("case"))
        .values(
            state=bindparam("to"),
            spec=bindparam("file"),
            subject=bindparam("thing"),
            changed_at=bindparam(_told("created_at"), type_=Message.created_at.type),
        )
        .cte("sent")
    )
)
"""The case waits for its payment, and its account is told so, by one statement."""


_ASKER: Final = (
    select(HouseholdMember, Account, Service.active)
    .join(Account, Account.id == HouseholdMember.account_id)
    .join(Service, Service.id == bindparam("service_id"))
    .where(HouseholdMember.account_id == bindparam("account_id"), HouseholdMember.person_id == bindparam("person_id"))
)


def level_to_send(spec: ServiceSpec) -> IdentityLevel:
    """Return the level that sending a case needs: what asking needs, and already what issuing its result will need."""
    asking = spec.identity.to_ask(at_an_office=spec.at_an_office)
    issuing = spec.identity.issue if spec.issues else asking
    return max(asking, issuing, key=lambda level: level.rank)


def _send_again(
    session: Session, core: Core, case: OnlineCase, spec: ServiceSpec, answers: Mapping[str, Answer]
) -> None:
    """Send what the officer asked for; what decides the fee or the thing stays as it was paid for."""
    if due_for(spec, case, answers).amount != paid_amount(session, case.id):
        raise InvalidInputError([FieldError("answers", "changes_fee")])
    if subject_of(core.vault, spec, answers) != case.subject:
        raise InvalidInputError([FieldError("answers", "changes_thing")])
    case.hand_back()
    enter_agency(session, core, case)


def _check_complete(
    session: Session,
    core: Core,
    case: OnlineCase,
    spec: ServiceSpec,
    answers: Mapping[str, Answer],
    *,
    declared: bool,
) -> None:
    errors = check_answers(spec.fields, answers, today=core.today())
    there = set(session.scalars(_PAPERS, {"case_id": case.id}))
    if not errors:
        errors = [
            FieldError(f"paper-{one.code}", "no_paper")
            for one in wanted_papers(case, spec, answers)
            if one.required and one.code not in there
        ]
    errors += check_chosen(session, case, spec)
    if not declared:
        errors.append(FieldError("declared", "must_declare"))
    if errors:
        raise InvalidInputError(errors)


_PAPERS: Final = select(OnlinePaper.document_code).where(
    OnlinePaper.case_id == bindparam("case_id"), OnlinePaper.removed_at.is_(None)
)


_IN_OFFICERS_HANDS = (OnlineState.ASSIGNED, OnlineState.APPROVED)


def end_cases_of_claim(session: Session, core: Core, account_id: UUID, person_id: UUID) -> None:
    """Take back the account's drafts and running cases of the person, each with a notice; what was paid goes back."""
    cases = session.scalars(
        select(OnlineCase)
        .where(
            OnlineCase.account_id == account_id,
            OnlineCase.person_id == person_id,
            OnlineCase.state.in_({OnlineState.DRAFT} | RUNNING),
        )
        .order_by(OnlineCase.id)
        .with_for_update(of=OnlineCase)
    ).all()
    for case in cases:
        if case.state in _IN_OFFICERS_HANDS:
            case.move_to(OnlineState.SUBMITTED)
            case.hand_back()
            session.flush()
        take_back(session, core, case)
        tell(session, core, account_id, "online_claim_ended", reference=case.reference)
