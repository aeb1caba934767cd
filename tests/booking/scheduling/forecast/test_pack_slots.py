from datetime import date, timedelta

from booking.country.packs.shares import generate_slots
from booking.scheduling.forecast.overbooking import pack_slots

FIRST = date(2026, 11, 29)
LAST = FIRST + timedelta(days=6)


def test_all_slots_of_the_pack_are_counted_with_the_shares_of_its_first_quotas(pack):
    slots = pack_slots(pack, first=FIRST, last=LAST)

    opened = sum(1 for office in pack.offices for _ in generate_slots(pack, office, FIRST, LAST))
    assert slots["slots"].sum() == opened
    assert set(slots["office"]) == {office.code for office in pack.offices}
    assert (slots["draw"] + slots["walk_in"] <= slots["units"]).all()
    drawn = (slots["draw"] * slots["slots"]).sum() / (slots["units"] * slots["slots"]).sum()
    assert 0.5 < drawn < 0.9
