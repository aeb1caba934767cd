"""Original papers of people abroad: the choice of visit or post, waiting for what is posted, and giving it up."""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.packs.fields import OriginalsSpec
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.issue import ThingTakenError, make_result
from booking.eservices.online.rows import case_spec, own_case, paper_store
from booking.people.evidence.retention import remove_files
from booking.people.payments.capture import end_payment
from booking.people.prerequisites.chain import WorkingDays
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import CaseOriginals, IssuedResult, Office, OnlineCase, OnlineDecision, OnlinePaper
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.online.case import OnlineAct, OnlineState, OriginalsState, PaperWay

ORIGINAL_IS_MISSING: Final = "original_is_missing"
"""Asked for so, a case that is sent again waits once more for the post."""


def originals_rule(case: OnlineCase, spec: ServiceSpec) -> OriginalsSpec | None:
    """Return the rule about originals for this case; None: the pictures are enough."""
    return spec.originals if case.residence != "resident" else None


def choose_way(core: Core, *, account_id: UUID, reference: str, way: str, consulate: str) -> None:
    """Choose how the originals of a draft reach which consulate; again, the later choice counts.

    Raises
    ------
    InvalidInputError
        ``way`` or ``consulate``: nothing chosen, unknown, or a way that this consulate does not allow.
    NotFoundError
        No draft of one's own, or its service needs no originals.
    """
    with core.sessions.begin() as session:
        case = own_case(session, account_id, reference)
        rule = originals_rule(case, case_spec(case))
        if rule is None or case.state is not OnlineState.DRAFT:
            raise NotFoundError
        errors = [] if way in set(PaperWay) else [FieldError("way", "choose_one")]
        office = session.scalar(
            select(Office).where(Office.code == consulate, Office.active, Office.kind == OfficeKind.CONSULATE)
        )
        if office is None:
            errors.append(FieldError("consulate", "choose_one"))
        elif not errors and way not in rule.ways_at(consulate):
            errors.append(FieldError("consulate", f"not_by_{way}"))
        if errors or office is None:
            raise InvalidInputError(errors)
        kept = session.get(CaseOriginals, case.id)
        if kept is None:
            kept = CaseOriginals(case_id=case.id, office_id=office.id, way=PaperWay(way), tracking="")
            session.add(kept)
        kept.office_id, kept.way = office.id, PaperWay(way)
        case.changed_at = core.clock.now()


def check_chosen(session: Session, case: OnlineCase, spec: ServiceSpec) -> list[FieldError]:
    """Return an error where a choice is missing."""
    missing = originals_rule(case, spec) is not None and session.get(CaseOriginals, case.id) is None
    return [FieldError("way", "choose_one")] if missing else []


def await_originals(session: Session, core: Core, case: OnlineCase) -> bool:
    """Let a locked case wait for what is posted, where something is; return whether it waits now."""
    kept = session.get(CaseOriginals, case.id)
    if kept is None or kept.way is not PaperWay.POST or not _is_to_come(kept, case):
        return False
    rule = originals_rule(case, case_spec(case))
    kept.move_to(OriginalsState.AWAITED)
    kept.last_day = core.today() + timedelta(days=rule.days if rule else 0)
    kept.reminded_at = None
    case.move_to(OnlineState.AWAITING_PAPERS)
    case.changed_at = core.clock.now()
    session.flush()
    tell(session, core, case.account_id, "online_awaiting_papers", reference=case.reference)
    return True


def give_up_originals(session: Session, case: OnlineCase) -> None:
    """Wait no longer for what was posted to a case that is over; what still comes goes back."""
    kept = session.get(CaseOriginals, case.id)
    if kept is not None and kept.state is OriginalsState.AWAITED:
        kept.move_to(OriginalsState.GIVEN_UP)


def _is_to_come(kept: CaseOriginals, case: OnlineCase) -> bool:
    if kept.state is OriginalsState.CHOSEN:
        return True
    asked_again = case.state is OnlineState.NEEDS_MORE and case.decisions[-1].reason_code == ORIGINAL_IS_MISSING
    return kept.state is OriginalsState.ARRIVED and asked_again


BATCH: Final = 500
KEPT_FOR: Final = {
    OnlineState.DRAFT: timedelta(days=60),
    OnlineState.AWAITING_PAYMENT: timedelta(days=14),
    OnlineState.NEEDS_MORE: timedelta(days=60),
}
"""How long a case waits for its owner since it last changed."""
PAPERS_KEPT: Final = timedelta(days=180)
"""How long papers are kept once a case is over."""


def lapse_waiting(core: Core) -> int:
    """End the cases that waited for their owner too long; return how many. What was paid goes back."""
    now, ended = core.clock.now(), 0
    for state, kept in KEPT_FOR.items():
        with core.sessions.begin() as session:
            for case in _old(session, OnlineCase.state == state, OnlineCase.changed_at < now - kept):
                case.move_to(OnlineState.LAPSED)
                case.closed_at = case.changed_at = now
                end_payment(session, case.id)
                tell(session, core, case.account_id, "online_lapsed", reference=case.reference)
                ended += 1
    return ended


