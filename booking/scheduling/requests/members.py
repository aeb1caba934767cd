"""Which people of a household are in which of its requests."""

from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import HouseholdMember, Request, RequestMember


def people_of_requests(core: Core, account_id: UUID) -> dict[str, list[int]]:
    """Return the household members in each request of an account, by reference; who left the household is in none."""
    with core.sessions() as session:
        rows = session.execute(
            select(Request.reference, HouseholdMember.id)
            .join(RequestMember, RequestMember.request_id == Request.id)
            .join(HouseholdMember, HouseholdMember.person_id == RequestMember.person_id)
            .where(Request.account_id == account_id, HouseholdMember.account_id == account_id)
            .order_by(HouseholdMember.id)
        ).all()
    found: dict[str, list[int]] = {}
    for reference, member in rows:
        found.setdefault(reference, []).append(member)
    return found
