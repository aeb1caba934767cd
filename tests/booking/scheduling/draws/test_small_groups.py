"""In a report that everyone reads, nothing is said of fewer than five requests."""

import pytest

from booking.scheduling.draws.figures import FEWER, FEWEST, figures
from tests.support.draw_files import invented_draw


@pytest.fixture(scope="module")
def drawn():
    return invented_draw(60)


def test_values_of_few_requests_are_counted_together_and_never_alone(drawn):
    report = drawn.decision.figures
    assert report["format"] == "mawid-report-2"
    for values in report["groups"].values():
        assert all(one["asked"] >= FEWEST for one in values.values())
        assert sum(one["asked"] for one in values.values()) == report["asked_requests"]
        assert sum(one["served_people"] for one in values.values()) == report["served_people"]
    assert any(FEWER in values for values in report["groups"].values())


def test_a_draw_of_four_tells_no_day_no_deadline_and_no_visit():
    few = invented_draw(4).decision.figures
    assert few["asked_requests"] < FEWEST
    assert {tuple(values) for values in few["groups"].values()} == {(FEWER,)}
    assert few["half_served_by"] is None
    assert "together" not in few
    assert few["deadlines"] is None or few["deadlines"]["asked"] == 0


def test_a_draw_of_format_1_keeps_its_report(drawn):
    closed = drawn.closed.frozen(bytes(32))
    totals = drawn.decision.figures
    old = type(closed)({**closed.facts, "format": "mawid-draw-1"}, (), closed.bins, closed.public, closed.asked)
    report = figures(old, drawn.decision.plan.bin_of_request, totals)
    assert report["format"] == "mawid-report-1"
    assert FEWER not in {value for values in report["groups"].values() for value in values}
