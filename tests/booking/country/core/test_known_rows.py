"""The services in memory: as quick as memory, and never older than the seconds that they promise."""

from dataclasses import replace

import pytest
from sqlalchemy import event, func, select, update

from booking.country.catalogue import views as catalogue
from booking.country.catalogue.load import load_catalogue
from booking.country.core.known_rows import LOOK_EVERY_SECONDS, KnownServices, ServiceFiles, row_version
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Service
from booking.platform.models.states import Door


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def process(country, seconds):
    """The core of another process, which heard of nothing."""
    return replace(country, known_services=KnownServices(country.pack, country.languages, seconds))


@pytest.fixture
def statements(country):
    """Everything that the database is asked."""
    asked = []
    engine = country.sessions.kw["bind"]

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def withdraw(core, code):
    """Load the pack without one service, as a catalogue that no longer has it."""
    left = tuple(one for one in core.pack.services if one.code != code)
    load_catalogue(core, pack=core.pack.model_copy(update={"services": left}))


def found(core, words="رقم ضريبي", door=None):
    return [one.code for one in catalogue.find_services(core, words, door)]


def test_a_withdrawn_service_is_gone_here_at_once_and_elsewhere_in_seconds(country, process, seconds):
    assert found(country)[0] == found(process)[0] == "tax-number"

    withdraw(country, "tax-number")

    assert "tax-number" not in found(country)
    seconds.now += LOOK_EVERY_SECONDS - 0.1
    assert found(process)[0] == "tax-number"
    seconds.now += 0.1
    assert "tax-number" not in found(process)
    assert "tax-number" not in [one.code for one in catalogue.list_services(process)]
    with pytest.raises(NotFoundError):
        catalogue.find_service(process, "tax-number")


def test_rows_are_read_again_only_where_one_has_changed(process, seconds, statements):
    renewal = catalogue.find_service(process, "passport-renewal")
    assert len(statements) == 2
    found(process)
    assert len(statements) == 2

    seconds.now += LOOK_EVERY_SECONDS
    assert catalogue.find_service(process, "passport-renewal") is renewal
    assert len(statements) == 3

    with process.sessions.begin() as session:
        session.execute(update(Service).where(Service.code == "passport-renewal").values(name_en="Another name"))
    seconds.now += LOOK_EVERY_SECONDS
    assert catalogue.find_service(process, "passport-renewal").name_en == "Another name"


def test_an_office_is_shown_from_memory_without_a_look_at_the_database(country, statements):
    """Pages are made in the event loop, which every call of a process would wait for."""
    [code, *_] = [one.code for one in country.known_offices.read(country.sessions).values() if one.active]
    country.known_offices.look_again()
    statements.clear()

    assert catalogue.shown_office(country, code).code == code
    assert statements == []


def test_each_door_finds_its_own_services(process):
    at_home, abroad = ({one.code: one for one in catalogue.list_services(process, door)} for door in Door)
    code = next(code for code in at_home if code not in abroad)

    assert found(process, at_home[code].name_ar, Door.HOME)[0] == code
    assert set(found(process, at_home[code].name_ar, Door.ABROAD)) <= set(abroad)


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
