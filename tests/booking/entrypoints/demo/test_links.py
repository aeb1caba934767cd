"""The report's count of rings, beside what only the demonstration knows."""

from datetime import timedelta

from rich.console import Console
from sqlalchemy import select

from booking.entrypoints.demo.links import find_links
from booking.entrypoints.demo.people import Applicant, Kind
from booking.entrypoints.demo.progress import Steps, plan_for
from booking.platform.models import Account
from booking.platform.models.states import Door
from tests.booking.antifraud.linking.people import a_client, a_ring


def applicant(core, account, kind, network):
    with core.sessions() as session:
        username = session.scalar(select(Account.username).where(Account.id == account))
    return Applicant(
        key=0,
        kind=kind,
        username=username,
        phone="",
        language="ar",
        door=Door.HOME,
        network=network,
        device="",
        registered_at=core.clock.now() - timedelta(days=1),
        people=(),
        asks=(),
    )


def test_teams_in_rings_are_counted_and_honest_people_beside_them(country):
    found = a_ring(country, 9, device="a broker's tablet")
    missed = [a_ring(country, 1, device=f"phone {n}")[0] for n in range(8)]
    small = a_ring(country, 2, device="a small team's tablet")
    a_client(country)
    applicants = [
        *(applicant(country, account, Kind.BROKER, "172.16.0.1") for account in found[:8]),
        applicant(country, found[8], Kind.CITIZEN, "10.0.0.1"),
        *(applicant(country, account, Kind.SCRIPT, "172.16.1.1") for account in missed),
        *(applicant(country, account, Kind.BROKER, "172.16.2.1") for account in small),
    ]

    linked = find_links(country, applicants, Steps(Console(quiet=True), plan_for(10, later=False, compiled=True)))

    assert (linked.rings, linked.accounts, linked.honest, linked.clients, linked.teams) == (1, 9, 1, 1, (1, 2))
