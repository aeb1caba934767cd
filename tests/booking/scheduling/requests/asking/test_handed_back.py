"""Whose drawn places are handed back again and again, by what the gate counts of the person in the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.replay import replay
from booking.country.core.messages import tell
from booking.country.places.rows import take
from booking.people.identity.acting import keep_turns_in
from booking.people.reaching.carrier import CarrierError
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.message_states import Channel, TryOutcome
from booking.platform.models import Appointment, AppointmentPlaces, Draw, HouseholdMember, Request
from booking.platform.models.states import WAITING_FOR_DRAW, AppointmentState, Pool, RequestState
from booking.scheduling.appointments.expire import SHORTEST_OFFER, lapse_offers
from booking.scheduling.appointments.respond import confirm
from booking.scheduling.draws.freeze import lapsed_before
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.desk.helpers.helped import an_offer
from tests.booking.scheduling.requests.asking.households import MINUTE, Household, closes_over, gives_up, judged
from tests.support.country import a_member, a_wish, an_origin, eligible_number
from tests.support.open_draws import open_a_draw

RULE = "rule.hands-places-back-again-and-again"


@pytest.fixture
def core(country):
    open_a_draw(country, "d1")
    return country


def drawn(household, *members):
    """Ask for members of a household, whom a draw gives a place: the reference of the offer."""
    core = household.core
    asked = ask(core, account_id=household.account, wish=a_wish(members), origin=an_origin())
    core.clock.advance(MINUTE)
    offer = an_offer(core, asked.reference)
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        appointment.draw_id = session.scalars(select(Draw.id)).one()
        appointment.confirm_by = appointment.created_at + SHORTEST_OFFER
    core.clock.advance(MINUTE)
    return offer


def lapses(household, offer, carrier, *, late=False):
    """Let an offer of a place lapse, of which a carrier was to bring the notice, or brings one as it is over."""
    core = household.core
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        takes_a_place(session, household, appointment)
        kind, about = ("turn_is_yours", appointment.request.reference) if late else ("request_drawn", offer)
        tell(session, core, household.account, kind, reference=about)
    waits = (SHORTEST_OFFER, timedelta()) if late else (timedelta(), SHORTEST_OFFER)
    for wait in waits:
        core.clock.advance(wait)
        deliver_waiting(core, {Channel.SMS: carrier})
    assert lapse_offers(core) == 1
    core.clock.advance(MINUTE)


class Gateway:
    """Takes each notice, or refuses it."""

    def __init__(self, outcome):
        self.outcome = outcome

    def send(self, address, letter, key):
        if self.outcome is not TryOutcome.SENT:
            raise CarrierError(self.outcome)


def booked_as_drawn(household, *members):
    """Book a place at once for each member, as if a draw had given it; return the references."""
    references = [household.booked(member) for member in members]
    with household.core.sessions.begin() as session:
        draw = session.scalars(select(Draw)).one()
        for appointment in session.scalars(select(Appointment).where(Appointment.draw_id.is_(None))):
            appointment.draw_id, request = draw.id, appointment.request
            request.link_draw, request.link_list, request.link_row = draw.reference, "line", 1
    return references


def drawn_again(household, waits):
    """Let the draw give a place to what waits for one: the reference of the offer."""
    offer = an_offer(household.core, waits)
    with household.core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        appointment.draw_id = session.scalars(select(Draw.id)).one()
        takes_a_place(session, household, appointment)
    return offer


def takes_a_place(session, household, appointment):
    slot_id = household.slots.pop()
    take(session, slot_id, Pool.INSTANT, 1)
    appointment.places = [AppointmentPlaces(slot_id=slot_id, pool=Pool.INSTANT, places=1)]


def is_served(core, offer):
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        appointment.state = AppointmentState.CHECKED_IN
        appointment.end(AppointmentState.SERVED, core.clock.now())
        appointment.request.move_to(RequestState.COMPLETED)
    core.clock.advance(MINUTE)


def lets_days_run_out(core):
    """End what waits for days before those of the next draw."""
    with core.sessions.begin() as session:
        draw = Draw(horizon_first=core.today() + timedelta(days=365))
        assert len(lapsed_before(session, draw, core.clock.now())) == 1
    core.clock.advance(MINUTE)


def withdraws_all(household):
    """Withdraw the requests that wait for a draw; how many there were."""
    with household.core.sessions() as session:
        waiting = session.scalars(select(Request.reference).where(Request.state.in_(WAITING_FOR_DRAW))).all()
    for reference in waiting:
        withdraw(household.core, account_id=household.account, reference=reference)
    return len(waiting)


def one_person_in(core, households):
    """The same person in the household of several accounts, each of which has proven who it is: the members."""
    number = eligible_number(core)
    return [a_member(core, household.account, number=number) for household in households]


def take_out(core, member, leaver, own):
    """Take a person out of another account's requests, and their own request over into theirs."""
    with core.sessions.begin() as session:
        person_id = session.get_one(HouseholdMember, member).person_id
        now = core.clock.now()
        keep_turns_in(session, person_id=person_id, leaver=leaver.account, owner=own.account, now=now)


