"""Plays one account after another through the real services; runs in the processes of `booking.demo.crew`."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.clock import SettableClock
from booking.core import Core
from booking.demo.people import Applicant, PlannedAsk
from booking.errors import IllegalMoveError, MawidError, WrongCodeError
from booking.messages import ABOUT_SECRET
from booking.models import Message
from booking.origin import Origin
from booking.services.ask import Asked, ask
from booking.services.household import add_member
from booking.services.register import confirm_phone, register
from booking.services.respond import cancel, confirm
from booking.services.review import answer_challenge
from booking.states import RequestState
from booking.wish import Wish

PASSWORD: Final = "a turn for everyone"  # noqa: S105 - of people who do not exist
_CODE_ARRIVES: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planned request: ``word`` is the gate's decision, or the code of the error that met it."""

    ask: int
    applicant: int
    word: str
    reference: str | None = None
    answered: bool | None = None
    reasons: tuple[str, ...] = ()
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A place that a draw gave to a planned request."""

    applicant: int
    ask: int
    appointment: str
    confirm_by: datetime


@dataclass
class Actor:
    """Knows the accounts that it registered: their ids and household members."""

    core: Core
    clock: SettableClock
    accounts: dict[int, UUID] = field(default_factory=dict)
    members: dict[int, tuple[int | None, ...]] = field(default_factory=dict)

    def register(self, applicant: Applicant) -> Counter[str]:
        """Open the account, confirm its phone with the code that was sent, add its people; count what happened."""
        counts: Counter[str] = Counter()
        core, at = self.core, applicant.registered_at
        self.clock.set(at)
        origin = Origin(applicant.network, applicant.device, 60.0)
        try:
            account_id = register(
                core,
                username=applicant.username,
                password=PASSWORD,
                phone=applicant.phone,
                language=applicant.language,
                door=applicant.door,
                origin=origin,
            )
        except MawidError as error:
            counts[error.code] += 1
            return counts
        self.clock.set(at + _CODE_ARRIVES)
        confirm_phone(core, account_id=account_id, code=self._code(account_id, "confirm_phone"))
        self.accounts[applicant.key] = account_id
        counts["account"] += 1
        members: list[int | None] = []
        for person in applicant.people:
            try:
                members.append(
                    add_member(
                        core,
                        account_id=account_id,
                        name=person.name,
                        national_number=person.number,
                        birth_date=person.born,
                        relation=person.relation,
                    )
                )
                counts["person"] += 1
            except MawidError as error:
                members.append(None)
                counts[error.code] += 1
        self.members[applicant.key] = tuple(members)
        return counts

    def ask(self, applicant: Applicant, planned: PlannedAsk) -> Outcome:
        """Send one request; a challenged one is answered where the applicant holds the phone."""
        account_id = self.accounts.get(applicant.key)
        people = [self.members[applicant.key][index] for index in planned.people] if account_id else [None]
        if account_id is None or None in people:
            return Outcome(planned.key, applicant.key, "no_account" if account_id is None else "no_person")
        self.clock.set(planned.at)
        wish = wish_of(applicant, planned, tuple(member for member in people if member is not None))
        origin = Origin(applicant.network, applicant.device, planned.seconds)
        key = f"demo-{planned.key}"
        try:
            asked = ask(self.core, account_id=account_id, wish=wish, origin=origin, idempotency_key=key)
            if planned.repeats:
                asked = ask(self.core, account_id=account_id, wish=wish, origin=origin, idempotency_key=key)
        except MawidError as error:
            return Outcome(planned.key, applicant.key, error.code)
        answered = None
        if asked.state is RequestState.CHALLENGED:
            answered = planned.answers_code and self._answer(account_id, asked)
        reasons = tuple(str(reason["code"]) for reason in asked.reasons)
        return Outcome(
            planned.key,
            applicant.key,
            asked.decision,
            asked.reference,
            answered,
            reasons,
            degraded="limit.degraded" in reasons,
        )

    def respond(self, planned: PlannedAsk, offer: Offer, at: datetime) -> str:
        """Answer an offer as planned: confirm it, cancel it, or leave it to lapse; give the word for it."""
        account_id = self.accounts[offer.applicant]
        if planned.ignores and not planned.cancels:
            return "ignored"
        self.clock.set(min(at, offer.confirm_by - timedelta(minutes=5)))
        confirm(self.core, account_id=account_id, reference=offer.appointment)
        if not planned.cancels:
            return "confirmed"
        self.clock.set(self.clock.now() + timedelta(hours=1))
        cancel(self.core, account_id=account_id, reference=offer.appointment)
        return "cancelled"

    def _answer(self, account_id: UUID, asked: Asked) -> bool:
        self.clock.advance(2 * _CODE_ARRIVES)
        code = self._code(account_id, "challenge")
        try:
            answer_challenge(self.core, account_id=account_id, reference=asked.reference, code=code)
        except (WrongCodeError, IllegalMoveError):
            return False
        return True

    def _code(self, account_id: UUID, kind: str) -> str:
        return last_code(self.core, account_id, kind)


def last_code(core: Core, account_id: UUID, kind: str) -> str:
    """Read the code in the last notice of ``kind`` to an account, as its phone shows it."""
    with core.sessions() as session:
        secret = session.scalars(
            select(Message.secret)
            .where(Message.account_id == account_id, Message.kind == kind)
            .order_by(Message.created_at.desc())
            .limit(1)
        ).one()
    return core.vault.decrypt(secret or b"", ABOUT_SECRET)


def wish_of(applicant: Applicant, planned: PlannedAsk, people: tuple[int, ...]) -> Wish:
    """Write a planned request as the form sends it."""
    first: date | None = planned.first_day
    return Wish(
        service=planned.service,
        people=people,
        offices=planned.offices,
        bands=planned.bands,
        door=applicant.door,
        first_day=first,
        weekdays=planned.weekdays,
        needed_by=planned.needed_by,
        accessible=planned.accessible,
        reason=planned.reason,
    )
