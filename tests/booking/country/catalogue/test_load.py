from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from booking.country.catalogue.load import load_catalogue, make_slots
from booking.platform.models import Office, QuotaPolicy, Service, Slot, SlotPool
from booking.platform.models.states import Pool


def counts(core):
    with core.sessions() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in (Office, Service, Slot, SlotPool)]


def test_loading_twice_changes_nothing(country):
    before = counts(country)
    today = country.clock.now().date()

    load_catalogue(country, pack=country.pack)
    made = make_slots(country, pack=country.pack, first=today, last=today + timedelta(days=45))

    assert made == 0
    assert counts(country) == before
    assert before[0] == len(country.pack.offices)
    assert before[1] == len(country.pack.services)


def test_every_place_of_a_slot_is_in_exactly_one_pool(country):
    with country.sessions() as session:
        wrong = session.execute(
            select(Slot.id)
            .join(SlotPool, SlotPool.slot_id == Slot.id)
            .group_by(Slot.id)
            .having(func.sum(SlotPool.places) != Slot.counters * country.pack.country.units_per_slot)
        ).all()
        assert wrong == []
        assert session.scalar(select(func.count()).select_from(SlotPool)) == 5 * session.scalar(
            select(func.count()).select_from(Slot)
        )


def test_pools_follow_the_quota_policy_over_an_office_day(country):
    with country.sessions() as session:
        shares = session.scalars(select(QuotaPolicy.shares)).one()["branch"]
        day = session.execute(
            select(Slot.local_day, Office.id)
            .join(Office, Office.id == Slot.office_id)
            .where(Office.code == "damascus")
            .limit(1)
        ).one()
        places = dict(
            session.execute(
                select(SlotPool.pool, func.sum(SlotPool.places))
                .join(Slot, Slot.id == SlotPool.slot_id)
                .where(Slot.office_id == day.id, Slot.local_day == day.local_day)
                .group_by(SlotPool.pool)
            ).all()
        )
    total = sum(places.values())
    for pool in Pool:
        assert abs(places[pool] - total * Decimal(shares[pool.value])) < 1


def test_no_office_at_home_opens_on_friday_or_saturday(country):
    with country.sessions() as session:
        days = set(
            session.scalars(
                select(Slot.local_day).join(Office, Office.id == Slot.office_id).where(Office.kind == "branch")
            )
        )
    assert days
    assert not {day.weekday() for day in days} & {4, 5}


def test_what_a_pack_no_longer_lists_is_kept_but_inactive(country):
    smaller = country.pack.model_copy(update={"services": country.pack.services[1:]})
    load_catalogue(country, pack=smaller)

    with country.sessions() as session:
        active = dict(session.execute(select(Service.code, Service.active)).all())
    assert active[country.pack.services[0].code] is False
    assert sum(active.values()) == len(smaller.services)
