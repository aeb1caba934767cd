"""Plays one account after another through the real services; runs in the processes of `demo.crew`."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from booking.country.core.core import Core
from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.security import Origin
from booking.country.places.views import open_slots
from booking.entrypoints.demo.people import Applicant, PlannedAsk
from booking.entrypoints.demo.progress import prove
from booking.people.accounts.household import add_member
from booking.people.accounts.opening import confirm_phone, register
from booking.people.accounts.recover_username import TELL, tell_usernames
from booking.people.accounts.reset_password import SEND, send_reset
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import MawidError
from booking.platform.models import Appointment, AppointmentPlaces, Message, SlotPool
from booking.platform.models.states import Pool, RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, confirm
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.prove import send_challenge
from booking.scheduling.requests.review import answer_challenge
from booking.scheduling.requests.wish import Wish

PASSWORD: Final = "a turn for everyone"  # noqa: S105 - of people who do not exist
BOOKED_AT_ONCE: Final = "instant"
_CODE_ARRIVES: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planned request.

    ``word`` is the gate's decision, ``instant`` where a place was booked at once, or the code of the error that met
    it; ``instant`` is what became of the search for such a place, None where there was none.
    """

    ask: int
    applicant: int
    word: str
    reference: str | None = None
    answered: bool | None = None
    degraded: bool = False
    instant: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A place that a draw gave to a planned request."""

    ask: int
    appointment: str
    confirm_by: datetime


@dataclass
class Actor:
    """Acts for the accounts that it opened, and knows their ids and household members."""

    core: Core
    clock: SettableClock
    accounts: dict[int, UUID] = field(default_factory=dict)
    members: dict[int, tuple[int | None, ...]] = field(default_factory=dict)

    def register(self, applicant: Applicant) -> Counter[str]:
        """Open the account, confirm its phone with the code that was sent, add its people; count what happened."""
        counts: Counter[str] = Counter()
        self.clock.set(applicant.registered_at)
        try:
            account_id = register(
                self.core,
                username=applicant.username,
                password=PASSWORD,
                phone=applicant.phone,
                language=applicant.language,
                door=applicant.door,
                origin=Origin(applicant.network, applicant.device, 60.0),
            )
        except MawidError as error:
            counts[error.code] += 1
            return counts
        self.clock.advance(_CODE_ARRIVES)
        confirm_phone(self.core, account_id=account_id, code=last_code(self.core, account_id, "confirm_phone"))
        self.accounts[applicant.key] = account_id
        self.members[applicant.key] = tuple(
            self._add(account_id, index, applicant, counts) for index in range(len(applicant.people))
        )
        counts["account"] += 1
        people = zip(self.members[applicant.key], applicant.people, strict=True)
        proven = prove(self.core, [(member, person) for member, person in people if member is not None])
        counts["proven by hoarders" if applicant.kind.hoards else "proven"] += proven
        return counts

    def ask(self, applicant: Applicant, planned: PlannedAsk) -> Outcome:
        """Send one request; a challenged one is answered where the applicant holds the phone."""
        account_id = self.accounts.get(applicant.key)
        if account_id is None:
            return Outcome(planned.key, applicant.key, "no_account")
        known = [self.members[applicant.key][index] for index in planned.people]
        people = tuple(member for member in known if member is not None)
        if len(people) < len(known):
            return Outcome(planned.key, applicant.key, "no_person")
        self.clock.set(planned.at)
        wish = _wish(applicant, planned, people)
        origin = Origin(applicant.network, applicant.device, planned.seconds)
        instant = self._book_at_once(account_id, wish, planned, origin) if planned.instant else None
        if instant == BOOKED_AT_ONCE:
            return Outcome(planned.key, applicant.key, BOOKED_AT_ONCE, instant=instant)
        key = f"demo-{planned.key}" if planned.repeats else None
        try:
            asked = ask(self.core, account_id=account_id, wish=wish, origin=origin, idempotency_key=key)
            if planned.repeats:
                asked = ask(self.core, account_id=account_id, wish=wish, origin=origin, idempotency_key=key)
        except MawidError as error:
            return Outcome(planned.key, applicant.key, error.code, instant=instant)
        answered = None
        if asked.state is RequestState.CHALLENGED:
            answered = planned.answers_code and self._answer(account_id, asked.reference, origin)
        degraded = any(reason["code"] == "limit.degraded" for reason in asked.reasons)
        return Outcome(planned.key, applicant.key, asked.decision, asked.reference, answered, degraded, instant)

    def respond(self, applicant: Applicant, planned: PlannedAsk, offer: Offer, at: datetime) -> tuple[str, ...]:
        """Answer an offer as planned: confirm it, cancel it, or leave it to lapse; return words for what was done.

        A hoarder who cancels tries at once to book the same place again, as one would to hand it over.
        """
        if planned.ignores and not planned.cancels:
            return ("ignored",)
        account_id = self.accounts[applicant.key]
        self.clock.set(min(at, offer.confirm_by - timedelta(minutes=5)))
        confirm(self.core, account_id=account_id, reference=offer.appointment)
        if not planned.cancels:
            return ("confirmed",)
        self.clock.advance(timedelta(hours=1))
        slot_id, before = self._instant_places(offer.appointment)
        cancel(self.core, account_id=account_id, reference=offer.appointment)
        if not applicant.kind.hoards:
            return ("cancelled",)
        _, after = self._instant_places(offer.appointment)
        return ("cancelled", "rebook", self._rebook(applicant, planned, account_id, slot_id, freed=after > before))

    def _add(self, account_id: UUID, index: int, applicant: Applicant, counts: Counter[str]) -> int | None:
        person = applicant.people[index]
        try:
            member = add_member(
                self.core,
                account_id=account_id,
                name=person.name,
                national_number=person.number,
                birth_date=person.born,
                relation=person.relation,
            )
        except MawidError as error:
            counts[error.code] += 1
            return None
        counts["person"] += 1
        return member

    def _answer(self, account_id: UUID, reference: str, origin: Origin) -> bool:
        self.clock.advance(2 * _CODE_ARRIVES)
        try:
            pass_check(self.core, account_id, reference, origin)
        except MawidError:
            return False
        return True

    def _book_at_once(self, account_id: UUID, wish: Wish, planned: PlannedAsk, origin: Origin) -> str:
        """Look for a place that can be booked at once, hold and confirm it; return the word for what happened."""
        now, office = self.clock.now(), wish.offices[0]
        with self.core.sessions() as session:
            slots = open_slots(session, door=wish.door, units=planned.units, now=now, office_code=office)
        if not slots:
            return "none_free"
        try:
            held = hold(self.core, account_id=account_id, slot_id=slots[0].slot_id, wish=wish, origin=origin)
            if held.state is RequestState.CHALLENGED:
                passed = planned.answers_code and self._answer(account_id, held.request, origin)
                if not passed:
                    cancel(self.core, account_id=account_id, reference=held.reference)
                    return "check_not_passed"
            confirm_hold(self.core, account_id=account_id, reference=held.reference)
        except MawidError as error:
            return error.code
        return BOOKED_AT_ONCE

    def _instant_places(self, appointment: str) -> tuple[int, int]:
        """Return the first slot of an appointment, and how many places of it can be booked at once now."""
        with self.core.sessions() as session:
            slot_id = session.scalars(
                select(AppointmentPlaces.slot_id)
                .join(Appointment, Appointment.id == AppointmentPlaces.appointment_id)
                .where(Appointment.reference == appointment)
                .order_by(AppointmentPlaces.slot_id)
                .limit(1)
            ).one()
            free = session.scalar(
                select(SlotPool.places - SlotPool.taken).where(
                    SlotPool.slot_id == slot_id, SlotPool.pool == Pool.INSTANT
                )
            )
        return slot_id, free or 0

    def _rebook(self, applicant: Applicant, planned: PlannedAsk, account_id: UUID, slot_id: int, *, freed: bool) -> str:
        """Try to book the slot of a cancelled place again, a second later: by now its person has no live request."""
        own = tuple(self.members[applicant.key][index] for index in planned.people)
        wish = _wish(applicant, planned, tuple(member for member in own if member is not None))
        self.clock.advance(timedelta(seconds=1))
        origin = Origin(applicant.network, applicant.device, 1.0)
        try:
            hold(self.core, account_id=account_id, slot_id=slot_id, wish=wish, origin=origin)
        except MawidError as error:
            return f"rebook_{error.code}"
        return "rebook_freed_place" if freed else "rebook_other_place"


def do_what_was_asked(core: Core) -> None:
    """Do the waiting jobs that send what visitors asked for by a name or a phone, as a worker would."""
    work = {SEND: send_reset, TELL: tell_usernames}
    taken = text(
        "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(:names) RETURNING id, task_name, args"
    )
    with core.sessions.begin() as session:
        jobs = sorted(session.execute(taken, {"names": list(work)}).all())
    for _, name, arguments in jobs:
        (asked,) = arguments.values()
        work[name](core, asked)


def pass_check(core: Core, account_id: UUID, reference: str, origin: Origin) -> None:
    """Pass the short check of a challenged request, by the code that its phone receives.

    Raises
    ------
    MawidError
        See `booking.scheduling.requests.prove.send_challenge` and
        `booking.scheduling.requests.review.answer_challenge`.
    """
    send_challenge(core, account_id=account_id, reference=reference, origin=origin)
    code = last_code(core, account_id, "challenge")
    answer_challenge(core, account_id=account_id, reference=reference, code=code)


def last_code(core: Core, account_id: UUID, kind: str) -> str:
    """Read the code in the last notice of ``kind`` to an account, as its phone shows it."""
    with core.sessions() as session:
        secret = session.scalars(
            select(Message.secret)
            .where(Message.account_id == account_id, Message.kind == kind, Message.secret.is_not(None))
            .order_by(Message.created_at.desc())
            .limit(1)
        ).one()
    return core.vault.decrypt(secret or b"", ABOUT_SECRET)


def _wish(applicant: Applicant, planned: PlannedAsk, people: tuple[int, ...]) -> Wish:
    """Write a planned request as the form sends it."""
    return Wish(
        service=planned.service,
        people=people,
        offices=planned.offices,
        bands=planned.bands,
        door=applicant.door,
        weekdays=planned.weekdays,
        needed_by=planned.needed_by,
        accessible=planned.accessible,
        reason=planned.reason,
    )
