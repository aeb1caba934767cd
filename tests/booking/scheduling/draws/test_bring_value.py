"""An administrator carries a value in: the right one alone is kept, it is on record, and the audits go on."""

import pytest
from sqlalchemy import select, text

from booking.people.staff.create import create_staff
from booking.platform.base.errors import ForbiddenError
from booking.platform.models import Account, AuditEntry, BeaconPart
from booking.platform.models.states import Role
from booking.scheduling.draws.beacon import bring_value
from booking.transparency.beacons.bring import AUDIT as FOR_RESULT
from booking.transparency.beacons.bring import Part
from booking.transparency.beacons.errors import BeaconError
from tests.booking.transparency.beacons.test_values import ROUND, SIGNATURE
from tests.support.country import PASSWORD


def staff(core, role):
    create_staff(
        core,
        username=role.value,
        password=PASSWORD,
        phone=f"094400000{len(role.value) % 10}",
        roles=[role],
        office_code=None,
        language="en",
        by=None,
    )
    with core.sessions() as session:
        return session.scalars(select(Account.id).where(Account.username == role.value)).one()


def test_only_the_right_value_of_an_administrator_is_kept_and_awaited_audits_go_on(world, office):
    office(1)
    world.ask("a")
    world.published()
    boss, analyst = staff(world.core, Role.ADMINISTRATOR), staff(world.core, Role.ANALYST)
    right = SIGNATURE.hex()
    part = Part(FOR_RESULT, bytes(32), 1, SIGNATURE).content.decode()
    wrong = [(str(ROUND + 1), right), (str(ROUND), right[2:]), (str(ROUND), "zz"), ("9" * 400, right), ("-1", right)]
    for number, content in (*wrong, ("", right), ("", part), ("", "[" * 9999)):
        with pytest.raises(BeaconError):
            bring_value(world.core, by=boss, number=number, content=content)
    with pytest.raises(ForbiddenError):
        bring_value(world.core, by=analyst, number=str(ROUND), content=right)
    with world.session() as session:
        assert session.scalars(select(BeaconPart)).all() == []

    arabic = str(ROUND).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert bring_value(world.core, by=boss, number=arabic, content=f" {right}\n")
    assert not bring_value(world.core, by=boss, number=str(ROUND), content=right)

    with world.session() as session:
        recorded = select(AuditEntry.account_id, AuditEntry.subject).where(AuditEntry.action == "beacon.brought")
        assert session.execute(recorded).all() == [(boss, str(ROUND))]
        jobs = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'publish_audit'")
        assert session.scalar(jobs) == 2, "one of the publication, one of the value"
