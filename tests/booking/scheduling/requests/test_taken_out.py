"""Who was taken out of a party, as another account acts for them, stays out of all that comes of its request."""

from threading import Thread

import pytest
from sqlalchemy import select

from booking.country.places.rows import give_back
from booking.country.places.views import open_slots
from booking.people.identity.acting import Answer, end_acting
from booking.platform.base.errors import NothingToAppealError
from booking.platform.models import Appointment, HouseholdMember, Message, Request
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door, RequestState
from booking.scheduling.appointments.expire import into_next_draw
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import move
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.new_rows import asked_again, ranked_codes, wish_row
from booking.scheduling.requests.receipt import receipt_of
from booking.scheduling.requests.review import appeal
from booking.scheduling.requests.wish import Also
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.meanwhile import let_wait, right_after
from tests.support.waiting import ended

pytestmark = pytest.mark.neighbours

ABROAD = {"door": Door.ABROAD, "office": "berlin"}
POWER = "power-of-attorney-abroad"


class Family:
    """An account with two people; each may come to have an account of their own."""

    def __init__(self, core, **second):
        self.core, self.account = core, an_account(core)
        self.numbers = [eligible_number(core), eligible_number(core, **second)]
        self.members = tuple(a_member(core, self.account, number=number) for number in self.numbers)

    def loses(self, position):
        """An officer compared one of them with a document: their own account ends what this one says."""
        owner = an_account(self.core)
        own = a_member(self.core, owner, number=self.numbers[position])
        with self.core.sessions.begin() as session:
            row = session.get_one(HouseholdMember, own)
            row.level, row.proved_by = IdentityLevel.SEEN, ProofKind.OFFICER
        acting = self.members[position]
        assert end_acting(self.core, account_id=owner, member_id=own, acting_id=acting) is Answer.ENDED
        return owner, own

    def asks(self, **changes):
        wish = a_wish(changes.pop("people", self.members), **changes)
        return ask(self.core, account_id=self.account, wish=wish, origin=an_origin()).reference

    def is_refused(self):
        reference = self.asks()
        with self.core.sessions.begin() as session:
            request = stored(session, reference)
            request.move_to(RequestState.UNDER_REVIEW)
            request.move_to(RequestState.REFUSED)
        return reference

    def books(self):
        with self.core.sessions() as session:
            now = self.core.clock.now()
            slot = open_slots(session, door=Door.HOME, units=2, now=now, office_code="damascus")[-1]
        wish = a_wish(self.members)
        held = hold(self.core, account_id=self.account, slot_id=slot.slot_id, wish=wish, origin=an_origin())
        confirm_hold(self.core, account_id=self.account, reference=held.reference)
        return held.reference


def moved_by_the_family(core, family, reference):
    return move(core, account_id=family.account, reference=reference)


def moved_by_the_office(core, _, reference):
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        give_back(session, appointment)
        return into_next_draw(session, core, appointment)


def stored(session, reference):
    return session.scalars(select(Request).where(Request.reference == reference)).one()


def people_of(core, reference):
    """The state of a request, and whether each of its people is in it and proven."""
    with core.sessions() as session:
        request = stored(session, reference)
        return request.state, [(one.live, one.proven) for one in request.members]


def receipt_holds(session, request):
    wish = wish_row(request, [one.code for one in request.services], ranked_codes(session, request))
    return receipt_of(wish) == request.receipt


@pytest.mark.parametrize("moved", [moved_by_the_family, moved_by_the_office])
@pytest.mark.parametrize("leaver", [0, 1])
def test_who_was_taken_out_of_a_moved_party_is_not_asked_for_again(country, moved, leaver):
    family = Family(country)
    appointment = family.books()
    owner, own = family.loses(leaver)
    theirs = ask(country, account_id=owner, wish=a_wish((own,)), origin=an_origin())

    again = moved(country, family, appointment)

    with country.sessions() as session:
        request = stored(session, again)
        stays = session.get_one(HouseholdMember, family.members[1 - leaver])
        assert [(one.position, one.person_id, one.live) for one in request.members] == [(0, stays.person_id, True)]
        assert (request.party_size, request.units, request.state) == (1, 1, RequestState.ACCEPTED)
        assert receipt_holds(session, request)
    assert theirs.state is RequestState.ACCEPTED


def test_what_they_alone_came_for_is_not_asked_for_again(country):
    family = Family(country, never_had_passport=True)
    mother, son = family.members
    reference = family.asks(people=(son,), service="new-passport", also=(Also(POWER, (mother,)),), **ABROAD)
    family.loses(1)

    with country.sessions.begin() as session:
        again = asked_again(session, country, stored(session, reference))
        session.add(again)
        new = again.reference

    with country.sessions() as session:
        request = stored(session, new)
        assert [one.code for one in request.services] == [POWER]
        assert (request.service.code, request.service_count, request.party_size) == (POWER, 1, 1)
        assert request.units == request.service.units
        assert receipt_holds(session, request)


def test_who_was_taken_out_stays_out_while_the_request_goes_on(country):
    family = Family(country)
    reference = family.asks()
    family.loses(0)

    with country.sessions.begin() as session:
        stored(session, reference).move_to(RequestState.DRAWN)

    with country.sessions() as session:
        assert [one.live for one in stored(session, reference).members] == [False, True]


def test_who_left_after_a_refusal_is_in_no_appeal_and_stops_none(country):
    family = Family(country)
    reference = family.is_refused()
    owner, own = family.loses(1)
    ask(country, account_id=owner, wish=a_wish((own,)), origin=an_origin())

    appeal(country, account_id=family.account, reference=reference, words="We are a family.")

    assert people_of(country, reference) == (RequestState.UNDER_REVIEW, [(True, True), (False, False)])


def test_who_is_claimed_again_without_a_proof_comes_back_by_no_appeal(country):
    """Else whoever lost a person to their own account would keep a turn of theirs from them, by a number alone."""
    family = Family(country)
    reference = family.is_refused()
    owner, own = family.loses(1)
    a_member(country, family.account, number=family.numbers[1], proven=False)

    appeal(country, account_id=family.account, reference=reference, words="We are a family.")

    assert people_of(country, reference) == (RequestState.UNDER_REVIEW, [(True, True), (False, False)])
    theirs = ask(country, account_id=owner, wish=a_wish((own,)), origin=an_origin())
    assert theirs.state is RequestState.ACCEPTED


def test_nobody_is_left_to_appeal_for_once_all_are_claimed_alone(country):
    family = Family(country)
    reference = family.is_refused()
    for position in (0, 1):
        family.loses(position)
        a_member(country, family.account, number=family.numbers[position], proven=False)

    with pytest.raises(NothingToAppealError):
        appeal(country, account_id=family.account, reference=reference, words="We are a family.")


def test_who_is_taken_over_while_their_family_appeals_is_taken_out(country):
    family = Family(country)
    reference = family.is_refused()
    taker = Thread(target=family.loses, args=(1,))

    with right_after(country, "FROM household_member JOIN request_member", lambda: let_wait(country, taker)):
        appeal(country, account_id=family.account, reference=reference, words="We are a family.")
    ended(taker)

    assert people_of(country, reference) == (RequestState.UNDER_REVIEW, [(True, True), (False, False)])


def test_a_request_whose_last_person_is_taken_over_ends_with_its_places(country):
    family = Family(country)
    reference = family.books()
    family.loses(0)
    family.loses(1)

    with country.sessions() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        assert appointment.request.state is RequestState.LAPSED
        assert appointment.ended_at is not None
        told = session.scalars(select(Message.kind).where(Message.account_id == family.account)).all()
    assert told.count("request_claim_ended") == 1
