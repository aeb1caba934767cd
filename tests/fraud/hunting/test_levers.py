from dataclasses import replace

import pytest

from fraud.hunting.levers import LEVERS, Defence, LeverError, moved, today, values_at
from fraud.limiting.text import default_limits, default_limits_source, parse_limits
from fraud.rules.rule_set import default_rules, parse_rules

pytestmark = pytest.mark.slow


def test_the_policy_as_it_is_comes_back_from_its_own_point():
    defence = moved(Defence(), today(Defence()))

    assert defence.rules.digest == default_rules().digest
    assert parse_limits(defence.limits).policy == default_limits().policy


@pytest.mark.parametrize("place", range(len(LEVERS)))
def test_each_lever_moves_its_own_number_and_no_other(place):
    lever, point = LEVERS[place], today(Defence())
    point[place] = 0.0 if point[place] > 0.5 else 1.0
    before, after = moved(Defence(), today(Defence())), moved(Defence(), point)

    changed = [
        (old.name, new.when)
        for old, new in zip(before.rules.rules, after.rules.rules, strict=True)
        if old.when != new.when
    ]
    lines = [new for old, new in zip(before.limits.splitlines(), after.limits.splitlines(), strict=True) if old != new]
    number = f"{values_at(point)[lever.name]:.0f}"
    if lever.part == "rule":
        assert [name for name, _ in changed] == [lever.where]
        assert f"{lever.what} > {number}" in changed[0][1]
        assert not lines
    elif lever.part == "limit":
        subject, _, period = lever.what.partition(" ")
        assert len(lines) == 1
        assert lines[0].startswith(f"{subject} = ")
        assert f'"{number} {period}"' in lines[0]
        moved_limits = parse_limits(after.limits).policy
        assert moved_limits[lever.where] != default_limits().policy[lever.where]
        assert not changed
    else:
        assert not changed
        assert not lines


def test_the_line_of_a_review_is_never_below_that_of_a_check(model):
    point = [0.5] * len(LEVERS)
    names = [lever.name for lever in LEVERS]
    point[names.index("challenge")], point[names.index("review")] = 1.0, 0.0

    lines = moved(Defence(model=model), point).thresholds

    assert lines.challenge == lines.review


def test_a_policy_without_a_levers_number_is_refused():
    other = parse_rules(default_rules().text().replace("people_on_device_30d > 60", "people_on_device_30d >= 61"))

    with pytest.raises(LeverError, match="device-used-for-very-many"):
        today(replace(Defence(), rules=other))
    with pytest.raises(LeverError, match="ask: device per day"):
        today(replace(Defence(), limits=default_limits_source().replace('"60 per day"', '"60 per 2 days"')))
