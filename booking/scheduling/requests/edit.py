"""Change a request that waits for a draw; its turn stays, and the new wish has a receipt of its own."""

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from booking.antifraud.gate.exceptions import rules_excepted
from booking.antifraud.gate.versions import EDITED
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.register import RegisterAwayError
from booking.country.core.security import Origin
from booking.country.packs.quotas import LimitSpec
from booking.people.accounts.known_devices import phones_before
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawRunningError, FieldError, NotFoundError
from booking.platform.base.fields import raise_all
from booking.platform.models import (
    HouseholdMember,
    Request,
    RequestEdit,
    RequestLeft,
    RequestMember,
    RequestOffice,
    UrgentRequest,
    Verdict,
)
from booking.platform.models.states import WITH_OFFICERS, RequestState
from booking.scheduling.requests.asking.background import home_offices
from booking.scheduling.requests.asking.check_form import Asking, charges_of, check_form, read_form_rows
from booking.scheduling.requests.asking.screen import Screened, ask_registers, kilometres, registers_together
from booking.scheduling.requests.change import AS_READ, Change, change_of, refuse_frozen, wish_after
from booking.scheduling.requests.keep import keep_members, link_others
from booking.scheduling.requests.new_rows import choice, ranked_codes, sign, verdict_row, wish_row
from booking.scheduling.requests.receipt import DrawLostMeanwhileError, EditedMeanwhileError
from booking.scheduling.requests.rows import locked_request
from booking.scheduling.requests.wish import Checked, Wish
from booking.scheduling.requests.wish_again import check_asking
from booking.scheduling.requests.withdraw import count_turns
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
    booking.people.prerequisites.standing.PrerequisiteMissingError
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


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of a change: the receipt (hex) that counts now, where the request stands, and what is different.

    ``rests``: lost draws rest since the wish is another one.
    """

    reference: str
    receipt: str
    state: RequestState
    different: frozenset[str]
    rests: bool


def edit(core: Core, *, account_id: UUID, reference: str, change: Change, origin: Origin) -> Edited:
    """Change a request that waits: offices, days, times, access, and people who leave.

    What the turn follows from stays, and all lost draws in which some place fitted the wish as it then was. The others
    count for a wish within that one alone (`booking.scheduling.requests.withdraw`). The wish before is kept with its
    receipt; a draw that froze it is checked by its own files. A change that changes nothing makes no new receipt.

    Raises
    ------
    NotFoundError
        The account has no such request.
    EditedMeanwhileError
        The request was changed since it was read.
    DrawLostMeanwhileError
        Another draw was lost since it was read.
    IllegalMoveError
        The request does not wait for a draw.
    DrawRunningError
        A draw counts on the request as it is; it can be changed when there is a result.
    InvalidInputError
        Something is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on asking is reached.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    booking.country.core.register.RegisterAwayError
        Other offices need the register's answer, and it gives none.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    with core.sessions() as session:
        judged = judge_edit(session, core, account_id=account_id, reference=reference, change=change, origin=origin)
    with core.sessions.begin() as session:
        return edit_in(session, core, account_id=account_id, reference=reference, change=change, judged=judged)


def edit_in(
    session: Session, core: Core, *, account_id: UUID, reference: str, change: Change, judged: JudgedEdit
) -> Edited:
    """Make a judged change in the caller's transaction. See `edit`."""
    # a draw that closes takes the lock alone: it would see half of its requests before a change and half after
    if not session.scalar(select(func.pg_try_advisory_xact_lock_shared(CLOSING))):
        raise DrawRunningError
    if judged.wish.together and "together" in judged.different:
        link_others(session, [account_id])  # all of the account's before this one alone: always locked in one order
    request = locked_request(session, reference, account_id=account_id)
    refuse_frozen(session, core, request)
    if request.receipt.hex() != change.receipt:
        raise EditedMeanwhileError
    if change.lost_draws not in (None, request.lost_draws):
        raise DrawLostMeanwhileError
    if given_up := judged.different & {"people", "services"}:
        _refuse_giving_up(session, request, min(given_up))
    if judged.different:
        _keep_what_was(session, core, request)
        with session.no_autoflush:  # wish and receipt change in one statement, or the database refuses it
            _take_out(session, core, request, judged)
            _change(session, core, request, judged)
        keep_members(session, [request])
        if judged.screened is not None:
            session.add(verdict_row(core, request, judged.screened))
        if judged.state is not None:
            request.move_to(judged.state)
            request.decided_at = core.clock.now()
        tell(session, core, account_id, _notice(judged), reference=reference)
    rests = request.resting_draws > 0
    return Edited(reference, request.receipt.hex(), request.state, judged.different, rests)


