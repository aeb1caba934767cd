"""Somebody of each role, with what each works on, so that their pages have forms; made anew for each round."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from benchmarks.hostile_inputs.site import Actor, Site
from booking.country.core.core import Core
from booking.desk.counter.closing import ask_to_close
from booking.platform.base.errors import MawidError
from booking.platform.models.states import Door, Role
from booking.scheduling.urgent.ask import ask_urgent
from tests.booking.antifraud.gate.people import an_appointment
from tests.booking.desk.counter.standing import a_counter_request
from tests.booking.desk.helpers.helped import a_helper, agreed
from tests.support.country import a_colleague, a_member, a_request, an_account
from tests.support.decisions import a_question
from tests.support.online_cases import CLEARANCE, a_filled_draft, a_posted_case, with_agency
from tests.support.urgent_cases import a_case_with_officers

HOME: Final = "damascus"
NOBODY: Final = Actor("nobody")
_log = structlog.get_logger("hostile.people")


def everyone(site: Site) -> list[Actor]:
    """Make people, their requests and cases, and colleagues of every role; what cannot be made now is left out."""
    core = site.core
    made: list[Actor] = [NOBODY]
    supervisor = a_colleague(core, Role.SUPERVISOR, office=HOME)
    made.append(Actor("supervisor", supervisor))
    for role in sorted(set(Role) - {Role.CITIZEN, Role.SUPERVISOR, Role.HELPER}):
        agency = "justice" if role in {Role.CASEWORKER, Role.CASE_SUPERVISOR} else None
        office = None if agency or role in {Role.ANALYST, Role.ADMINISTRATOR} else HOME
        made.append(Actor(role.value, a_colleague(core, role, office=office, agency=agency)))
    for door, name in ((Door.HOME, "citizen"), (Door.ABROAD, "expatriate")):
        account = an_account(core, door=door, language="en")
        a_member(core, account)
        made.append(Actor(name, account))
    account, _ = a_request(core)
    made.append(Actor("citizen with a request", account))
    account, asked = a_request(core)
    _try(lambda: _ask_urgent(core, account, asked.reference))
    made.append(Actor("citizen with an urgent case", account))
    made.append(Actor("citizen with a case", a_filled_draft(core, CLEARANCE).account))
    helper = a_helper(core)
    _try(lambda: agreed(core, helper))
    made.append(Actor("helper", helper))
    day = core.today() + timedelta(days=2)
    for make in (
        lambda: an_appointment(core),
        lambda: a_case_with_officers(core),
        lambda: with_agency(core),
        lambda: a_posted_case(core, HOME),
        lambda: a_question(core, HOME),
        lambda: a_counter_request(core, supervisor),
        lambda: ask_to_close(core, officer_id=supervisor, day=day, counters=0, reason="no power"),
    ):
        _try(make)
    site.touched()  # what was made here, nobody refused
    return made


def _ask_urgent(core: Core, account: UUID, reference: str) -> None:
    day = core.today() + timedelta(days=10)
    ask_urgent(core, account_id=account, request_reference=reference, reason="medical", needed_by=day, words="a letter")


def _try(make: Callable[[], object]) -> None:
    try:
        make()
    except (
        MawidError,
        AssertionError,
        IndexError,
    ) as error:  # earlier rounds may have used the last place, or closed it
        _log.info("left_out", why=type(error).__name__)
