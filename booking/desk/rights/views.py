"""What somebody sees before they close their account: what ends with it, and what does not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.desk.rights.close import CLOSES_ALONE, days_to_reopen
from booking.eservices.online.send import CAN_WITHDRAW
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Account,
    Appeal,
    Appointment,
    Consent,
    Helper,
    IssuedResult,
    OnlineCase,
    Payment,
    Request,
    UrgentRequest,
)
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.online.payment import PaymentState
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    LIVE_REQUEST_STATES,
    LIVE_URGENT_STATES,
    AppealState,
    Role,
)


@dataclass(frozen=True, slots=True)
class Closing:
    """What would become of an account; ``staff``: only an administrator closes it.

    Of online cases ``paid`` give money back, and ``undecided`` go on, as ``appeals`` do. ``clients`` are the consents
    that it holds as a helper. ``first`` is its next appointment.
    """

    staff: bool
    days_to_reopen: int
    requests: int
    appointments: int
    first: datetime | None
    urgent: int
    appeals: int
    online: int
    paid: int
    undecided: int
    results: int
    consents: int
    clients: int
    people: int


def what_closing_ends(core: Core, account_id: UUID) -> Closing:
    """Count what runs in an account; raises NotFoundError."""
    with core.sessions() as session:
        account = session.get(Account, account_id)
        if account is None:
            raise NotFoundError
        counts = _Counts(session, account_id)
        return Closing(
            staff=not CLOSES_ALONE.issuperset(map(Role, account.roles)),
            days_to_reopen=days_to_reopen(core),
            first=counts.next_appointment(),
            people=len(account.household),
            **counts.requests(),
            **counts.online(),
            **counts.consents(core),
        )


@dataclass(frozen=True, slots=True)
class _Counts:
    session: Session
    account_id: UUID

    def next_appointment(self) -> datetime | None:
        mine = select(func.min(Appointment.starts_at)).join(Appointment.request)
        return self.session.scalar(
            mine.where(Request.account_id == self.account_id, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        )

    def requests(self) -> dict[str, int]:
        mine = Request.account_id == self.account_id
        return {
            "requests": self._count(Request.id, mine, Request.state.in_(LIVE_REQUEST_STATES)),
            "appointments": self._count(
                Appointment.id,
                mine,
                Appointment.request_id == Request.id,
                Appointment.state.in_(LIVE_APPOINTMENT_STATES),
            ),
            "urgent": self._count(
                UrgentRequest.id,
                UrgentRequest.account_id == self.account_id,
                UrgentRequest.state.in_(LIVE_URGENT_STATES),
            ),
            "appeals": self._count(Appeal.id, mine, Appeal.request_id == Request.id, Appeal.state == AppealState.OPEN),
        }

    def online(self) -> dict[str, int]:
        mine = OnlineCase.account_id == self.account_id
        paid = Payment.state == PaymentState.PAID
        return {
            "online": self._count(OnlineCase.id, mine, OnlineCase.state.in_(CAN_WITHDRAW)),
            "paid": self._count(
                Payment.id, mine, Payment.case_id == OnlineCase.id, paid, OnlineCase.state.in_(CAN_WITHDRAW)
            ),
            "undecided": self._count(OnlineCase.id, mine, OnlineCase.state.in_(RUNNING - CAN_WITHDRAW)),
            "results": self._count(
                IssuedResult.id, mine, IssuedResult.case_id == OnlineCase.id, OnlineCase.state == OnlineState.ISSUED
            ),
        }

    def consents(self, core: Core) -> dict[str, int]:
        stands = Consent.state != ConsentState.WITHDRAWN, Consent.ends_at > core.clock.now()
        helper = Helper.account_id == self.account_id
        return {
            "consents": self._count(Consent.id, Consent.account_id == self.account_id, *stands),
            "clients": self._count(Consent.id, helper, Consent.helper_id == Helper.id, *stands),
        }

    def _count(self, key: object, *where: object) -> int:
        return self.session.scalar(select(func.count(key)).where(*where)) or 0  # type: ignore[arg-type]
