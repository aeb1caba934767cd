"""Urgent cases in an officer's hands, for tests, and what the person, the log and the pool show of them."""

from sqlalchemy import select

from booking.country.core import audit
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.models import AuditEntry, Message, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.places import free_places
from tests.support.urgent_cases import stored

REVOKE = {"reason": "approved_by_mistake", "note": "the letter was another person's"}


def held(core, case, officer):
    """A case in an officer's hands."""
    claim(core, officer_id=officer, reference=case.reference)
    return case


def notices(core, case):
    """What the person was sent by now."""
    deliver_waiting(core)
    with core.sessions() as session:
        return list(
            session.scalars(
                select(Message.kind)
                .where(Message.account_id == case.account, Message.sent_at.is_not(None), Message.kind.like("urgent%"))
                .order_by(Message.created_at)
            )
        )


def actions(core, case):
    with core.sessions() as session:
        audit.verify(session)
        return list(
            session.scalars(
                select(AuditEntry.action).where(AuditEntry.subject == case.reference).order_by(AuditEntry.sequence)
            )
        )


def taken(core):
    with core.sessions() as session:
        return sum(session.scalars(select(SlotPool.taken).where(SlotPool.pool == Pool.URGENT)))


def added_slot(core, case):
    with core.sessions() as session:
        row = session.merge(stored(core, case.reference))
        return free_places(session, core, row, beyond_pool=2)[-1].slot_id
