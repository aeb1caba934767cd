"""Analysts see what the coming weeks may bring, by which method, and how far it is to be believed."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from booking.country.policy.quota_table import QuotaTable, Scope
from booking.platform.models import Appointment, AuditEntry, QuotaDraft, QuotaPolicy, Request
from booking.platform.models.states import AppointmentState, Pool, Role
from booking.scheduling.forecast.history import asked_by_week, came_by_week
from booking.scheduling.forecast.kept import EXAMPLE, JOB, OWN, learn
from tests.support.country import a_request


@pytest.fixture
def analyst(staff):
    """Sign an analyst in; again after a week."""
    return lambda: staff(Role.ANALYST, None).go("/language/en")


def test_the_page_says_when_the_history_is_short_or_empty(core, clock, analyst):
    learn(core, OWN)
    page = analyst().go("/analyst/forecast").text
    assert "there is nothing to forecast from" in page
    assert "That needs a history of who came." in page
    for _ in range(6):
        a_request(core)
    clock.advance(timedelta(days=7))
    learn(core, OWN)
    analyst = analyst()
    page = analyst.go("/analyst/forecast").text
    assert "There is 1 week of history." in page
    assert '<option value="damascus" selected>' in page
    assert 'role="img"' in page
    rows = list(csv.DictReader(io.StringIO(analyst.client.get("/analyst/forecast/weeks.csv").text)))
    assert {(row["office"], row["service"], row["mean"]) for row in rows} == {("damascus", "passport-renewal", "6.00")}
    assert len(rows) == 8
    assert analyst.go("/analyst/forecast?office=atlantis").status == 404
    assert analyst.go("/analyst/forecast?office=aleppo").status == 200


@pytest.fixture
def half_came(core, clock):
    """Twenty appointments of last week; to every second one nobody came."""
    for _ in range(20):
        a_request(core)
    clock.advance(timedelta(days=7))
    now = clock.now()
    with core.sessions.begin() as session:
        for place, request in enumerate(session.scalars(select(Request))):
            appointment = Appointment(
                reference=f"PAST{place:02d}",
                request=request,
                office_id=request.offices[0].office_id,
                state=AppointmentState.CONFIRMED if place % 2 else AppointmentState.CHECKED_IN,
                starts_at=now - timedelta(days=4),
                ends_at=now - timedelta(days=4, minutes=-15),
                confirm_by=now,
                created_at=now - timedelta(days=6),
            )
            session.add(appointment)
            appointment.end(AppointmentState.NO_SHOW if place % 2 else AppointmentState.SERVED, now)


def test_a_proposal_becomes_a_draft_that_is_not_yet_in_force(core, clock, analyst, half_came):
    assert asked_by_week(core, core.pack).to_numpy().tolist() == [
        ["damascus", "passport-renewal", clock.now().date() - timedelta(days=7), 20, 20, 20]
    ], "a week begins on a Sunday, and the one that runs is not counted"
    assert came_by_week(core, core.pack)[["appointments", "no_shows"]].to_numpy().tolist() == [[20, 10]]
    learn(core, OWN)
    analyst = analyst()
    page = analyst.go("/analyst/forecast").text
    assert '<th scope="row">Passport renewal</th><td>20</td><td>50%</td>' in page
    form = next(one for one in analyst.forms() if one.action == "/analyst/forecast/draft")
    analyst.post(form.action, form.fields)
    assert analyst.path.startswith("/analyst/quotas/drafts/")
    assert "Damascus Immigration and Passports Branch, every day: a row of its own" in analyst.text
    with core.sessions() as session:
        policy = session.scalar(select(QuotaPolicy).where(QuotaPolicy.active))
        draft = session.scalars(select(QuotaDraft)).one()
        before, after = (QuotaTable.read(one.shares, one.overrides).rows for one in (policy, draft))
        lent = after[Scope.parse("office.damascus")]
        kind = before[Scope.parse("kind.branch")]
        assert session.scalar(select(AuditEntry.action).order_by(AuditEntry.sequence.desc())) == "quotas.draft_begun"
    moved = lent.of(Pool.DRAW) - kind.of(Pool.DRAW)
    assert 0 < moved <= kind.of(Pool.WALK_IN) / 2
    assert lent.of(Pool.WALK_IN) + moved == kind.of(Pool.WALK_IN)
    assert sum(lent.values) == 1
    assert {scope for scope in after if scope not in before} == {Scope.parse("office.damascus")}


def waiting_jobs(core):
    with core.sessions() as session:
        return session.scalars(
            select(text("args ->> 'source'")).select_from(text("procrastinate_jobs")).where(text("task_name = :name")),
            {"name": JOB},
        ).all()


def test_the_example_is_learned_once_and_then_shown_in_both_languages(core, analyst):
    browser = analyst()
    for _ in range(2):
        assert "The forecast is being worked out" in browser.go("/analyst/forecast?source=example").text
    assert waiting_jobs(core) == [EXAMPLE]
    learn(core, EXAMPLE)
    page = browser.go("/analyst/forecast?source=example")
    assert (page.status, "Held by the 80 per cent band" in page.text) == (200, True)
    page = browser.go("/language/ar").go("/analyst/forecast?source=example")
    assert (page.status, "ضمن نطاق 80٪" in page.text) == (200, True)
    core.redis.set("{mawid}:forecast:example", b"planted")
    assert 'role="status"' in browser.go("/analyst/forecast?source=example").text, (
        "what somebody wrote there is not read"
    )
