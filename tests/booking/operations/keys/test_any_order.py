"""People are registered, found and sealed anew in any order, by processes that know different secrets."""

from contextlib import suppress
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.country.core.register import open_national_number, seal_national_number
from booking.operations.keys.rotate import begin_rotation
from booking.operations.keys.seal_anew import SEALED, seal_rows_anew
from booking.people.accounts.household import known_person
from booking.platform.models import Person
from booking.platform.models.states import Role
from tests.booking.operations.keys.processes import OLD
from tests.support.country import a_colleague

PERSONS = next(one for one in SEALED if one.table == "person")
ACTS = ("registers", "registers", "rotates", "seals")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.booleans(), st.integers(0, 2)), min_size=4, max_size=12)


def register(core, number):
    with core.sessions.begin() as session:
        known_person(session, core, seal_national_number(core.vault, number), date(1990, 5, 17))


def seal_one_batch(core):
    def broken_off(_):
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        seal_rows_anew(core, PERSONS, broken_off)


def take(steps, boss, one, other, typed):
    """Let two processes take steps, and then look for everybody with both."""
    for act, first, n in steps:
        core = one if first else other
        if act == "registers":
            register(core, typed.setdefault(n, f"{len(typed):02d}{n:09d}"))
        elif act == "rotates":
            begin_rotation(core, by=boss)
        else:
            seal_one_batch(core)
    for core in (one, other):
        with core.sessions() as session:
            people = session.scalars(select(Person)).all()
            assert sorted(open_national_number(core.vault, person) for person in people) == sorted(typed.values())
            hashes = {seal_national_number(core.vault, number).hash for number in typed.values()}
            assert {person.national_number_hash for person in people} == hashes


def test_nobody_is_doubled_or_lost_in_any_order_of_steps(process):
    secrets, typed = [OLD], {}

    with process(OLD) as core:
        boss = a_colleague(core, Role.ADMINISTRATOR)

    @settings(max_examples=4)
    @given(STEPS, STEPS)
    def in_any_order(beside, after):
        known = (f"{'the secret number':>20} {len(secrets):011d}", *secrets)
        registrations = [step for step in beside if step[0] == "registers"]
        with process(*secrets) as before, process(*known) as new:
            take(registrations, boss, before, new, typed)
        with process(*known) as one, process(*known) as other:
            take(after, boss, one, other, typed)
            begin_rotation(other, by=boss)
        secrets.insert(0, known[0])

    in_any_order()
