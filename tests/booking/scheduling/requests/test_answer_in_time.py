"""An appeal has a last day, is escalated once when it is over, and its answer comes in words."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.country.figures.waits import measure_waits, public_waits
from booking.people.reaching.notice_text import write_short
from booking.platform.models import Appeal, Message, Request
from booking.platform.models.states import Role
from booking.scheduling.requests.appeals import Due, count_appeals, due, list_appeals
from booking.scheduling.requests.review import appeal, decide_review, escalate_appeals
from booking.scheduling.requests.views import request_view
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import START, a_colleague


@pytest.fixture
def officers(country):
    return [a_colleague(country, Role.OFFICER, office="damascus") for _ in range(2)]


@pytest.fixture
def appealed(country, officers):
    account, reference = under_review(country)
    decide_review(country, officer_id=officers[0], reference=reference, accept=False, note="I see one person")
    appeal(country, account_id=account, reference=reference, words="we are two sisters")
    return account, reference


def test_the_last_day_to_answer_comes_from_policy_and_everyone_sees_it(country, appealed):
    account, reference = appealed
    last_day = country.today() + timedelta(days=14)
    assert request_view(country, account, reference).appeal_answer_by == last_day
    [line] = list_appeals(country)
    assert (line.appeal.answer_by, line.due) == (last_day, Due.IN_TIME)
    [told] = notices(country, account, "appeal_received")
    assert "موظف آخر" in told


def notices(core, account, kind):
    with core.sessions() as session:
        rows = session.scalars(select(Message).where(Message.account_id == account, Message.kind == kind)).all()
        return [write_short(kind, core.languages["ar"], row.values | {"page": "mawid.test"}) for row in rows]


def test_an_overdue_appeal_is_escalated_once_and_comes_first(country, appealed, officers):
    account, reference = appealed
    country.clock.advance(timedelta(days=11))
    assert list_appeals(country)[0].due is Due.SOON
    country.clock.advance(timedelta(days=3))
    assert escalate_appeals(country) == 0
    country.clock.advance(timedelta(days=1))
    assert (escalate_appeals(country), escalate_appeals(country)) == (1, 0)
    assert count_appeals(country) == {Due.OVERDUE: 1, Due.SOON: 0, Due.IN_TIME: 0}

    decide_review(country, officer_id=officers[1], reference=reference, accept=False, note="one face on both cards")

    assert list_appeals(country) == []
    view = request_view(country, account, reference)
    assert (view.note, view.appeal) == ("one face on both cards", "rejected")
    assert len(notices(country, account, "appeal_rejected")) == 1
    assert len(notices(country, account, "request_refused")) == 1  # the first decision alone


def test_withdrawing_the_request_ends_the_wait_for_an_answer(country, appealed):
    account, reference = appealed
    withdraw(country, account_id=account, reference=reference)
    country.clock.advance(timedelta(days=40))
    assert (list_appeals(country), escalate_appeals(country)) == ([], 0)


@pytest.mark.parametrize(("days", "word"), [(-1, "overdue"), (0, "soon"), (3, "soon"), (4, "in_time")])
def test_a_due_day_is_classified_by_the_days_left(days, word):
    assert due(START.date() + timedelta(days=days), START.date()) == word


def test_waits_are_public_from_five_appeals_and_count_open_ones(country, officers, appealed):
    assert public_waits(country) == []
    with country.sessions.begin() as session:
        for number in range(5):
            request = session.scalars(select(Request).order_by(Request.created_at).limit(1)).one()
            first = session.scalars(select(Appeal)).first()
            session.add(
                Appeal(
                    request_id=request.id,
                    verdict_id=first.verdict_id,
                    words="as before",
                    state="upheld",
                    created_at=country.clock.now() - timedelta(days=10),
                    answer_by=country.today(),
                    decided_at=country.clock.now() - timedelta(days=10) + timedelta(hours=number + 1),
                    decided_by=officers[1],
                )
            )
        session.execute(
            update(Appeal).where(Appeal.state == "open").values(created_at=country.clock.now() - timedelta(days=30))
        )
    measure_waits(country)
    measure_waits(country)
    [row] = public_waits(country)
    assert (row.what, row.counted, row.median, row.worst) == ("appeal", 5, 3 * 3600, 30 * 86400)
