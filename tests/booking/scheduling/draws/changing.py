"""Change the offices of a request that waits, past the form and the gate."""

from sqlalchemy import select

from booking.platform.models import Account, HouseholdMember, Office
from booking.platform.models.identity import IdentityLevel
from booking.scheduling.requests.change import change_of
from booking.scheduling.requests.edit import JudgedEdit, edit_in
from booking.scheduling.requests.wish import Checked, Errand, Wish


def go_to(world, session, request, *offices):
    """Wish other offices, and nothing else than before."""
    account = session.get_one(Account, request.account_id)
    member = session.scalar(select(HouseholdMember).where(HouseholdMember.account_id == account.id))
    if member is None:
        member = HouseholdMember(
            account_id=account.id,
            person_id=request.members[0].person_id,
            name="Amal",
            relation="self",
            level=IdentityLevel.CLAIMED,
            created_at=world.clock.now(),
        )
        session.add(member)
        session.flush()
    there = [session.get_one(Office, world.offices[office]) for office in offices]
    wish = Wish(
        request.service.code,
        (member.id,),
        offices,
        frozenset(request.bands.split(",")),
        request.door,
        first_day=request.first_day,
    )
    checked = Checked(account, [member], (Errand(request.service, [member]),), there)
    return edit_in(
        session,
        world.core,
        account_id=account.id,
        reference=request.reference,
        change=change_of(session, world.core, request),
        judged=JudgedEdit(wish, checked, [], frozenset({"offices"}), None, None),
    )
