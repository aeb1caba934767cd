"""Who the tests of this folder need: a request under review, an officer, a confirmed appointment."""

from datetime import datetime
from uuid import UUID

from booking.country.core.core import Core
from booking.platform.models.states import RequestState, Role
from booking.scheduling.appointments.reserve import confirm_hold, hold
from tests.support.country import a_colleague, a_member, a_request, a_wish, an_account, an_origin, put_rules_in_force
from tests.support.free_slots import free_slots

REVIEW_ALL = """
[[rule]]
name = "everyone"
when = "party_size >= 1"
then = "review"
say.ar = "ننظر في طلبات الجميع اليوم."
say.en = "Everyone is looked at today."
"""


def an_officer(core: Core, *, office: str = "damascus") -> UUID:
    """One more officer of an office."""
    return a_colleague(core, Role.OFFICER, office=office)


def under_review(core: Core) -> tuple[UUID, str]:
    """A request that waits for an officer: its account and reference."""
    put_rules_in_force(core, source=REVIEW_ALL)
    account, asked = a_request(core)
    assert asked.state is RequestState.UNDER_REVIEW
    return account, asked.reference


def an_appointment(core: Core) -> tuple[str, UUID, datetime]:
    """A confirmed appointment: its reference, an officer of its office, and when it starts."""
    account = an_account(core)
    wish = a_wish((a_member(core, account),))
    held = hold(core, account_id=account, slot_id=free_slots(core)[0].slot_id, wish=wish, origin=an_origin())
    confirm_hold(core, account_id=account, reference=held.reference)
    return held.reference, an_officer(core), held.starts_at
