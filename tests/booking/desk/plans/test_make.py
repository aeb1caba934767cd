from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.core.register import Holding, RegisterFacts
from booking.country.packs.service import PersonSpec, PrerequisiteSpec
from booking.desk.plans.make import LinkState, make_plan
from booking.people.prerequisites.chain import Part, WorkingDays, chain_of
from booking.people.prerequisites.standing import Subject, is_concerned

TODAY = date(2026, 11, 1)  # a Sunday
CALENDAR = WorkingDays(frozenset({4, 5}), frozenset({date(2026, 11, 9), date(2026, 12, 25)}))
CALLED_UP = PersonSpec(gender="male", min_age=18, max_age=42, register_lists="conscription")
MAN = RegisterFacts(None, application_pending=False, region="r", gender="male", listed=frozenset({"conscription"}))
BORN = date(2004, 5, 17)


def need(service, valid="when-asking", **more):
    return PrerequisiteSpec(code=service, service=service, valid=valid, **more)


def online(code, *rules, days=5, lasts=180):
    return Part(code, at_an_office=False, online=True, processing=days, lasts=lasts, rules=rules)


def at_an_office(code, *rules):
    return Part(code, at_an_office=True, online=False, rules=rules)


def parts(*several):
    return {part.code: part for part in several}


PASSPORT = parts(
    at_an_office("passport", need("permission", "on-the-day", concerns=CALLED_UP), need("photo", "on-the-day")),
    online("permission", need("deferral")),
    online("deferral", days=7, lasts=365),
)


def plan_of(catalogue, goal="passport", *, record=MAN, held=(), born=BORN, lead=7, **more):
    subject = Subject(born, "resident", record, tuple(held))
    return make_plan(goal, catalogue, subject, today=TODAY, lead=lead, calendar=CALENDAR, **more)


def states(plan):
    return {link.code: link.state for link in plan.links}


def test_a_student_needs_a_deferral_then_a_permission_then_a_passport():
    plan = plan_of(PASSPORT)

    deferral, permission, passport = plan.links
    assert [deferral.code, permission.code, passport.code] == ["deferral", "permission", "passport"]
    assert (deferral.ready, deferral.done) == (TODAY, date(2026, 11, 11))  # seven working days, one holiday
    assert (permission.ready, permission.done) == (date(2026, 11, 11), date(2026, 11, 18))
    assert permission.waits_for == ("deferral",)
    assert passport.waits_for == ()  # it must hold on the day; asking can begin now
    assert (plan.earliest, passport.done) == (date(2026, 11, 18), date(2026, 11, 18))
    assert passport.ready == TODAY


def test_a_person_missing_from_the_register_needs_nothing_first():
    for record in (None, RegisterFacts(None, application_pending=False, region="r", gender="male")):
        assert states(plan_of(PASSPORT, record=record))["permission"] is LinkState.NOT_NEEDED
    assert plan_of(PASSPORT, record=None).earliest == TODAY + timedelta(days=7)


def test_a_paper_held_on_the_day_needs_no_step_nor_do_its_prerequisites():
    held = [Holding("permission", TODAY - timedelta(days=100), TODAY + timedelta(days=80))]

    plan = plan_of(PASSPORT, held=held)

    assert states(plan) == {
        "deferral": LinkState.NOT_NEEDED,
        "permission": LinkState.HELD,
        "passport": LinkState.MISSING,
    }
    assert plan.links[1].held == held[0]


def test_a_paper_that_expires_before_the_day_must_be_asked_for_in_time():
    held = [Holding("permission", TODAY - timedelta(days=170), TODAY + timedelta(days=10))]

    plan = plan_of(PASSPORT, held=held, day=TODAY + timedelta(days=300))

    permission = plan.links[1]
    assert permission.state is LinkState.MISSING
    assert permission.ask_from == plan.day - timedelta(days=180)
    assert CALENDAR.after(permission.ask_by, 5) <= plan.day < CALENDAR.after(permission.ask_by + timedelta(days=1), 5)


def test_a_certificate_must_not_be_too_old_on_the_day():
    catalogue = parts(
        at_an_office("passport", need("clearance", "on-the-day", not_older_than_days=30)), online("clearance", days=3)
    )
    held = [Holding("clearance", TODAY - timedelta(days=24), None)]

    assert states(plan_of(catalogue, held=held, lead=6))["clearance"] is LinkState.HELD
    assert states(plan_of(catalogue, held=held, lead=7))["clearance"] is LinkState.MISSING


def test_a_paper_that_expires_during_another_step_is_asked_for_again():
    catalogue = parts(
        online("licence", need("course"), need("eye-test")), online("course", days=10), online("eye-test", days=1)
    )
    held = [Holding("eye-test", TODAY - timedelta(days=30), TODAY + timedelta(days=3))]

    assert states(plan_of(catalogue, "licence", held=held))["eye-test"] is LinkState.MISSING