def test_a_name_that_is_lent_again_and_again_meets_an_officer(core):
    """Each time in another account, by another phone; the offer of which nobody was told says nothing of them."""
    sellers = [Household(core, 0) for _ in range(5)]
    ways = (
        lambda _, offer: gives_up(core, offer),
        lambda seller, offer: lapses(seller, offer, Gateway(TryOutcome.REFUSED)),
        lambda seller, offer: lapses(seller, offer, Gateway(TryOutcome.SENT), late=True),
        lambda seller, offer: lapses(seller, offer, Gateway(TryOutcome.SENT)),
        lambda _, offer: gives_up(core, offer),
    )
    found = []
    for seller, lent, ends in zip(sellers, one_person_in(core, sellers), ways, strict=True):
        offer = drawn(seller, lent)
        found.append(judged(core, reference_of(core, offer)))
        ends(seller, offer)
    assert [facts["handed_back_for_person_90d"] for facts, _ in found] == [0, 1, 1, 1, 2]
    assert [fired for _, fired in found] == [[], [], [], [], [RULE]]
    assert replay(core, core.today()).differences == {}


def reference_of(core, offer):
    with core.sessions() as session:
        return session.scalars(select(Appointment).where(Appointment.reference == offer)).one().request.reference


def test_places_are_handed_back_for_each_person_and_not_for_the_account(core):
    """Three children, each of whose places was cancelled: nobody had two."""
    family = Household(core, 3)
    for offer in [drawn(family, member) for member in family.people]:
        gives_up(core, offer)
    facts, fired = family.asks(family.people[0])
    assert (facts["cancellations_90d"], facts["handed_back_for_person_90d"], fired) == (3, 1, [])


def test_what_a_stranger_hands_back_once_a_person_left_is_not_theirs(core):
    stranger, own = Household(core, 1), Household(core, 0)
    claimed, mine = one_person_in(core, (stranger, own))
    offer = drawn(stranger, stranger.people[0], claimed)
    take_out(core, mine, stranger, own)
    gives_up(core, offer)
    counted = [own.asks(mine)[0], stranger.asks_alone()[0]]
    assert [facts["handed_back_for_person_90d"] for facts in counted] == [0, 1]
    assert replay(core, core.today()).differences == {}


def test_one_place_of_a_whole_family_is_one_for_each_of_them(core):
    family = Household(core, 3)
    gives_up(core, drawn(family, *family.people))
    facts, fired = family.asks(family.people[0])
    assert (facts["handed_back_for_person_90d"], fired) == (1, [])


def test_who_holds_free_times_and_takes_none_handed_nothing_back(core):
    """At once, where places are free for all: held and left, or booked and cancelled."""
    family = Household(core, 1)
    for _ in range(3):
        family.cancels(family.booked(family.people[0]))
    facts, fired = family.asks(family.people[0])
    assert (facts["cancellations_90d"], facts["handed_back_for_person_90d"], fired) == (3, 0, [])


def test_who_moves_a_drawn_place_or_whose_office_closes_handed_nothing_back(core):
    family = Household(core, 3)
    moved, closed, moved_and_closed = booked_as_drawn(family, *family.people)
    is_served(core, drawn_again(family, family.moves(drawn_again(family, family.moves(moved)))))
    closes_over(core, closed)
    closes_over(core, drawn_again(family, family.moves(moved_and_closed)))
    assert withdraws_all(family) == 2
    counted = [family.asks(member)[0] for member in family.people]
    assert [facts["handed_back_for_person_90d"] for facts in counted] == [0, 0, 0]
    assert counted[0]["cancellations_90d"] == 0
    assert replay(core, core.today()).differences == {}


def test_a_place_that_was_moved_and_then_let_go_was_handed_back(core):
    """What waited was withdrawn, or its days ran out; or the last place, that it was changed or moved to, cancelled."""
    family = Household(core, 6)
    first, second, third, fourth, fifth, sixth = booked_as_drawn(family, *family.people)
    withdraw(core, account_id=family.account, reference=family.moves(first))
    family.moves(second)
    lets_days_run_out(core)
    family.cancels(family.changes(third))
    withdraw(core, account_id=family.account, reference=family.moves(family.changes(fourth)))
    core.clock.advance(MINUTE)
    family.cancels(drawn_again(family, family.moves(drawn_again(family, family.moves(fifth)))))
    again = drawn_again(family, family.moves(sixth))
    confirm(core, account_id=family.account, reference=again)
    family.cancels(family.changes(again))  # two were drawn, and one counts, as where it only moves
    counted = [family.asks(member)[0] for member in family.people]
    assert [facts["handed_back_for_person_90d"] for facts in counted] == [1, 1, 1, 1, 2, 1]
    assert counted[0]["cancellations_90d"] == counted[0]["given_up_on_phone_90d"] == 7
    assert replay(core, core.today()).differences == {}


def test_what_a_spouse_moved_sixty_days_ago_is_no_place_handed_back_by_its_owner(core):
    """The owner took it over since. A replay reads requests of thirty days, and places handed back of ninety."""
    spouse, own = Household(core, 0), Household(core, 0)
    asked_for, mine = one_person_in(core, (spouse, own))
    [reference] = booked_as_drawn(spouse, asked_for)
    waits = spouse.moves(reference)
    take_out(core, mine, spouse, own)
    core.clock.advance(timedelta(days=60))
    is_served(core, drawn_again(own, waits))
    facts, _ = own.asks(mine)
    assert (facts["requests_for_person_30d"], facts["handed_back_for_person_90d"]) == (0, 0)
    assert replay(core, core.today()).differences == {}
