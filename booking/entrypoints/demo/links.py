"""What the night's run finds among the demonstration's people, beside what only the demonstration knows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text

from booking.antifraud.linking.newcomers import open_duplicates
from booking.antifraud.linking.rings import open_rings
from booking.antifraud.watching.alerts import open_questions
from booking.country.core.core import Core
from booking.country.figures.waits import measure_waits
from booking.entrypoints.demo.accounts import ReadyAccounts
from booking.entrypoints.demo.counter_day import people_today
from booking.entrypoints.demo.country import Country, make_later_slots
from booking.entrypoints.demo.decided_before import decided_before
from booking.entrypoints.demo.people import Applicant, Kind, Population
from booking.entrypoints.demo.progress import Steps
from booking.entrypoints.demo.timetable import Timetable
from booking.entrypoints.demo.urgent_cases import urgent_cases
from booking.entrypoints.demo.weeks_before import weeks_before
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.clock import SettableClock
from booking.platform.models import Account, Request, ReviewCase
from booking.platform.models.requests.case import CaseKind

LARGE_TEAM: Final = 8


@dataclass(frozen=True, slots=True)
class Linked:
    """Cases that wait for officers.

    ``pairs`` ask whether two people are one, ``rings`` about ``accounts``, ``honest`` of which are no hoarder's.
    ``clients`` are what rings have beside these: nobody is asked about them. ``teams`` are found teams of brokers and
    scripts (half of their accounts in a ring), and all that have LARGE_TEAM accounts.
    """

    pairs: int
    rings: int
    accounts: int
    honest: int
    clients: int
    teams: tuple[int, int]


def find_links(core: Core, applicants: Iterable[Applicant], steps: Steps) -> Linked:
    """Look for people known twice and for rings, open cases as a night does, and count whom they hold."""
    with steps.step("People known twice, and rings"):
        pairs = open_duplicates(core)
        open_rings(core)
    known = {applicant.username: applicant for applicant in applicants}
    with core.sessions() as session:
        cases = session.scalars(select(ReviewCase).where(ReviewCase.kind == CaseKind.RING)).all()
        names = {
            row.id: row.username
            for row in session.execute(
                select(Account.id, Account.username).where(Account.id.in_(select(Request.account_id)))
            )
        }
    inside = [known[names[account]] for case in cases for account in case.subjects if names[account] in known]
    asked = Counter(_team(known[name]) for name in names.values() if name in known)
    found = Counter(_team(applicant) for applicant in inside)
    large = [team for team, accounts in asked.items() if team and accounts >= LARGE_TEAM]
    return Linked(
        pairs=pairs,
        rings=len(cases),
        accounts=sum(len(case.subjects) for case in cases),
        honest=sum(not applicant.kind.hoards for applicant in inside),
        clients=sum(case.evidence["clients"] for case in cases),
        teams=(sum(2 * found[team] >= asked[team] for team in large), len(large)),
    )


def _team(applicant: Applicant) -> str:
    """Return the team of a broker or script: each has a network of its own; "" for everybody else."""
    return applicant.network if applicant.kind in {Kind.BROKER, Kind.SCRIPT} else ""


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
