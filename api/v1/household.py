"""The people whom the account acts for."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.calls.guards import Caller
from api.v1.calls.limits import MeteredDep
from api.v1.calls.once import Created, IdempotencyKey, once
from api.v1.calls.refusals import CREATES, INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import LARGEST_ID, In, Out, Typed
from booking.people.accounts.edit_member import edit_member
from booking.people.accounts.household import add_member, list_members, remove_member
from booking.platform.base.errors import (
    HouseholdFullError,
    InvalidInputError,
    NotFoundError,
    PersonInUseError,
    PhoneNotConfirmedError,
)
from booking.platform.models.identity import IdentityLevel

router = APIRouter(prefix="/household/members", tags=["household"])


class MemberIn(In):
    """A person to act for. The birth date is year-month-day or day/month/year; digits of every script are accepted."""

    name: Typed
    national_number: Typed
    birth_date: Typed
    relation: Typed


class MemberMade(Out):
    """The person's id in this household, by which requests name them."""

    id: int


class MemberOut(Out):
    """A person of the household; of the national number only its last digits are shown."""

    id: int
    name: str
    relation: str
    birth_date: date
    number_ends: str
    level: IdentityLevel


class MemberChange(In):
    """The name and relation as they should be."""

    name: Typed
    relation: Typed


class MembersOut(Out):
    """The household."""

    members: list[MemberOut]


@router.get("", responses=refusals(*SIGNED_IN))
def show(core: CoreDep, caller: Caller) -> MembersOut:
    """List the people whom the account acts for."""
    members = list_members(core, account_id=caller.account_id)
    return MembersOut(members=[MemberOut.model_validate(member) for member in members])


@router.post(
    "",
    status_code=201,
    response_model=MemberMade,
    responses=refusals(*SIGNED_IN, *CREATES, HouseholdFullError, PhoneNotConfirmedError),
)
def add(body: MemberIn, key: IdempotencyKey, meter: MeteredDep, caller: Caller) -> Response:
    """Add a person. A number that is in the household already, with other answers, is refused and changes nothing."""

    def make() -> Created:
        member_id = add_member(
            meter.core,
            account_id=caller.account_id,
            name=body.name,
            national_number=body.national_number,
            birth_date=body.birth_date,
            relation=body.relation,
        )
        return Created({"id": member_id}, f"/api/v1/household/members/{member_id}")

    scope = f"member:{caller.account_id}"
    response = once(meter.core, scope=scope, key=key, content=body.model_dump(), make=make)
    meter.show(response)
    return response


MemberId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/{member_id}", responses=refusals(*SIGNED_IN, InvalidInputError, NotFoundError))
def show_one(member_id: MemberId, core: CoreDep, caller: Caller) -> MemberOut:
    """Show a person of the household."""
    for member in list_members(core, account_id=caller.account_id):
        if member.id == member_id:
            return MemberOut.model_validate(member)
    raise NotFoundError


@router.patch(
    "/{member_id}",
    responses=refusals(*SIGNED_IN, *INPUT, NotFoundError, PersonInUseError),
)
def edit(member_id: MemberId, body: MemberChange, core: CoreDep, caller: Caller) -> MemberOut:
    """Correct a name or relation. A name of other words has to be proven again; the rest is added anew."""
    edit_member(core, account_id=caller.account_id, member_id=member_id, name=body.name, relation=body.relation)
    return show_one(member_id, core, caller)


@router.delete(
    "/{member_id}",
    status_code=204,
    responses=refusals(*SIGNED_IN, *NO_BODY, InvalidInputError, NotFoundError, PersonInUseError),
)
def remove(member_id: MemberId, core: CoreDep, caller: Caller) -> None:
    """Stop acting for a person."""
    remove_member(core, account_id=caller.account_id, member_id=member_id)
