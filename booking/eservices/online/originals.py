"""Original papers of people abroad: the choice of visit or post, waiting for what is posted, and giving it up."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.packs.originals import OriginalsSpec
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.rows import case_spec, own_case
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import CaseOriginals, Office, OnlineCase
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.online.case import OnlineState, OriginalsState, PaperWay

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
