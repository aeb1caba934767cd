"""What the night's run finds among the demonstration's people, beside what only the demonstration knows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from booking.antifraud.linking.everyone import open_duplicates
from booking.antifraud.linking.rings import open_rings
from booking.country.core.core import Core
from booking.entrypoints.demo.people import Applicant, Kind
from booking.entrypoints.demo.progress import Steps
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
