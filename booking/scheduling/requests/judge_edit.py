"""Judge a change of a request as asking for it would have been: form, limits, and the gate where it matters."""

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.antifraud.gate.edit_verdicts import EDITED
from booking.antifraud.gate.exceptions import rules_excepted
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.register import RegisterAwayError
from booking.country.packs.quotas import LimitSpec
from booking.people.accounts.phones import phones_before
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember, Request, RequestMember, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.requests.asking.background import home_offices
from booking.scheduling.requests.asking.check_form import charges_of, check_form
from booking.scheduling.requests.asking.form_rows import Asking, read_form_rows
from booking.scheduling.requests.asking.screen import Screened, ask_registers, kilometres, registers_together
from booking.scheduling.requests.change import AS_READ, Change, change_of, refuse_frozen, wish_after
from booking.scheduling.requests.check_prerequisites import check_asking
from booking.scheduling.requests.wish import Checked, Wish
from fraud.facts import Facts, HardFacts
from fraud.gate import Decision

_NOTHING_AGAINST: Final = HardFacts(
    has_live_request=False,
    registry_knows_person=True,
    passport_valid_long=False,
    reason_given=True,
    application_pending=False,
    age_eligible=True,
)
"""Nobody joins, so nothing certain can come to be against the party."""
_STATES: Final = {Decision.CHALLENGE: RequestState.CHALLENGED, Decision.REVIEW: RequestState.UNDER_REVIEW}


@dataclass(frozen=True, slots=True)
class JudgedEdit:
    """A change that may be made: the wish after it, who leaves, and what the gate says of it.

    ``screened`` is None where nothing changed that the gate looks at; ``state`` is None where the request goes on as it
    does, and else what has to come first. ``different`` names what is another answer than before.
    """

    wish: Wish
    checked: Checked
    leaving: list[HouseholdMember]
    different: frozenset[str]
    screened: Screened | None
    state: RequestState | None


def judge_edit(
    session: Session, core: Core, *, account_id: UUID, reference: str, change: Change, origin: Origin
) -> JudgedEdit:
    """Judge a change of a request that waits; reads alone, and spends an attempt to ask.

    The gate looks again where people or offices are others, by what it knew when the request was asked for: a request
    neither counts against itself nor is new. What it finds now and did not find then has to be cleared first; it never
    refuses. One that asks the same once more, as after a moved appointment, is judged by what was known of the first.

    Raises
    ------
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for a draw.
    DrawRunningError
        A draw counts on the request as it is.
    InvalidInputError
        Something is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on asking is reached.
    booking.people.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    booking.country.core.register.RegisterAwayError
        Other offices need the register's answer, and it gives none.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    request = session.scalar(select(Request).where(Request.reference == reference, Request.account_id == account_id))
    if request is None:
        raise NotFoundError
    refuse_frozen(session, core, request)
    policy = core.gate_policies.active(session)
    wish, leaving = wish_after(session, request, change)
    # who may be asked for was judged when they were
    rows, asking = read_form_rows(session, [(account_id, wish)]), Asking(core, account_id, wish, origin, seen=True)
    checked = check_form(core, rows, asking, limits=_at_least(policy.of_wishes, request))
    earlier_phones = phones_before(session, account_id=account_id, now=core.clock.now())
    for one in charges_of(core, "ask", checked, origin, earlier_phones):
        charge(core, one.action, one.subjects, helper=one.helper)
    checked = replace(checked, must_hold=check_asking(session, core, checked, wish.door))
    before = change_of(session, core, request)
    different = _different(before, change) | ({"people"} if leaving else set())
    asked = _as_judged(session, request)
    known = _facts_when_asked(session, asked)
    if not different & {"people", "offices"} or known is None:
        return JudgedEdit(wish, checked, leaving, different, None, None)
    facts = replace(
        known,
        party_size=len(checked.members),
        offices_ranked=len(checked.offices),
        km_to_nearest_office=_kilometres(session, core, checked, wish),
    )
    screened = _screened(session, core, checked, facts, origin)
    return JudgedEdit(wish, checked, leaving, different, screened, _state(session, {asked, request.id}, screened))


def _at_least(limits: LimitSpec, request: Request) -> LimitSpec:
    """Return the limits of a change: nobody and no service joins, so as many as there are may stay."""
    return limits.model_copy(
        update={
            "party": max(limits.party, request.party_size),
            "services": max(limits.services, request.service_count),
        }
    )


def _different(before: Change, after: Change) -> frozenset[str]:
    names = [name for name in Change.__slots__ if name not in AS_READ]
    wanted = before.services if after.services is None else after.services
    after = replace(after, services=tuple(code for code in before.services or () if code in (wanted or ())))
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def _as_judged(session: Session, request: Request) -> UUID | None:
    """Return the request at whose asking the gate judged this one: itself, or the one that it asks once more.

    None where there is none.
    """
    return session.scalar(
        select(Request.id)
        .join(Verdict, Verdict.request_id == Request.id)
        .where(
            Verdict.inputs["facts"].is_not(None),
            Request.account_id == request.account_id,
            # services that were given up since were judged too, and the first one may have been among them
            or_(Request.service_id == request.service_id, Request.errands.any(service_id=request.service_id)),
            Request.members.any(RequestMember.person_id == request.members[0].person_id),
            Request.created_at <= request.created_at,
        )
        .order_by((Request.id == request.id).desc(), Request.created_at.desc(), Request.id)
        .limit(1)
    )


def _facts_when_asked(session: Session, asked: UUID | None) -> Facts | None:
    """Return the facts by which the gate judged a request when it was asked for; None where it judged none."""
    inputs = session.scalar(
        select(Verdict.inputs)
        .where(Verdict.request_id == asked, Verdict.inputs["facts"].is_not(None))
        .order_by(Verdict.decided_at)
        .limit(1)
    )
    return None if inputs is None else Facts.from_stored(inputs["facts"])[0]


def _kilometres(session: Session, core: Core, checked: Checked, wish: Wish) -> float:
    registers = registers_together([ask_registers(core, errand) for errand in checked.errands])
    if registers.away:
        raise RegisterAwayError
    homes = home_offices(session, {record.region for record in registers.known[:1]})
    return kilometres(homes, registers.known, checked.offices, wish.door)


def _screened(session: Session, core: Core, checked: Checked, facts: Facts, origin: Origin) -> Screened:
    """Judge the facts; limits that do not answer now send nobody back to a check: a change opens nothing new."""
    policy, people = core.gate_policies.active(session), [member.person for member in checked.members]
    exceptions = rules_excepted(
        session, core.vault, account=checked.account, people=people, origin=origin, now=core.clock.now()
    )
    verdict = policy.judge(hard=_NOTHING_AGAINST, facts=facts, limits=None, exceptions=exceptions)
    judged = {"facts": facts.as_dict(), "hard": asdict(_NOTHING_AGAINST), "exceptions": sorted(exceptions)}
    inputs = judged | {EDITED: True}
    return Screened(verdict, inputs, verdict.versions | policy.versions, {})


def _state(session: Session, judged: AbstractSet[UUID | None], screened: Screened) -> RequestState | None:
    """Return what has to come first: nothing for reasons that were known, and cleared, before."""
    earlier = session.scalars(select(Verdict.reasons).where(Verdict.request_id.in_(judged)))
    known = {reason["code"] for reasons in earlier for reason in reasons}
    new = {reason.code for reason in screened.verdict.reasons} - known
    return _STATES.get(screened.verdict.decision) if new else None
