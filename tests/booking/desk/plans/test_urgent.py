"""An emergency goes on without a paper only where an officer says why; the person sees what to bring."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from booking.platform.base.errors import InvalidInputError
from booking.platform.models import Appointment, AuditEntry, UrgentDecision
from booking.platform.models.states import Role
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.ask import ask_urgent
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.open_case import open_case
from booking.scheduling.urgent.views import own_case_view
from tests.booking.desk.plans.test_checks import PERMISSION, asks
from tests.support.country import a_colleague
from tests.support.file_places import with_files_in
from tests.support.urgent_cases import APPROVE, Case, send_with_photo

WHY = "the operation is on that day, and the permission was promised by telephone"


@pytest.fixture
def core(core, tmp_path):
    """The country, with an evidence folder of this test alone."""
    return with_files_in(core, tmp_path)


@pytest.fixture
def officer(core):
    return a_colleague(core, Role.OFFICER, office="damascus")


@pytest.fixture
def claimed(core, man, officer):
    """A man's urgent case in an officer's hands; he lacks the permission to travel."""
    asked = asks(man)
    words = {"reason": "medical", "needed_by": core.today() + timedelta(days=10), "words": ""}
    reference = ask_urgent(core, account_id=man.account, request_reference=asked.reference, **words)
    case = Case(man.account, asked.reference, reference)
    send_with_photo(core, case)
    claim(core, officer_id=officer, reference=reference)
    return case


def the_missing(missing):
    return [(one.position, one.service.code, one.held) for one in missing]


def the_approval(core):
    with core.sessions() as session:
        return session.scalars(select(UrgentDecision)).one()


def day_of(appointment):
    return appointment.starts_at.astimezone(ZoneInfo("Asia/Damascus")).date()


def test_an_officer_sees_what_is_missing_and_must_justify_going_on(core, man, officer, claimed):
    opened = open_case(core, officer_id=officer, reference=claimed.reference)
    assert the_missing(opened.missing) == [(0, PERMISSION, False)]
    assert set(opened.missing[0].days) == {one.local_day for one in (*opened.places, *opened.added_places)}
    for nothing in ("", "  "):
        with pytest.raises(InvalidInputError, match="going_on: say_why_to_go_on"):
            approve(core, officer_id=officer, reference=claimed.reference, going_on=nothing, **APPROVE)
    with pytest.raises(InvalidInputError, match="going_on: too_long"):
        approve(core, officer_id=officer, reference=claimed.reference, going_on="x" * 2001, **APPROVE)
    with core.sessions() as session:
        assert session.scalars(select(Appointment)).all() == []

    approve(core, officer_id=officer, reference=claimed.reference, going_on=f" {WHY} ", **APPROVE)

    details = the_approval(core).details
    assert (details["missing"], details["going_on"]) == ([{"person": 0, "service": PERMISSION}], WHY)
    with core.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "urgent.approval")).one()
        appointment = session.scalars(select(Appointment)).one()
    assert entry.details["going_on"] == WHY
    own = own_case_view(core, account_id=man.account, request_reference=claimed.request)
    assert the_missing(own.missing) == [(0, PERMISSION, False)]
    man.gets(PERMISSION, issued=core.today(), until=day_of(appointment))
    assert own_case_view(core, account_id=man.account, request_reference=claimed.request).missing == ()


def test_an_expiring_paper_is_missing_on_the_days_after_it(core, man, officer, claimed):
    places = open_case(core, officer_id=officer, reference=claimed.reference).places
    first = min(one.local_day for one in places)
    man.gets(PERMISSION, issued=core.today(), until=first)
    later = next(one for one in places if one.local_day > first)

    missing = open_case(core, officer_id=officer, reference=claimed.reference).missing

    assert the_missing(missing) == [(0, PERMISSION, True)]
    assert first not in missing[0].days
    assert later.local_day in missing[0].days
    words = APPROVE | {"slot_id": later.slot_id}
    with pytest.raises(InvalidInputError, match="going_on"):
        approve(core, officer_id=officer, reference=claimed.reference, **words)
    good = next(one for one in places if one.local_day == first)
    approve(core, officer_id=officer, reference=claimed.reference, going_on=WHY, **APPROVE, slot_id=good.slot_id)
    assert "going_on" not in the_approval(core).details, "nothing was missing on that day"
