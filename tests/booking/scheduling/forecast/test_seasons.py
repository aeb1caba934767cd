from datetime import date, timedelta

from booking.scheduling.forecast.seasons import calendar, seasons, week_of, weeks_from


def column(known, code):
    return known.seasons[:, [season.code for season in seasons()].index(code)]


def test_a_week_begins_after_the_weekend(pack):
    assert week_of(pack, date(2026, 11, 22)) == date(2026, 11, 22), "a Sunday"
    assert week_of(pack, date(2026, 11, 28)) == date(2026, 11, 22), "the Saturday after it"


def test_ramadan_moves_through_the_gregorian_year_and_back_to_where_it_was(pack):
    weeks = weeks_from(date(2023, 1, 1), 52 * 33)
    ramadan = column(calendar(pack, weeks), "ramadan")
    begins = {}
    for week, share in zip(weeks, ramadan, strict=True):
        if share:
            begins.setdefault(week.year, week)
    assert [begins[year] for year in (2023, 2024, 2026)] == [date(2023, 3, 19), date(2024, 3, 10), date(2026, 2, 15)]
    assert abs(ramadan.sum() * 7 - 29.5 * 34) < 31, "34 Hijri years in 33 of ours"
    assert {week.month for week, share in zip(weeks, ramadan, strict=True) if share} == set(range(1, 13))


def test_each_season_counts_the_days_that_a_plain_loop_counts(pack):
    weeks = weeks_from(date(2024, 12, 22), 60)
    known = calendar(pack, weeks)
    for season in seasons():
        days = set(season.days(weeks[0], weeks[-1] + timedelta(days=6)))
        shares = [sum(week + timedelta(days=d) in days for d in range(7)) / 7 for week in weeks]
        assert column(known, season.code).tolist() == shares, season.code


def test_holidays_count_on_working_days_and_are_computed_for_unlisted_years(pack):
    known = calendar(pack, weeks_from(date(2024, 4, 7), 2))
    share = known.closed["damascus"]
    assert share[0] == 2 / 5, "Eid al-Fitr 2024 took Wednesday and Thursday; its Friday was free anyway"
    assert 2024 not in pack.holiday_years
