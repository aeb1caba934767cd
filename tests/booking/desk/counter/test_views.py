from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.country.core.four_eyes import looked_for
from booking.desk.counter.arrive import check_in
from booking.desk.counter.views import day_sheet, find, find_line
from booking.platform.base.errors import FieldError, ForbiddenError, NotFoundError
from booking.platform.models import AuditEntry
from booking.platform.models.states import AppointmentState, Role
from booking.scheduling.appointments.attend import miss_after_closing, serve
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import a_colleague, an_account, eligible_number

pytestmark = pytest.mark.neighbours


@pytest.fixture
def clerk(country):
    return a_clerk(country)


def audited(core, clerk, prefix="counter."):
    of_them = AuditEntry.account_id == clerk, AuditEntry.action.startswith(prefix)
    with core.sessions() as session:
        rows = session.scalars(select(AuditEntry).where(*of_them).order_by(AuditEntry.sequence)).all()
        return [(row.action, row.subject, row.details) for row in rows]


@pytest.mark.alone
def test_the_sheet_lists_the_offices_day_in_order_of_time(country, clerk):
    today = [a_visit(country, name=name) for name in ("سامر الافتراضي", "ليلى الخيالية")]
    a_visit(country, office="aleppo")
    a_visit(country, days=4)
    a_visit(country, confirmed=False)
    country.clock.set(today[0].starts_at)
    check_in(country, officer_id=clerk, reference=today[0].reference)

    sheet = day_sheet(country, officer_id=clerk)

    assert {line.appointment.reference for line in sheet.lines} == {one.reference for one in today}
    assert sorted(line.people for line in sheet.lines) == [("سامر الافتراضي",), ("ليلى الخيالية",)]
    starts = [line.appointment.starts_at for line in sheet.lines]
    assert starts == sorted(starts)
    assert sheet.count(AppointmentState.CHECKED_IN) == 1
    assert sheet.count(AppointmentState.CONFIRMED) == 1


@pytest.mark.alone
def test_an_open_visit_is_shown_until_it_is_marked_served(country, clerk):
    visit = a_visit(country)
    country.clock.set(visit.starts_at)
    check_in(country, officer_id=clerk, reference=visit.reference)
    country.clock.advance(timedelta(days=1))
    assert miss_after_closing(country) == 0

    assert [line.appointment.reference for line in day_sheet(country, officer_id=clerk).left_open] == [visit.reference]
    serve(country, officer_id=clerk, reference=visit.reference)
    assert day_sheet(country, officer_id=clerk).left_open == ()


@pytest.mark.alone
@pytest.mark.parametrize("typed", ["احمد الافتراضي", "الإفتراضي أحمد", "أَحْمَد", "مد الاف"])
def test_a_name_is_found_in_any_spelling(country, clerk, typed):
    visit = a_visit(country, name="أحمد الافتراضي")
    a_visit(country, name="سعاد الخيالية")
    found = find(country, officer_id=clerk, text=typed)
    assert (found.by, [line.appointment.reference for line in found.lines]) == ("name", [visit.reference])


@pytest.mark.parametrize("typed", ["%", "_", "x' or 'x'='x"])
def test_wildcards_in_a_search_are_taken_literally(country, clerk, typed):
    a_visit(country)
    assert find(country, officer_id=clerk, text=typed).lines == ()


def test_a_number_is_found_by_its_hash_and_is_in_no_log(country, clerk):
    number = eligible_number(country)
    visit = a_visit(country, number=number)
    arabic = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (number, arabic, f"{number[:2]} {number[2:]}"):
        found = find(country, officer_id=clerk, text=typed)
        assert (found.by, [line.appointment.reference for line in found.lines]) == ("number", [visit.reference])
    whom = {"looked_for": looked_for(country, number)}
    assert audited(country, clerk) == [("counter.searched", "", {"by": "number", "found": 1, **whom})] * 3
    assert find(country, officer_id=clerk, text=eligible_number(country)).lines == ()


@pytest.mark.alone
def test_a_search_by_name_leaves_the_name_out_of_the_log(country, clerk):
    a_visit(country, name="أحمد الافتراضي")
    find(country, officer_id=clerk, text="أحمد")
    assert audited(country, clerk) == [("counter.searched", "", {"by": "name", "found": 1})]


def test_a_reference_is_found_with_dashes_and_misread_letters(country, clerk):
    visit = a_visit(country)
    typed = "-".join(visit.reference[n : n + 3] for n in (0, 3, 6)).lower()
    found = find(country, officer_id=clerk, text=typed)
    assert [line.appointment.reference for line in found.lines] == [visit.reference]
    assert audited(country, clerk) == [("counter.searched", visit.reference, {"by": "reference", "found": 1})]


def test_people_of_another_office_are_found_by_number_only_and_unnamed(country, clerk):
    number = eligible_number(country)
    a_visit(country, office="aleppo", number=number, name="أحمد الافتراضي")
    (line,) = find(country, officer_id=clerk, text=number).lines
    assert (line.ours, line.people, line.appointment.office.code) == (False, (), "aleppo")
    assert find(country, officer_id=clerk, text="أحمد").lines == ()


@pytest.mark.parametrize(("typed", "reason"), [(" ", "missing"), ("ا" * 81, "too_long"), ("123", "length")])
def test_an_unusable_search_is_refused_with_a_reason(country, clerk, typed, reason):
    with pytest.raises(FieldError) as refused:
        find(country, officer_id=clerk, text=typed)
    assert (refused.value.field, refused.value.reason) == ("text", reason)


def test_a_mistyped_reference_is_not_read_as_a_national_number(country, clerk):
    with pytest.raises(FieldError) as refused:
        find(country, officer_id=clerk, text="7K2-M9D-4QQ")
    assert refused.value.reason == "reference_misread"


def test_opening_an_appointment_of_another_day_is_logged(country, clerk):
    visit = a_visit(country)
    find_line(country, officer_id=clerk, reference=visit.reference)
    country.clock.set(visit.starts_at)
    find_line(country, officer_id=clerk, reference=visit.reference)
    assert audited(country, clerk, "counter.opened") == [("counter.opened", visit.reference, {})]
    with pytest.raises(ForbiddenError):
        find_line(country, officer_id=a_clerk(country, office="aleppo"), reference=visit.reference)
    with pytest.raises(NotFoundError):
        find_line(country, officer_id=clerk, reference="7K2M9D4QX")


def test_only_counter_clerks_see_the_day(country):
    for who in (an_account(country), a_colleague(country, Role.REVIEWER), a_colleague(country, Role.OFFICER)):
        with pytest.raises(ForbiddenError):
            day_sheet(country, officer_id=who)
        with pytest.raises(ForbiddenError):
            find(country, officer_id=who, text="أمل")
