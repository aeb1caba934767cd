"""A helper reads that an appointment was changed, and not what became of it: the consent was for one request."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.desk.helpers.register import helper_figures
from booking.desk.helpers.views import overview, person
from booking.platform.models import Request
from booking.platform.models.states import RequestState
from booking.scheduling.appointments.change_time import change_time
from booking.scheduling.appointments.respond import cancel, move
from tests.booking.desk.helpers.helped import a_helper, agreed, ask_it, helper_id_of, owner_of
from tests.booking.scheduling.appointments.changing import placed
from tests.support.country import an_origin, eligible_number
from tests.support.free_slots import free_slots


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def shop(core):
    return a_helper(core)


@pytest.fixture
def somebody(core):
    """Who the person is, whom the shop helps again and again."""
    return {"phone": "+963966000999", "number": eligible_number(core)}


@pytest.fixture
def helped(core, shop, somebody):
    """A consent whose request has a confirmed appointment, and what says which one it is."""
    consent = agreed(core, shop, **somebody)
    reference = placed(core, ask_it(core, shop, consent).reference, free_slots(core)[0])
    return consent, {"account_id": owner_of(core, consent).id, "reference": reference}


def seen(core, shop, consent):
    shown = person(core, by=shop, consent_id=consent)
    [listed] = [one for one in overview(core, by=shop).people if one.consent_id == consent]
    assert listed.asked_again == shown.asked_again
    return shown.request.state, shown.asked_again


def another_time(core, which):
    return change_time(core, **which, slot_id=free_slots(core)[5].slot_id, origin=an_origin()).reference


def test_a_changed_time_is_not_shown_as_withdrawn(core, shop, helped):
    consent, which = helped
    assert seen(core, shop, consent) == (RequestState.DRAWN, False)
    which["reference"] = another_time(core, which)
    assert seen(core, shop, consent) == (RequestState.WITHDRAWN, True)
    shown = person(core, by=shop, consent_id=consent)
    assert (shown.request.reference == which["reference"], shown.appointment.state) == (False, "cancelled")


def test_what_goes_on_as_another_request_counts_once_among_the_helpers(core, shop, helped):
    _, which = helped
    which["reference"] = another_time(core, which)
    move(core, **which)

    with core.sessions() as session:
        assert len(session.scalars(select(Request).where(Request.helper_id.is_not(None))).all()) == 3
        figures = helper_figures(session, core, helper_id_of(core, shop))
    assert (figures.requests, figures.reviewed.of, figures.refused.of, figures.withdrawn.of) == (1, 1, 1, 1)


def test_a_move_into_a_later_draw_is_a_change_too(core, shop, helped):
    consent, which = helped
    move(core, **which)
    assert seen(core, shop, consent) == (RequestState.WITHDRAWN, True)


def test_what_was_given_up_stays_withdrawn_whatever_comes_after(core, shop, helped, somebody):
    consent, which = helped
    cancel(core, **which)
    assert seen(core, shop, consent) == (RequestState.WITHDRAWN, False)
    core.clock.advance(timedelta(minutes=1))
    ask_it(core, shop, agreed(core, shop, **somebody))
    assert seen(core, shop, consent) == (RequestState.WITHDRAWN, False)


def test_another_consents_request_that_changes_is_not_the_first_one(core, shop, helped, somebody):
    consent, which = helped
    cancel(core, **which)
    core.clock.advance(timedelta(minutes=1))
    again = agreed(core, shop, **somebody)
    reference = placed(core, ask_it(core, shop, again).reference, free_slots(core)[1])
    another_time(core, {**which, "reference": reference})
    assert seen(core, shop, again) == (RequestState.WITHDRAWN, True)
    assert seen(core, shop, consent) == (RequestState.WITHDRAWN, False)