def test_a_step_that_depends_on_an_answer_is_planned_once_it_is_given():
    catalogue = parts(
        at_an_office("passport", need("permission", "on-the-day")),
        online(
            "permission",
            need("deferral", when={"field": "standing", "answers": ["student"]}),
            need("discharge", when={"field": "standing", "answers": ["served"]}),
        ),
        online("deferral"),
        online("discharge"),
    )

    unknown = states(plan_of(catalogue))
    student = states(plan_of(catalogue, answers={"permission.standing": "student"}))

    assert {unknown["deferral"], unknown["discharge"]} == {LinkState.NOT_NEEDED}
    assert (student["deferral"], student["discharge"]) == (LinkState.MISSING, LinkState.NOT_NEEDED)


def test_textual_conditions_and_services_not_offered_block_nothing():
    words = PrerequisiteSpec(code="rent", name={"ar": "عقد", "en": "A lease"})
    catalogue = parts(at_an_office("passport", words, need("not-offered")))

    assert plan_of(catalogue).earliest == TODAY + timedelta(days=7)


def test_a_circle_of_prerequisites_in_the_database_is_cut():
    catalogue = parts(online("a", need("b")), online("b", need("a")))

    assert [link.code for link in plan_of(catalogue, "a").links] == ["b", "a"]


@pytest.mark.parametrize(("day", "concerned"), [(date(2022, 5, 16), False), (date(2022, 5, 17), True)])
def test_an_age_begins_on_the_birthday(day, concerned):
    assert is_concerned(CALLED_UP, Subject(BORN, "resident", MAN), day) is concerned


DAYS = st.integers(0, 40).map(lambda days: TODAY + timedelta(days=days))


@given(day=DAYS, working=st.integers(0, 15))
def test_counting_back_finds_the_last_possible_day(day, working):
    asked = CALENDAR.before(day, working)

    assert CALENDAR.after(asked, working) <= day < CALENDAR.after(asked + timedelta(days=1), working)


@st.composite
def catalogues(draw):
    """Some services of which each may need any of those before it; the last is at an office."""
    codes = [f"s{number}" for number in range(draw(st.integers(1, 6)))]
    made = []
    for number, code in enumerate(codes):
        goal = number == len(codes) - 1
        rules = tuple(
            need(
                other,
                draw(st.sampled_from(["when-asking", "on-the-day"])) if goal else "when-asking",
                not_older_than_days=draw(st.none() | st.integers(60, 90)),
            )
            for other in codes[:number]
            if draw(st.booleans())
        )
        lasts = draw(st.none() | st.integers(60, 200))
        made.append(
            at_an_office(code, *rules) if goal else online(code, *rules, days=draw(st.integers(0, 9)), lasts=lasts)
        )
    held = draw(
        st.lists(
            st.builds(
                lambda code, since, days: Holding(code, TODAY - timedelta(days=since), TODAY + timedelta(days=days)),
                st.sampled_from(codes),
                st.integers(0, 60),
                st.integers(-10, 90),
            ),
            max_size=4,
        )
    )
    return parts(*made), codes[-1], held


@given(catalogues(), st.integers(0, 20), st.integers(0, 60))
def test_a_plan_is_in_order_and_following_it_meets_the_day(made, lead, later):
    catalogue, goal, held = made
    plan = plan_of(catalogue, goal, held=held, lead=lead, day=TODAY + timedelta(days=later))
    links = {link.code: link for link in plan.links}
    codes = [part.code for part in chain_of(goal, catalogue)]

    assert [link.code for link in plan.links] == codes
    assert plan.earliest <= plan.day
    for link in plan.links:
        for rule in catalogue[link.code].rules:
            assert codes.index(rule.service) < codes.index(link.code)
    for link in (one for one in plan.links if one.state is LinkState.MISSING):
        assert TODAY <= link.ready <= link.ask_from <= link.ask_by
        assert link.ready <= link.done
        for first in link.waits_for:
            assert links[first].done <= link.ready
            assert links[first].ask_by <= link.ask_by
    for rule in catalogue[goal].rules:
        needed = links[rule.service]
        if rule.valid == "on-the-day" and needed.state is LinkState.MISSING:
            processing, lasts = catalogue[needed.code].processing, catalogue[needed.code].lasts
            for asked in (needed.ask_from, needed.ask_by):
                for issued in (asked, CALENDAR.after(asked, processing)):
                    assert issued <= plan.day
                    assert lasts is None or plan.day <= issued + timedelta(days=lasts)
                    age = rule.not_older_than_days
                    assert age is None or plan.day <= issued + timedelta(days=age)


@given(catalogues(), st.integers(0, 20), st.integers(0, 9))
def test_beginning_later_or_holding_less_never_ends_sooner(made, lead, wait):
    catalogue, goal, held = made
    subject = Subject(BORN, "resident", MAN, tuple(held))
    now = make_plan(goal, catalogue, subject, today=TODAY, lead=lead, calendar=CALENDAR)
    later = make_plan(goal, catalogue, subject, today=TODAY + timedelta(days=wait), lead=lead, calendar=CALENDAR)

    assert now.earliest <= later.earliest
    assert now.earliest <= plan_of(catalogue, goal, lead=lead).earliest
