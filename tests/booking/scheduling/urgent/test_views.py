"""The order in which officers see urgent cases."""

from datetime import timedelta

from booking.scheduling.urgent.views import Show, queue
from tests.support.urgent_cases import NOTE


def test_the_queue_is_ordered_by_day_severity_and_waiting_time(core, a_case, officer):
    calm = a_case(days=9, reason="pilgrimage")
    grave = a_case(days=9, reason="medical")
    core.clock.advance(timedelta(minutes=1))
    later, soon = a_case(days=9, reason="medical"), a_case(days=2, reason="pilgrimage")
    lines = queue(core, officer_id=officer, show=Show.ALL)
    assert [line.case.reference for line in lines] == [one.reference for one in (soon, grave, later, calm)]
    assert [line.pressing for line in lines] == ["due", "in_time", "in_time", "in_time"]
    assert NOTE not in str(lines)
