"""What is left for the ready accounts to do, and what the worker of a living site would have done meanwhile."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from booking.antifraud.watching.alerts import open_questions
from booking.country.core.core import Core
from booking.country.figures.waits import measure_waits
from booking.entrypoints.demo.accounts import ReadyAccounts
from booking.entrypoints.demo.counter_day import people_today
from booking.entrypoints.demo.country import Country, make_later_slots
from booking.entrypoints.demo.decided_before import decided_before
from booking.entrypoints.demo.population import Population
from booking.entrypoints.demo.progress import Steps
from booking.entrypoints.demo.timetable import Timetable
from booking.entrypoints.demo.urgent_cases import urgent_cases
from booking.entrypoints.demo.weeks_before import weeks_before
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.clock import SettableClock

_DROP_DONE: Final = """
    DELETE FROM procrastinate_jobs
    WHERE task_name = 'deliver' AND status = 'todo'
      AND (args->>'message_id')::uuid IN (SELECT id FROM message WHERE sent_at IS NOT NULL)
"""


def leave_work(
    core: Core,
    clock: SettableClock,
    steps: Steps,
    country: Country,
    timetable: Timetable,
    population: Population,
    ready: ReadyAccounts,
    *,
    seed: int,
) -> None:
    """Make the weeks ahead and those before, people for the counter and cases for the desk; send what was written."""
    with steps.step("Slots for the weeks ahead"):
        make_later_slots(core, country, timetable)
    with steps.step("People of today") as tell:
        tell(0, {"people booked": people_today(core, clock, population, ready.officer, seed=seed)})
    with steps.step("Urgent cases") as tell:
        tell(0, {"urgent cases": urgent_cases(core, clock, population, ready, seed=seed)})
    with steps.step("Approvals of the weeks before") as tell:
        decided = decided_before(core, ready.officer, seed=seed)
        tell(0, {"cases decided": decided, "questions about approvals": open_questions(core)})
        measure_waits(core)
    with steps.step("Requests of the weeks before") as tell:
        tell(0, {"requests asked": weeks_before(core, country, timetable, seed=seed)})
    with steps.step("Notices are sent"):
        send_notices(core)


def tell_by(core: Core, clock: SettableClock, instant: datetime) -> None:
    """Have everybody told what is known, and come to an instant; it or half a day before is not at night."""
    for before in (timedelta(hours=12), timedelta()):
        clock.set(instant - before)
        deliver_waiting(core)


def send_notices(core: Core) -> int:
    """Send all notices of the play to the outbox, many at a time; return how many.

    The jobs that would have sent the urgent ones one by one find nothing to do any more. They are dropped, or the
    worker would be busy with thousands of them when the first visitor comes.
    """
    sent = deliver_waiting(core)
    with core.sessions.begin() as session:
        session.execute(text(_DROP_DONE))
    return sent
