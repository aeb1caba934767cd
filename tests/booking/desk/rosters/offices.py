"""What tests of rosters share: an office with staff on a Sunday, and a roster of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from booking.country.core.core import Core
from booking.desk.rosters.make import ask, make, publish
from booking.desk.rosters.views import office_rosters
from booking.platform.models import Roster, RosterRepair
from booking.platform.models.offices.roster import RepairState, RosterState
from tests.booking.desk.counter.visits import a_clerk, a_supervisor


@dataclass(frozen=True)
class AnOffice:
    """Damascus with a supervisor and some clerks."""

    core: Core
    supervisor: UUID
    clerks: tuple[UUID, ...]

    @property
    def next_sunday(self) -> date:
        """The first day for which a roster can be asked next."""
        return office_rosters(self.core, officer_id=self.supervisor).next_first

    def ask(self, first_day: date | None = None, weeks: int = 1) -> UUID:
        """Ask for a roster."""
        return ask(self.core, officer_id=self.supervisor, first_day=first_day or self.next_sunday, weeks=weeks)

    def solved(self, first_day: date | None = None) -> UUID:
        """Ask for a roster and solve it, as the job does."""
        roster_id = self.ask(first_day)
        make(self.core, roster_id)
        return roster_id

    def published(self, first_day: date | None = None) -> UUID:
        """Make a roster count."""
        roster_id = self.solved(first_day)
        publish(self.core, officer_id=self.supervisor, roster_id=roster_id)
        return roster_id

    def row(self, roster_id: UUID) -> Roster:
        """The roster as it is stored now."""
        with self.core.sessions() as session:
            return session.get_one(Roster, roster_id)

    def begin(self, first_day: date, hour: int = 8) -> None:
        """Let it be a day on which the office opens, in the morning by its own clock."""
        now = self.core.clock.now()
        self.core.clock.advance(timedelta(days=(first_day - now.date()).days, hours=hour - 3 - now.hour))


def a_repair(core: Core, supervisor: UUID) -> tuple[UUID, UUID]:
    """The ids of a published roster of the supervisor's office and of a repair of its first day that is planned."""
    view = office_rosters(core, officer_id=supervisor)
    with core.sessions.begin() as session:
        made = {"asked_by": supervisor, "asked_at": core.clock.now()}
        first = {"office_id": view.office.id, "first_day": view.next_first, "weeks": 1}
        roster = Roster(**first, **made, state=RosterState.PUBLISHED, published_at=core.clock.now())
        session.add(roster)
        session.flush()
        plan = {"changes": [], "opens": 8, "counters": [], "short": [], "lacking": []}
        absent = [str(supervisor)]
        repair = RosterRepair(
            roster_id=roster.id, day=view.next_first, absent=absent, plan=plan, state=RepairState.PLANNED, **made
        )
        session.add(repair)
        session.flush()
        return roster.id, repair.id


def an_office(core: Core, *, clerks: int = 4) -> AnOffice:
    """Open an office for tests of rosters."""
    return AnOffice(core, a_supervisor(core), tuple(a_clerk(core) for _ in range(clerks)))
