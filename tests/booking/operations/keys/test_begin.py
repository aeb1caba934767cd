"""Who may put another secret into use, and which."""

from datetime import timedelta

import psycopg
import pyotp
import pytest
from sqlalchemy import select

from booking.operations.keys.allow import asks_for_code
from booking.operations.keys.rotate import begin_rotation, waits_for_use
from booking.operations.keys.seal_anew import RotationError
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.second_factor import keep
from booking.platform.base.errors import ForbiddenError
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.settings import SecondFactor
from booking.platform.models import KeyCheck
from booking.platform.models.states import Role
from tests.booking.operations.keys.processes import LATER, NEW, OLD
from tests.support.country import a_colleague
from tests.support.roles import a_strangers_login


def test_only_an_administrator_replaces_the_secret_with_a_fresh_code(process, clock):
    with process(OLD) as before:
        boss, analyst = a_colleague(before, Role.ADMINISTRATOR), a_colleague(before, Role.ANALYST)
        app = pyotp.random_base32()
        with before.sessions.begin() as session:
            keep(session, before, account_id=boss, secret=app, step=0)
        assert not waits_for_use(before)
    with process(NEW, OLD) as core:
        assert waits_for_use(core)
        assert asks_for_code(core, by=boss)
        for who, code, refused in (
            (analyst, "", ForbiddenError),
            (boss, "", WrongSecondFactorError),
            (boss, pyotp.TOTP(app).at(clock.now() - timedelta(hours=1)), WrongSecondFactorError),
        ):
            with pytest.raises(refused):
                begin_rotation(core, by=who, code=code)
        with core.sessions() as session:
            assert len(session.scalars(select(KeyCheck)).all()) == 1

        assert begin_rotation(core, by=boss, code=pyotp.TOTP(app).at(clock.now()))
        assert not begin_rotation(core, by=boss), "it is in use already"


def test_a_login_that_is_not_mawids_keeps_no_secret_in_use_by_its_name(process, database_url):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with (
        process(NEW, OLD) as core,
        a_strangers_login(database_url) as stranger,
        psycopg.connect(**libpq_parameters(stranger), application_name="mawid 0001"),
    ):
        assert begin_rotation(core, by=boss)


def test_who_must_have_a_second_step_and_has_none_replaces_nothing(process):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with (
        process(NEW, OLD, staff_second_factor=SecondFactor.REQUIRED) as core,
        pytest.raises(WrongSecondFactorError),
    ):
        begin_rotation(core, by=boss)


def test_a_secret_that_was_replaced_never_comes_back(process):
    with process(OLD) as before:
        boss = a_colleague(before, Role.ADMINISTRATOR)
    with process(NEW, OLD) as core:
        begin_rotation(core, by=boss)
    with process(OLD, NEW) as core, pytest.raises(RotationError, match="was in use before: make a new one"):
        begin_rotation(core, by=boss)
    with process(LATER, NEW, OLD) as core:
        assert begin_rotation(core, by=boss)