def _refuse_giving_up(session: Session, request: Request, field: str) -> None:
    """Let nobody and no service leave while officers have an urgent case: it is decided for what its papers are of.

    Raises
    ------
    InvalidInputError
        Officers have one.
    """
    case = select(UrgentRequest.id).where(
        UrgentRequest.request_id == request.id, UrgentRequest.state.in_(WITH_OFFICERS)
    )
    if session.scalar(case.limit(1)) is not None:
        raise_all([FieldError(field, "urgent_with_officers")])


def _notice(judged: JudgedEdit) -> str:
    return "request_edited" if judged.state is None else f"request_{judged.state.value}"


def _keep_what_was(session: Session, core: Core, request: Request) -> None:
    number = session.scalars(select(func.count()).where(RequestEdit.request_id == request.id)).one()
    wish = wish_row(request, [one.code for one in request.services], ranked_codes(session, request))
    session.add(
        RequestEdit(
            request_id=request.id,
            number=number,
            wish=wish.columns(),
            receipt=request.receipt,
            edited_at=core.clock.now(),
        )
    )
    session.flush()


def _take_out(session: Session, core: Core, request: Request, judged: JudgedEdit) -> None:
    """Let people leave, also those for whom the account does not act any more; the others close ranks."""
    staying = {member.person_id for member in judged.checked.members}
    for member in [one for one in request.members if one.person_id not in staying]:
        session.add(RequestLeft(request_id=request.id, person_id=member.person_id, left_at=core.clock.now()))
        request.members.remove(member)
    if request.service_count > 1:
        _give_services_up(session, request, judged.checked)
    for position, member in enumerate(request.members):
        member.position = position
    request.party_size = len(request.members)
    request.units = sum(member.units for member in request.members)


def _give_services_up(session: Session, request: Request, checked: Checked) -> None:
    """Let those who stay come for what is still wanted; one service for all of them needs no rows of its own."""
    places = {errand.service.id: place for place, errand in enumerate(checked.errands)}
    request.service_count = len(places)
    staying = {member.person_id for member in request.members}
    left = [one for one in request.errands if one.person_id in staying and one.service_id in places]
    for member in request.members:
        own = [one for one in left if one.person_id == member.person_id]
        member.exclusive_group, member.units = own[0].exclusive_group, sum(one.units for one in own)
    for one in left:
        one.position = places[one.service_id]
    request.errands = left if request.service_count > 1 else []
    if request.service_id != checked.service.id:
        request.service_id, request.reason_code = checked.service.id, checked.errands[0].reason
        session.expire(request, ["service"])


def _change(session: Session, core: Core, request: Request, judged: JudgedEdit) -> None:
    wish, checked = judged.wish, judged.checked
    session.execute(delete(RequestOffice).where(RequestOffice.request_id == request.id))
    session.expire(request, ["offices"])
    request.offices = [choice(rank, office, wish) for rank, office in enumerate(checked.offices)]
    request.first_day = wish.first_day or core.today()
    request.last_day, request.needed_by = wish.last_day, wish.needed_by
    request.weekdays, request.bands = wish.weekday_mask, ",".join(sorted(wish.bands))
    request.accessible, request.together, request.must_hold = wish.accessible, wish.together, checked.must_hold
    services = [errand.service.code for errand in checked.errands]
    sign(request, services, wish.offices)
    count_turns(session, request, wish_row(request, services, wish.offices))
