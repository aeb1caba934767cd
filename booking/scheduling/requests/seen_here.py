"""Requests of people whom a clerk saw at a counter while the register was away: they count once it agrees."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.people.identity.attest import ask_to_attest, attest_in
from booking.people.identity.errors import ProofRefusedError
from booking.platform.models import Account, CounterRequest, HouseholdMember, Request, RequestMember, Verdict
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.scheduling.requests.asking.screen import AWAY, REGISTER, Screened

_WEAK = (IdentityLevel.CLAIMED, IdentityLevel.MATCHED)


def waits_for_register() -> ColumnElement[bool]:
    """Return the condition that a request is of somebody whom only a clerk saw: the register did not agree yet."""
    return exists().where(
        CounterRequest.request_id == Request.id,
        Verdict.request_id == Request.id,
        Verdict.inputs[REGISTER].as_string() == AWAY,
        RequestMember.request_id == Request.id,
        HouseholdMember.account_id == Request.account_id,
        HouseholdMember.person_id == RequestMember.person_id,
        HouseholdMember.level.in_(_WEAK),
    )


def unread(screened: Screened) -> Screened:
    """Return the verdict about somebody whom no register was asked about, so that it is judged again."""
    return replace(
        screened,
        inputs=screened.inputs | {REGISTER: AWAY},
        verdict=replace(screened.verdict, degraded=True),
    )


def register_agrees(core: Core, request_id: UUID) -> bool:
    """Tell the register whom a clerk saw, where that waits; return False for somebody whom it does not know.

    Raises
    ------
    booking.country.core.register.RegisterAwayError
        The register still does not answer.
    """
    with core.sessions() as session:
        waiting = session.execute(
            select(CounterRequest.clerk_id, HouseholdMember.account_id, HouseholdMember.id)
            .join(Request, Request.id == CounterRequest.request_id)
            .join(RequestMember, RequestMember.request_id == Request.id)
            .join(HouseholdMember, HouseholdMember.person_id == RequestMember.person_id)
            .where(Request.id == request_id, HouseholdMember.account_id == Request.account_id)
            .where(HouseholdMember.level.in_(_WEAK), waits_for_register())
        ).all()
    for clerk_id, account_id, member_id in waiting:
        try:
            asked, grant = ask_to_attest(
                core, account_id=account_id, member_id=member_id, kind=ProofKind.OFFICER, by=f"officer {clerk_id}"
            )
        except ProofRefusedError:
            return False
        with core.sessions.begin() as session:
            attest_in(session, core, asked=asked, kind=ProofKind.OFFICER, grant=grant)
            audit.record(session, core, session.get_one(Account, clerk_id), "counter.person_seen", str(member_id))
    return True
