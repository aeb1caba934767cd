"""What a person sees of their cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, select, true
from sqlalchemy.orm import Session, aliased

from booking.country.core.core import Core
from booking.country.core.together import answer_of, one_of
from booking.country.packs.answers import Answer, check_answers
from booking.country.packs.fields import OriginalSpec
from booking.country.packs.service import FeeSpec, ServiceSpec
from booking.eservices.online.answer import CaseForm, form_of
from booking.eservices.online.originals import originals_rule
from booking.eservices.online.rows import (
    OneCase,
    OwnCase,
    acts_no_more,
    case_spec,
    member_of,
    own_cases_and_files,
    result_for_owner,
)
from booking.people.payments.capture import latest_payment
from booking.platform.models import (
    CaseOriginals,
    HouseholdMember,
    IssuedResult,
    OnlineCase,
    OnlineDecision,
    OnlinePaper,
    Payment,
)
from booking.platform.models.online.case import OnlineState


class MixedFeesError(Exception):
    """A service's file asks for parts of a currency's unit, or for two currencies at once: nobody could pay that."""


@dataclass(frozen=True, slots=True)
class Due:
    """An amount in whole units of a currency; 0 of none where nothing is to pay."""

    amount: int
    currency: str
    parts: tuple[FeeSpec, ...]


def due_for(spec: ServiceSpec, case: OnlineCase, answers: Mapping[str, Answer]) -> Due:
    """Add up what someone with these answers pays."""
    parts = tuple(
        one
        for one in spec.fees_for("resident" if case.residence == "resident" else "expatriate", answers)
        if one.amount
    )
    if not parts:
        return Due(0, "", ())
    total, currencies = sum(one.amount for one in parts), {one.currency for one in parts}
    if len(currencies) > 1 or total != int(total):
        raise MixedFeesError(f"{spec.code}: {total} of {', '.join(sorted(currencies))}")
    return Due(int(total), currencies.pop(), parts)


MOST_CASES: Final = 200


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list."""

    case: OnlineCase
    person: str
    number: str | None


@dataclass(frozen=True)
class CaseView(CaseForm):
    """A case with all that its pages show.

    ``result`` is None, too, for an account that acts for the person no more.
    """

    papers: tuple[OnlinePaper, ...]
    payment: Payment | None
    result: IssuedResult | None
    decisions: tuple[OnlineDecision, ...]
    originals: CaseOriginals | None

    @cached_property
    def due(self) -> Due | None:
        """Return what the case costs; None until the form can be counted, whatever the day."""
        complete = self.unanswered is None or not check_answers(self.spec.fields, self.answers)
        return due_for(self.spec, self.case, self.answers) if complete else None

    @property
    def choice_missing(self) -> bool:
        """Return whether the person still has to say how the originals reach the consulate."""
        return originals_rule(self.case, self.spec) is not None and self.originals is None

    @property
    def wanted_originals(self) -> tuple[OriginalSpec, ...]:
        """Return the papers that must be seen themselves."""
        rule = originals_rule(self.case, self.spec)
        return rule.papers if rule else ()

    def of_paper(self, code: str) -> list[OnlinePaper]:
        """List the files that came for one paper."""
        return [one for one in self.papers if one.document_code == code]


def list_own(core: Core, account_id: UUID) -> list[CaseLine]:
    """List an account's cases, the latest first; drafts that were given up are left out."""
    return own_lists([(core, account_id)])[0]


def own_lists(wanted: Sequence[tuple[Core, UUID]]) -> list[list[CaseLine]]:
    """Return for each of several accounts of one core what `list_own` does."""
    core, _ = wanted[0]
    with core.sessions.reading() as session:
        rows = session.execute(_OWN, {"accounts": list({account_id for _, account_id in wanted})}).all()
    lines: dict[UUID, list[CaseLine]] = {}
    for case, number, name in rows:
        if case.submitted_at or case.spec or case.closed_at is None:
            lines.setdefault(case.account_id, []).append(CaseLine(case, name or "", number))
    return [lines.get(account_id, []) for _, account_id in wanted]


def _own() -> Any:
    asked = func.unnest(bindparam("accounts", type_=ARRAY(Uuid))).table_valued("account_id").render_derived()
    one = aliased(OnlineCase)
    latest = (
        select(one.id)
        .where(one.account_id == asked.c.account_id)
        .order_by(one.changed_at.desc(), one.reference)
        .limit(MOST_CASES)
        .lateral()
    )
    person = HouseholdMember.account_id == OnlineCase.account_id, HouseholdMember.person_id == OnlineCase.person_id
    return (
        select(OnlineCase, IssuedResult.number, HouseholdMember.name)
        .select_from(asked)
        .join(latest, true())
        .join(OnlineCase, OnlineCase.id == latest.c.id)
        .outerjoin(IssuedResult, and_(IssuedResult.case_id == OnlineCase.id, ~acts_no_more()))
        .outerjoin(HouseholdMember, and_(*person))
        .order_by(OnlineCase.changed_at.desc(), OnlineCase.reference)
    )


_OWN: Final = _own()  # built once, as it takes longer than to run it


def own_view(core: Core, *, account_id: UUID, reference: str) -> CaseView:
    """Return one's own case; raises NotFoundError."""
    return one_of(own_views([OneCase(core, account_id, reference)]))


def own_views(wanted: Sequence[OneCase]) -> list[CaseView | Exception]:
    """Return for each of several people of one core what `own_view` does; of drafts nothing is read one by one."""
    core = wanted[0].core
    with core.sessions.reading() as session:
        found = own_cases_and_files(session, wanted, papers=True)
        return [
            one if isinstance(one, Exception) else answer_of(partial(_own_view, session, core, one)) for one in found
        ]


def _own_view(session: Session, core: Core, own: OwnCase) -> CaseView:
    return _view(session, core, own, result_for_owner(session, own.case))


def view_of(session: Session, core: Core, case: OnlineCase) -> CaseView:
    """Put together what is shown of a case to who works on it."""
    issued = session.scalar(select(IssuedResult).where(IssuedResult.case_id == case.id))
    return _view(session, core, OwnCase(case, _name(session, case), case_spec(case)), issued)


def _view(session: Session, core: Core, own: OwnCase, result: IssuedResult | None) -> CaseView:
    """Read what stands beside the form; a draft was never sent, so nobody paid, decided or issued anything."""
    case = own.case
    form, sent = form_of(core, own), case.state is not OnlineState.DRAFT
    return CaseView(
        case=case,
        spec=form.spec,
        person=form.person,
        answers=form.answers,
        today=form.today,
        papers=tuple(one for one in case.papers if one.removed_at is None),
        payment=latest_payment(session, case.id) if sent else None,
        result=result,
        decisions=tuple(case.decisions) if sent else (),
        originals=session.get(CaseOriginals, case.id) if sent or originals_rule(case, form.spec) else None,
    )


def _name(session: Session, case: OnlineCase) -> str:
    member = member_of(session, case)
    return member.name if member else ""
