import pytest
from sqlalchemy import func, select

from booking.desk.plans.start import Where, start_plan
from booking.desk.plans.views import Step, plan_view
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import Request
from tests.support.country import an_account, an_origin
from tests.support.online_cases import a_caseworker

BANDS = frozenset({"morning", "midday", "afternoon"})
WHERE = Where(offices=("damascus",), bands=BANDS)
GOAL = "passport-renewal"


STUDENT = {"travel-permission.standing": "deferred-for-study"}


def view_of(man, answers=None):
    return plan_view(man.core, account_id=man.account, goal=GOAL, member_id=man.member, answers=answers)


def steps(view):
    return {line.service.code: line.step for line in view.lines if line.step is not Step.NOT_NEEDED}


def starts(man, where=WHERE, key=None, **more):
    return start_plan(
        man.core,
        account_id=more.get("account", man.account),
        goal=GOAL,
        member_id=man.member,
        where=where,
        origin=an_origin(),
        idempotency_key=key,
    )


def test_all_parts_that_can_be_started_are_started_once(core, man):
    view = view_of(man, STUDENT)
    assert steps(view) == {"study-deferral": Step.NOW, "travel-permission": Step.WAITS, GOAL: Step.NOW}
    assert (view.alone, view.visits) == (3, 1)

    started = starts(man, key="k")
    again = starts(man, key="k")

    assert list(started.requests) == [GOAL]
    assert (again.requests, again.replayed) == ({}, True)
    assert steps(view_of(man))[GOAL] is Step.ASKED
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 1
    with pytest.raises(InvalidInputError) as nothing_more:
        starts(man)
    assert nothing_more.value.errors[0].reason == "nothing_to_start"


def test_papers_in_the_register_count_as_held(core, man):
    man.gets("travel-permission", issued=core.today(), until=None)

    view = view_of(man)

    assert steps(view) == {"travel-permission": Step.HELD, GOAL: Step.NOW}
    assert (view.alone, view.questions) == (1, ())


def test_a_plan_asks_only_what_the_persons_papers_do_not_answer(core, man):
    view = view_of(man)
    assert [(one.code, one.answer) for one in view.questions] == [("travel-permission.standing", "")]
    assert steps(view) == {"travel-permission": Step.NOW, GOAL: Step.NOW}

    man.gets("study-deferral", issued=core.today(), until=None)
    view = view_of(man)
    assert view.questions[0].answer == "deferred-for-study"
    assert steps(view) == {"study-deferral": Step.HELD, "travel-permission": Step.NOW, GOAL: Step.NOW}


def test_a_wrong_wish_starts_nothing_and_other_peoples_plans_are_unknown(core, man):
    with pytest.raises(InvalidInputError):
        starts(man, Where(offices=("atlantis",), bands=BANDS))
    with pytest.raises(NotFoundError):
        starts(man, account=an_account(core))

    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_starting_a_plan_also_begins_forms_that_someone_would_handle(core, man):
    a_caseworker(core, "conscription")

    started = start_plan(
        core,
        account_id=man.account,
        goal=GOAL,
        member_id=man.member,
        where=WHERE,
        origin=an_origin(),
        answers=STUDENT,
    )

    assert (list(started.requests), list(started.drafts)) == ([GOAL], ["study-deferral"])
    lines = {line.service.code: line for line in view_of(man, STUDENT).lines}
    assert lines["study-deferral"].step is Step.BEGUN
    assert lines["study-deferral"].case.reference == started.drafts["study-deferral"]
    assert (lines["travel-permission"].step, lines[GOAL].step) == (Step.WAITS, Step.ASKED)
