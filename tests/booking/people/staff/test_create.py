import pytest
from sqlalchemy import select

from booking.country.core import audit
from booking.country.core.four_eyes import SecondAdministratorNeededError, TwoRolesOnePersonError
from booking.people.accounts.sign_in import sign_in
from booking.people.staff.create import create_staff
from booking.platform.base.errors import InvalidInputError, UsernameTakenError
from booking.platform.models import Account, AuditEntry, Office
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.states import Door, Role

OFFICER = {
    "username": "officer.nour",
    "password": "a desk by the window",
    "phone": "0933123456",
    "roles": [Role.OFFICER],
    "office_code": None,
    "language": "en",
    "by": None,
}


@pytest.fixture
def an_office(core):
    with core.sessions.begin() as session:
        session.add(
            Office(
                code="berlin",
                kind=OfficeKind.CONSULATE,
                name_ar="برلين",
                name_en="Berlin",
                region_code="de",
                region_ar="ألمانيا",
                region_en="Germany",
                latitude=52.5,
                longitude=13.4,
                time_zone="Europe/Berlin",
                counters=2,
                accessible=True,
                opening=[],
            )
        )
    return "berlin"


def test_staff_sign_in_with_their_roles_and_office_and_it_is_logged(core, an_office, origin):
    account_id = create_staff(core, **OFFICER | {"office_code": an_office})

    login = sign_in(core, username="officer.nour", password="a desk by the window", origin=origin)
    assert login.roles == {Role.OFFICER}
    assert (login.door, login.phone_confirmed) == (Door.ABROAD, True)
    with core.sessions() as session:
        assert login.office_id == session.scalar(select(Office.id))
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.actor, entry.action, entry.subject) == ("system", "staff.created", str(account_id))
        assert entry.details == {"roles": ["officer"], "office": "berlin", "matched": False}
        assert audit.verify(session) == 1


def test_no_administrator_makes_an_account_alone(core):
    boss = create_staff(core, **OFFICER | {"username": "admin.one", "roles": [Role.ADMINISTRATOR]})

    with pytest.raises(SecondAdministratorNeededError):
        create_staff(core, **OFFICER | {"username": "friend", "phone": "0933123457", "by": boss})

    with core.sessions() as session:
        assert session.scalars(select(AuditEntry.actor)).all() == ["system"]
        assert session.scalar(select(Account).where(Account.username == "friend")) is None


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OFFICER, Role.CASEWORKER])
def test_one_phone_has_one_account_or_a_clerks_and_a_caseworkers(core, role):
    create_staff(core, **OFFICER)
    second = OFFICER | {"username": "nour.two", "roles": [role]}

    if role is Role.ADMINISTRATOR:
        with pytest.raises(TwoRolesOnePersonError):
            create_staff(core, **second)
    else:
        assert create_staff(core, **second)


def test_unusable_fields_are_reported_and_nothing_is_logged(core):
    with pytest.raises(InvalidInputError) as refused:
        create_staff(core, **OFFICER | {"roles": [], "phone": "12", "language": ""})
    assert {(e.field, e.reason) for e in refused.value.errors} == {
        ("roles", "missing"),
        ("phone", "invalid"),
        ("language", "unknown"),
    }

    for office in ("nowhere", "no\0where"):
        with pytest.raises(InvalidInputError):
            create_staff(core, **OFFICER | {"office_code": office})
    with core.sessions() as session:
        assert session.scalar(select(AuditEntry)) is None


def test_a_user_name_is_taken_once_among_staff_and_citizens(core, an_account):
    an_account("amal")

    with pytest.raises(UsernameTakenError):
        create_staff(core, **OFFICER | {"username": "AMAL"})
    with core.sessions() as session:
        assert session.scalar(select(AuditEntry)) is None
