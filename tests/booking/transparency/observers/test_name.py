"""Two administrators name an observer; one alone ends it; a last day ends it by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from booking.country.core.four_eyes import ChangeOverError, SecondAdministratorNeededError
from booking.platform.base.errors import ForbiddenError, InvalidInputError
from booking.platform.models import Account, Observer
from booking.platform.models.log import ObserverState
from booking.platform.models.states import Role
from booking.transparency.observers.keys import ObserverKey
from booking.transparency.observers.name import WAITS, agree, end, find_observer, refuse
from tests.booking.transparency.observers.observed import named, proposed
from tests.support.country import a_colleague

KEY = ObserverKey.new("high-court")


@pytest.fixture
def boss(core):
    return a_colleague(core, Role.ADMINISTRATOR)


def state_of(core, observer_id):
    return find_observer(core, observer_id).state


def test_one_person_alone_names_no_observer_with_whichever_login(core, boss):
    observer = proposed(core, KEY, by=boss)
    other = a_colleague(core, Role.ADMINISTRATOR)
    with core.sessions.begin() as session:
        session.execute(
            update(Account).where(Account.id == other).values(phone_hash=session.get_one(Account, boss).phone_hash)
        )
    for one in (boss, other):
        with pytest.raises(SecondAdministratorNeededError):
            agree(core, by=one, observer_id=observer)
        with pytest.raises(DBAPIError, match="another administrator"), core.sessions.begin() as session:
            session.get_one(Observer, observer).decide(ObserverState.NAMED, at=core.clock.now(), by=one)
    with pytest.raises(ForbiddenError):
        agree(core, by=a_colleague(core, Role.ANALYST), observer_id=observer)
    assert state_of(core, observer) is ObserverState.PROPOSED

    agree(core, by=a_colleague(core, Role.ADMINISTRATOR), observer_id=observer)
    assert state_of(core, observer) is ObserverState.NAMED
    with pytest.raises(ChangeOverError):
        refuse(core, by=boss, observer_id=observer)


def test_the_database_keeps_an_observer_as_it_was_agreed(core):
    observer = named(core, KEY)
    changes = [
        *("public_key = decode(repeat('00', 32), 'hex')", "name = 'other'", "until = now()", "state = 'proposed'"),
        "decided_by = proposed_by",
    ]
    for change in changes:
        with pytest.raises(DBAPIError, match="stays as it was proposed"), core.sessions.begin() as session:
            session.execute(text(f"UPDATE observer SET {change} WHERE id = :id"), {"id": observer})  # noqa: S608
    with pytest.raises(DBAPIError, match="stays"), core.sessions.begin() as session:
        session.execute(text("DELETE FROM observer"))


def test_what_ended_gives_its_name_and_key_free_for_another_proposal(core, boss):
    first = named(core, KEY)
    with pytest.raises(InvalidInputError, match="key: taken"):
        proposed(core, ObserverKey("press", KEY.key))
    with pytest.raises(InvalidInputError, match="reason"):
        end(core, by=boss, observer_id=first, reason=" ")
    end(core, by=boss, observer_id=first, reason="its mandate is over")
    with pytest.raises(ChangeOverError):
        end(core, by=boss, observer_id=first, reason="again")

    second = named(core, KEY, last_day=core.today().isoformat())
    core.clock.advance(timedelta(days=1))
    assert state_of(core, second) is ObserverState.ENDED
    third = proposed(core, KEY)
    core.clock.advance(WAITS)
    with pytest.raises(ChangeOverError):
        agree(core, by=a_colleague(core, Role.ADMINISTRATOR), observer_id=third)
    assert state_of(core, proposed(core, KEY)) is ObserverState.PROPOSED


def test_a_form_is_refused_with_all_that_is_wrong_with_it(core):
    with pytest.raises(InvalidInputError, match="organisation: missing; last_day: past_day; reason: missing"):
        proposed(core, KEY, organisation=" ", last_day="2026-10-31", reason="")
    with pytest.raises(InvalidInputError, match="key: invalid_value"):
        proposed(core, ObserverKey("High-Court", KEY.key))