def expire_results(core: Core) -> int:
    """Mark cases whose result is not valid any more as expired; return how many."""
    with core.sessions.begin() as session:
        over = select(IssuedResult.case_id).where(IssuedResult.valid_until < core.today())
        cases = _old(session, OnlineCase.state == OnlineState.ISSUED, OnlineCase.id.in_(over))
        for case in cases:
            case.move_to(OnlineState.EXPIRED)
        return len(cases)


def remove_old_papers(core: Core) -> int:
    """Remove the pages of cases that ended long ago, and those of uploads that broke off; return how many files."""
    over = (
        select(OnlinePaper)
        .join(OnlineCase, OnlineCase.id == OnlinePaper.case_id)
        .where(OnlineCase.closed_at < core.clock.now() - PAPERS_KEPT)
    )
    return remove_files(core, paper_store(core), OnlinePaper, lambda _: over)


def _old(session: Session, *conditions: object) -> list[OnlineCase]:
    return list(
        session.scalars(
            select(OnlineCase).where(*conditions).limit(BATCH).with_for_update(of=OnlineCase, skip_locked=True)  # type: ignore[arg-type]
        )
    )


REMINDED_BEFORE: Final = timedelta(days=10)
"""A letter that leaves at once still has a chance."""


def remind_of_post(core: Core) -> int:
    """Remind, once, of papers that have not come and soon must have; return of how many cases."""
    with core.sessions.begin() as session:
        today = core.today()
        near = CaseOriginals.last_day.between(today, today + REMINDED_BEFORE)
        found = _awaited(session, near, CaseOriginals.reminded_at.is_(None))
        for case, kept in found:
            kept.reminded_at = core.clock.now()
            tell(session, core, case.account_id, "online_post_reminder", reference=case.reference)
        return len(found)


def lapse_unposted(core: Core) -> int:
    """End the cases whose papers did not come by their last day; return how many. What was paid goes back."""
    with core.sessions.begin() as session:
        found = _awaited(session, CaseOriginals.last_day < core.today())
        for case, _ in found:
            case.move_to(OnlineState.LAPSED)
            case.closed_at = case.changed_at = core.clock.now()
            give_up_originals(session, case)
            end_payment(session, case.id)
            tell(session, core, case.account_id, "online_post_lapsed", reference=case.reference)
        return len(found)


def _awaited(session: Session, *conditions: object) -> list[tuple[OnlineCase, CaseOriginals]]:
    """Lock the cases that wait for papers: the case first, like an officer who registers an arrival."""
    rows = session.execute(
        select(OnlineCase, CaseOriginals)
        .join(CaseOriginals, CaseOriginals.case_id == OnlineCase.id)
        .where(
            OnlineCase.state == OnlineState.AWAITING_PAPERS,
            CaseOriginals.state == OriginalsState.AWAITED,
            *conditions,  # type: ignore[arg-type]
        )
        .order_by(CaseOriginals.last_day)
        .limit(BATCH)
        .with_for_update(of=OnlineCase, skip_locked=True)
    )
    return [(row[0], row[1]) for row in rows]


AT_ONCE: Final = "issued_at_once"
TAKEN: Final = "thing_taken"


def go_on_when_paid(session: Session, core: Core, case_id: UUID) -> None:
    """Go on with a locked case that was paid; one that ended meanwhile, or changed, stays as it is."""
    case = session.get_one(OnlineCase, case_id)
    if case.state is OnlineState.AWAITING_PAYMENT:
        enter_agency(session, core, case)


def enter_agency(session: Session, core: Core, case: OnlineCase) -> None:
    """Put a locked case into its agency's queue, or issue its result where the service's file lets nobody judge.

    One whose original papers come by post waits for them first.
    """
    if not await_originals(session, core, case):
        _enter(session, core, case)


def enter_with_originals(session: Session, core: Core, case: OnlineCase) -> None:
    """Put a locked case whose original papers arrived into its agency's queue."""
    _enter(session, core, case, notice="online_papers_arrived")


def _enter(session: Session, core: Core, case: OnlineCase, notice: str = "") -> None:
    spec, now = case_spec(case), core.clock.now()
    case.move_to(OnlineState.SUBMITTED)
    case.submitted_at = case.submitted_at or now
    case.due_on = WorkingDays.of(core.pack).after(core.today(), spec.processing_days or 0)
    case.changed_at = now
    if spec.issued_at_once:
        _issue_at_once(session, core, case)
    tell(session, core, case.account_id, notice or f"online_{case.state.value}", reference=case.reference)


def _issue_at_once(session: Session, core: Core, case: OnlineCase) -> None:
    """Issue without an officer; one who paid for what another has meanwhile gets the money back."""
    try:
        make_result(session, core, case)
    except ThingTakenError:
        case.move_to(OnlineState.REFUSED)
        _note(session, core, case, OnlineAct.REFUSAL, TAKEN)
        end_payment(session, case.id)
    else:
        case.move_to(OnlineState.APPROVED)
        case.move_to(OnlineState.ISSUED)
        _note(session, core, case, OnlineAct.ISSUING, AT_ONCE)
    case.closed_at = core.clock.now()


def _note(session: Session, core: Core, case: OnlineCase, act: OnlineAct, reason: str) -> None:
    session.add(
        OnlineDecision(
            id=uuid4(), case_id=case.id, officer_id=None, act=act, reason_code=reason, note="", at=core.clock.now()
        )
    )
