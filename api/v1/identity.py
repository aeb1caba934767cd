"""Showing that one may act for a person, and which other accounts act for the people of a household."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import Caller, ProgramOrigin
from api.v1.calls.limits import MeteredDep
from api.v1.calls.refusals import INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import LARGEST_ID, Bilingual, In, OneTimeCode, Out, Typed, bilingual
from booking.country.core.register import RegisterAwayError
from booking.people.accounts.household import list_members
from booking.people.identity.acting import end_acting
from booking.people.identity.levels import ProofRefusedError
from booking.people.identity.prove import prove_by_code, prove_by_guardian, prove_by_serial, send_register_code
from booking.people.identity.views import Acting, people_acted_for
from booking.platform.base.errors import InvalidInputError, NotFoundError, SessionsUnavailableError
from booking.platform.models.identity import ProofKind

router = APIRouter(prefix="/household", tags=["household"])

MemberId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
ActingId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Level = Literal["claimed", "matched", "proven", "seen"]
REFUSED = (*SIGNED_IN, NotFoundError, RegisterAwayError)


class PersonProofIn(In):
    """A proof: ``serial`` of the card or passport, ``code`` that the register sent, or neither for a guardian."""

    kind: Literal["card", "passport", "phone", "guardian"]
    serial: Typed = ""
    code: OneTimeCode = ""


class LevelOut(Out):
    """How sure it is now that the account may act for the person."""

    level: Level


class DoingOut(Out):
    """What an account does for a person: a live ``request`` for an appointment, or a running ``case`` online."""

    kind: Literal["request", "case"]
    service: Bilingual


class ActingOut(Out):
    """Another account that acts for a person; ``disputed``: somebody asked a counter to end it."""

    id: int
    since: datetime
    level: Level
    phone_ends: str
    helps: bool
    helper: str
    doing: list[DoingOut]
    disputed: bool


class ActedForOut(Out):
    """A person of the household, with the others who act for them; none are shown below the level proven."""

    member_id: int
    level: Level
    acting: list[ActingOut]


class PeopleOut(Out):
    """The household, with everybody else who acts for its people."""

    people: list[ActedForOut]


class EndedOut(Out):
    """``ended`` at once, or ``disputed``: an officer at a counter decides."""

    outcome: Literal["ended", "disputed"]


@router.post(
    "/members/{member_id}/proofs",
    responses=refusals(*REFUSED, *INPUT, ProofRefusedError, SessionsUnavailableError),
)
def prove(
    body: PersonProofIn,
    member_id: MemberId,
    meter: MeteredDep,
    caller: Caller,
    origin: ProgramOrigin,
    response: Response,
) -> LevelOut:
    """Show that the account may act for a person. Every refusal is the same, whatever does not fit."""
    core, account_id = meter.core, caller.account_id
    if body.kind == "guardian":
        prove_by_guardian(core, account_id=account_id, member_id=member_id, origin=origin)
    elif body.kind == "phone":
        prove_by_code(core, account_id=account_id, member_id=member_id, code=body.code, origin=origin)
    else:
        kind: Literal[ProofKind.CARD, ProofKind.PASSPORT] = (
            ProofKind.CARD if body.kind == "card" else ProofKind.PASSPORT
        )
        prove_by_serial(core, account_id=account_id, member_id=member_id, kind=kind, serial=body.serial, origin=origin)
    meter.show(response)
    for member in list_members(core, account_id=account_id):
        if member.id == member_id:
            return LevelOut(level=member.level.value)
    raise NotFoundError


@router.post(
    "/members/{member_id}/proofs/code",
    status_code=202,
    responses=refusals(*REFUSED, *NO_BODY, InvalidInputError, SessionsUnavailableError),
)
def send_code(
    member_id: MemberId, meter: MeteredDep, caller: Caller, origin: ProgramOrigin, response: Response
) -> None:
    """Let the register send a code to the phone that it has of a person; whether it has one is not said."""
    send_register_code(meter.core, account_id=caller.account_id, member_id=member_id, origin=origin)
    meter.show(response)


@router.get("/acting", responses=refusals(*SIGNED_IN))
def acting(core: CoreDep, caller: Caller) -> PeopleOut:
    """List the other accounts that act for the people of the household, where the account is proven to act for them."""
    people = people_acted_for(core, account_id=caller.account_id)
    return PeopleOut(
        people=[
            ActedForOut(member_id=one.member_id, level=one.level.value, acting=[_shown(other) for other in one.acting])
            for one in people
        ]
    )


@router.delete(
    "/members/{member_id}/acting/{acting_id}",
    responses=refusals(*SIGNED_IN, *NO_BODY, InvalidInputError, NotFoundError),
)
def end(member_id: MemberId, acting_id: ActingId, core: CoreDep, caller: Caller) -> EndedOut:
    """End that another account acts for a person, or ask a counter to decide."""
    answer = end_acting(core, account_id=caller.account_id, member_id=member_id, acting_id=acting_id)
    return EndedOut(outcome=answer.value)


def _shown(other: Acting) -> ActingOut:
    return ActingOut(
        id=other.id,
        since=other.since,
        level=other.level.value,
        phone_ends=other.phone_ends,
        helps=other.helps,
        helper=other.helper,
        doing=[DoingOut(kind=one.kind, service=bilingual(one.service)) for one in other.doing],
        disputed=other.disputed,
    )
