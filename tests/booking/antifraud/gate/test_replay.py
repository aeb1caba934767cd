"""A day's verdicts come out of history as they were made."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from booking.antifraud.gate.replay import replay
from booking.antifraud.gate.snapshots import Snapshot
from booking.desk.counter.walk_ins import correct
from booking.platform.models import Account, Appointment, HouseholdMember, Outcome, ReplayRun, Request, Verdict
from booking.platform.models.states import AppointmentState, Role
from booking.scheduling.appointments.attend import miss_after_closing
from booking.scheduling.appointments.expire import lapse_offers
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, move
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from fraud.rules.rule_set import default_rules_source
from tests.support.country import a_colleague, a_member, a_request, a_wish, an_account, an_origin, put_rules_in_force
from tests.support.free_slots import free_slots
from tests.support.roles import past_the_roles
from tests.support.waiting import PATIENCE

DAY = timedelta(days=1)


def seen_facts(core, reference):
    with core.sessions() as session:
        query = select(Verdict).join(Request).where(Request.reference == reference).order_by(Verdict.decided_at)
        return session.scalars(query.limit(1)).one().inputs["facts"]


def an_instant_place(core, account, member, origin):
    slot = free_slots(core)[0]
    held = hold(core, account_id=account, slot_id=slot.slot_id, wish=a_wish((member,)), origin=origin)
    return held.reference


def some_days(core, clock):
    """People who ask, withdraw, book, cancel, move, let go and ask again, from shared devices and alone."""
    family, shop = an_account(core), an_account(core)
    phone_of_family, tablet = an_origin(), an_origin()
    mother, child, cousin = (a_member(core, family) for _ in range(3))
    clients = [a_member(core, shop) for _ in range(4)]
    first = ask(core, account_id=family, wish=a_wish((mother, child)), origin=phone_of_family)
    a_request(core)
    clock.advance(timedelta(minutes=20))
    withdraw(core, account_id=family, reference=first.reference)
    booked = an_instant_place(core, shop, clients[0], tablet)
    confirm_hold(core, account_id=shop, reference=booked)
    left = an_instant_place(core, shop, clients[1], tablet)
    clock.advance(timedelta(hours=2))
    lapse_offers(core)
    cancel(core, account_id=shop, reference=booked)
    clock.advance(timedelta(minutes=1))
    rebooked = ask(core, account_id=shop, wish=a_wish((clients[2],)), origin=tablet)
    ask(core, account_id=family, wish=a_wish((mother,)), origin=tablet)
    clock.advance(DAY)
    moved = an_instant_place(core, shop, clients[3], replace(tablet, device=""))
    confirm_hold(core, account_id=shop, reference=moved)
    move(core, account_id=shop, reference=moved)
    later = ask(core, account_id=family, wish=a_wish((cousin,)), origin=phone_of_family)
    assert left != moved
    return rebooked.reference, later.reference


def test_every_verdict_of_several_busy_days_is_replayed_identically(country, clock):
    rebooked, later = some_days(country, clock)

    first, second = replay(country, country.today() - DAY), replay(country, country.today())

    assert (first.repeated, second.repeated) == (6, 2)
    assert (first.skipped, second.skipped) == (0, 0)
    assert (first.differences, second.differences) == ({}, {})
    facts = seen_facts(country, rebooked)
    assert (facts["rebookings_30d"], facts["cancellations_90d"], facts["lapsed_offers_365d"]) == (0, 1, 1)
    assert (facts["requests_by_account_24h"], facts["given_up_on_device_90d"]) == (2, 2)
    facts = seen_facts(country, later)
    assert (facts["requests_from_device_30d"], facts["requests_by_account_30d"]) == (1, 2)


def test_later_changes_do_not_affect_a_replay(country, clock):
    some_days(country, clock)
    with country.sessions.begin() as session:
        session.execute(update(Account).values(registered_helper=True))
        session.execute(update(HouseholdMember).values(name="Another Example"))
    put_rules_in_force(country, source=default_rules_source().replace("> 12 and", "> 0 and"))
    clock.advance(40 * DAY)
    a_request(country)

    found = replay(country, country.today() - 41 * DAY)

    assert (found.repeated, found.differences) == (6, {})


def test_a_difference_is_listed_by_fact_and_kept_without_personal_data(country, clock):
    _, asked = a_request(country)
    a_request(country)
    with country.sessions.begin() as session:
        row = session.scalars(select(Verdict).join(Request).where(Request.reference == asked.reference)).one()
        row.inputs = row.inputs | {"facts": row.inputs["facts"] | {"people_on_device_30d": 40}}
        row.decision = "review"

    found = replay(country, country.today())

    assert found.differences == {"people_on_device_30d": 1, "decision": 1}
    with country.sessions() as session:
        kept = session.get_one(ReplayRun, country.today())
        assert (kept.repeated, kept.differences) == (2, {"people_on_device_30d": 1, "decision": 1})


def test_a_replay_skips_verdicts_without_facts_and_reports_lost_versions(country):
    _, old = a_request(country)
    a_request(country)
    with past_the_roles(country) as session:
        row = session.scalars(select(Verdict).join(Request).where(Request.reference == old.reference)).one()
        row.inputs = {name: value for name, value in row.inputs.items() if name != "seen"}
        session.execute(text("ALTER TABLE rule_set_version DISABLE TRIGGER rule_set_version_fixed"))
        session.execute(update(Verdict).values(versions=Verdict.versions.concat({"rule_set": "100"})))

    found = replay(country, country.today())

    assert (found.repeated, found.skipped, found.differences) == (1, 1, {"policy": 1})


def test_a_day_without_verdicts_replays_without_difference(country):
    found = replay(country)

    assert (found.repeated, found.skipped, found.differences) == (0, 0, {})


def test_a_replay_leaves_out_what_was_uncommitted_at_the_verdict(country, clock):
    """An earlier request and an earlier cancelling are committed only after the verdict that they would change."""
    origin = an_origin()
    account = an_account(country)
    members = [a_member(country, account) for _ in range(3)]
    booked = an_instant_place(country, account, members[0], origin)
    confirm_hold(country, account_id=account, reference=booked)
    clock.advance(timedelta(minutes=30))
    with country.sessions() as slow:
        slow.execute(
            text(
                """
                INSERT INTO request (id, reference, account_id, service_id, door, state, party_size, units, first_day,
                    weekdays, bands, accessible, lost_draws, reschedules, nonce, receipt, device_hash, network_hash,
                    phone_hash, created_at)
                SELECT gen_random_uuid(), 'SLOW', account_id, service_id, door, 'withdrawn', 1, 1, first_day, weekdays,
                    bands, false, 0, 0, nonce, 'slow', device_hash, network_hash, phone_hash, :at FROM request
                """
            ),
            {"at": clock.now() - timedelta(seconds=2)},
        )
        slow.execute(
            text(
                """
                INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
                SELECT a.id, r.id, r.account_id, r.device_hash, r.phone_hash, 'cancelled', :at
                FROM appointment a JOIN request r ON r.id = a.request_id
                """
            ),
            {"at": clock.now() - timedelta(seconds=1)},
        )
        blind = ask(country, account_id=account, wish=a_wish((members[1],)), origin=origin)
        slow.commit()
    clock.advance(timedelta(seconds=1))
    aware = ask(country, account_id=account, wish=a_wish((members[2],)), origin=origin)

    counted = [
        [seen_facts(country, asked.reference)[name] for name in ("requests_from_device_1h", "cancellations_90d")]
        for asked in (blind, aware)
    ]
    assert counted == [[1, 0], [3, 1]]
    assert replay(country, country.today()).differences == {}


def test_a_correction_counts_from_its_own_moment_in_every_replay(country, clock):
    account = an_account(country)
    members, origin = [a_member(country, account) for _ in range(5)], an_origin()
    booked = an_instant_place(country, account, members[0], origin)
    confirm_hold(country, account_id=account, reference=booked)
    clock.advance(4 * DAY)
    assert miss_after_closing(country) == 1
    supervisor = a_colleague(country, Role.SUPERVISOR, office="damascus")
    counted = []

    def asks(member):
        clock.advance(timedelta(seconds=1))
        asked = ask(country, account_id=account, wish=a_wish((member,)), origin=origin)
        counted.append(seen_facts(country, asked.reference)["no_shows_365d"])

    asks(members[0])
    with country.sessions.kw["bind"].connect() as slow, country.sessions() as session:
        appointment = session.scalars(select(Outcome.appointment_id)).one()
        slow.execute(
            text(
                "INSERT INTO outcome_correction (id, appointment_id, kind, at, account_id, reason)"
                " VALUES (gen_random_uuid(), :appointment, 'served', :at, :who, 'seen')"
            ),
            {"appointment": appointment, "at": clock.now(), "who": supervisor},
        )
        asks(members[1])  # cannot see what is being written
        slow.commit()
    asks(members[2])
    with country.sessions.begin() as session:
        session.execute(update(Appointment).values(state="served"))
        session.execute(update(Request).where(Request.state == "lapsed").values(state="completed"))
    clock.advance(timedelta(seconds=1))
    correct(country, officer_id=supervisor, reference=booked, came=False, reason="the wrong line")
    asks(members[3])

    assert counted == [1, 1, 0, 1]
    found = replay(country, country.today())
    assert (found.repeated, found.differences) == (4, {})


class TickingClock:
    """Each look at the clock is a microsecond later than the last, in whatever thread."""

    def __init__(self, at: datetime) -> None:
        self._at, self._lock = at, threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            self._at += timedelta(microseconds=1)
            return self._at


def test_racing_requests_from_one_device_are_replayed_identically(country, clock):
    racing = replace(country, clock=TickingClock(clock.now()))
    origin = an_origin()
    people = [(account := an_account(country), a_member(country, account)) for _ in range(12)]
    barrier = threading.Barrier(4, timeout=PATIENCE)

    def three(some):
        barrier.wait()
        return [ask(racing, account_id=account, wish=a_wish((member,)), origin=origin) for account, member in some]

    with ThreadPoolExecutor(4) as threads:
        asked = [one for some in threads.map(three, (people[n::4] for n in range(4))) for one in some]

    found = replay(country, country.today())

    assert (len(asked), found.repeated, found.differences) == (12, 12, {})


def test_an_appointment_ends_once_and_its_end_is_kept(country):
    account = an_account(country)
    booked = an_instant_place(country, account, a_member(country, account), an_origin())
    confirm_hold(country, account_id=account, reference=booked)
    cancel(country, account_id=account, reference=booked)

    with country.sessions() as session:
        (kept,) = session.scalars(select(Outcome)).all()
    assert (kept.kind, kept.at, kept.account_id) == (AppointmentState.CANCELLED, country.clock.now(), account)


@pytest.mark.parametrize("text", ["", "1:2", "a:b:c", "1:2:3:4"])
def test_text_that_is_not_a_snapshot_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        Snapshot.read(text)
