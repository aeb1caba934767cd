"""What the hall refuses; `api.problems.hall` gives each a status and words."""

from booking.platform.base.errors import MawidError


class CounterBusyError(MawidError):
    """Somebody is at this counter, with ``number``: say first that they were served or did not come."""

    code = "counter_busy"

    def __init__(self, number: int) -> None:
        super().__init__(f"number {number}")
        self.number = number


class NobodyAtCounterError(MawidError):
    """No open counter of today has this number, or nobody of this number is at one."""

    code = "nobody_at_counter"
