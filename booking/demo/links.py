"""What the night's run finds among the demonstration's people, beside what only the demonstration knows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from booking.core.core import Core
from booking.demo.people import Applicant, Kind
from booking.demo.progress import Steps
from booking.linking.everyone import open_duplicates
from booking.linking.rings import open_rings
from booking.models import Account, Request, ReviewCase
from booking.models.requests.case_states import CaseKind


@dataclass(frozen=True, slots=True)
class Linked:
    """Cases that wait for officers.

    ``pairs`` ask whether two people are one, ``rings`` about ``accounts``, ``honest`` of which are no hoarder's.
    ``teams`` are found teams of brokers and scripts (half of their accounts in a ring), and all that are large enough.
    """

    pairs: int
    rings: int
    accounts: int
    honest: int
    teams: tuple[int, int]


def find_links(core: Core, applicants: Iterable[Applicant], steps: Steps) -> Linked:
    """Look for people known twice and for rings, open cases as a night does, and count whom they hold."""
    from fraud.linkage.rings import FEWEST_ACCOUNTS  # noqa: PLC0415 - compiles when it is first used

    with steps.step("People known twice, and rings"):
        pairs = open_duplicates(core)
        open_rings(core)
    known = {applicant.username: applicant for applicant in applicants}
    with core.sessions() as session:
        rings = session.scalars(select(ReviewCase.subjects).where(ReviewCase.kind == CaseKind.RING)).all()
        names = {
            row.id: row.username
            for row in session.execute(
                select(Account.id, Account.username).where(Account.id.in_(select(Request.account_id)))
            )
        }
    inside = [known[names[account]] for accounts in rings for account in accounts if names[account] in known]
    asked = Counter(_team(known[name]) for name in names.values() if name in known)
    found = Counter(_team(applicant) for applicant in inside)
    large = [team for team, accounts in asked.items() if team and accounts >= FEWEST_ACCOUNTS]
    return Linked(
        pairs=pairs,
        rings=len(rings),
        accounts=sum(map(len, rings)),
        honest=sum(not applicant.kind.hoards for applicant in inside),
        teams=(sum(2 * found[team] >= asked[team] for team in large), len(large)),
    )


def _team(applicant: Applicant) -> str:
    """Return the team of a broker or script: each has a network of its own; "" for everybody else."""
    return applicant.network if applicant.kind in {Kind.BROKER, Kind.SCRIPT} else ""
