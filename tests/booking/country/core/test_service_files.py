"""A service's file is kept for as long as its row is the same, and no longer."""

from sqlalchemy import func, select, update

from booking.country.core.known_rows import ServiceFiles, row_version
from booking.platform.models import Service

FIRST = select(func.min(Service.id)).scalar_subquery()


def test_a_file_that_one_transaction_changes_twice_is_read_after_each(country):
    files, found = ServiceFiles(), []
    with country.sessions() as session:
        number, spec = session.execute(select(Service.id, Service.spec).where(Service.id == FIRST)).one()
        for name in ("first", "second"):
            changed = spec | {"name": {"ar": name, "en": name}}
            session.execute(update(Service).where(Service.id == number).values(spec=changed))
            version = session.scalars(select(row_version(Service)).where(Service.id == number)).one()
            found.append(files.of(session, number, version).name["en"])
        session.rollback()

    assert found == ["first", "second"]
