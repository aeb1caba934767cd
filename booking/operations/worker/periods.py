"""How often each job runs by itself: read by the worker that runs them and by whoever looks whether they ran."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Every(StrEnum):
    """How often, as cron writes it (UTC)."""

    MINUTE = "* * * * *"
    HOUR = "7 * * * *"
    NIGHT = "10 1 * * *"
    LATER_AT_NIGHT = "40 1 * * *"
    AFTER_LINKING = "40 2 * * *"
    LAST_AT_NIGHT = "20 3 * * *"

    @property
    def length(self) -> timedelta:
        """From one run to the next."""
        return {Every.MINUTE: timedelta(minutes=1), Every.HOUR: timedelta(hours=1)}.get(self, timedelta(days=1))


_E = Every
PERIODS: Final[Mapping[str, Every]] = {
    **dict.fromkeys(("advance_draws", "expire", "keep_log", "deliver_all", "compare_newcomers"), _E.MINUTE),
    **dict.fromkeys(("advance_swaps", "retry_stalled", "send_events"), _E.MINUTE),
    **dict.fromkeys(("escalate_appeals", "end_online_cases", "change_waiting_phones", "make_slots"), _E.HOUR),
    **dict.fromkeys(("remind_early", "end_staff_changes"), _E.HOUR),
    **dict.fromkeys(("remove_old_evidence", "remove_old_traces", "erase_closed", "remove_old_jobs"), _E.NIGHT),
    **dict.fromkeys(("publish_days", "replay", "measure_drift", "measure_waits", "learn_forecast"), _E.NIGHT),
    "measure_services": _E.NIGHT,
    # One after the other: each holds all people, or all requests of some months, in memory.
    "link_everyone": _E.LATER_AT_NIGHT,
    "open_questions": _E.AFTER_LINKING,
    "back_up": _E.LAST_AT_NIGHT,
}
"""Every job that runs by itself."""
