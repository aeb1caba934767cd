"""The steps of what was asked for, state by state: one step is where it stands, and nothing follows a stop."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest

from api.i18n import load_words
from api.pages.shared.case_timelines import case_steps, post_steps, urgent_steps
from api.pages.shared.timelines import ACT, DONE, NEXT, NOW, STOPPED, request_steps
from booking.platform.base.settings import Settings
from booking.platform.models.online.case import OnlineState, OriginalsState, PaperWay
from booking.platform.models.states import AppointmentState, RequestState, UrgentState

AT = datetime(2026, 11, 1, 6, tzinfo=UTC)
ZONE = "Asia/Damascus"
A, R = AppointmentState, RequestState


@dataclass(frozen=True)
class Office:
    time_zone: str = ZONE
    name_ar: str = "دمشق"
    name_en: str = "Damascus"


@dataclass(frozen=True)
class Visit:
    """What a timeline reads of an appointment."""

    state: A
    at_once: bool = False
    office: Office = field(default_factory=Office)
    starts_at: datetime = AT
    confirm_by: datetime = AT


@dataclass(frozen=True)
class View:
    """What a timeline reads of a request, a case, or papers; each test fills what it is about."""

    state: object
    appointment: Visit | None = None
    created_at: datetime = AT
    appeal: str | None = None
    appeal_answer_by: date | None = None
    frozen: bool = False
    next_draw: object = None
    payment: object = None
    originals: object = None
    due_on: date | None = date(2026, 11, 9)
    submitted_at: datetime | None = AT
    way: PaperWay = PaperWay.POST
    last_day: date = date(2026, 11, 20)
    arrived_at: datetime | None = None
    sent_back_at: datetime | None = None
    office: Office = field(default_factory=Office)
    closes_at: datetime = AT

    @property
    def case(self):
        return self


@pytest.fixture(scope="module", params=["ar", "en"])
def words(request):
    return load_words(Settings(_env_file=None))[request.param]


def shape(steps):
    assert all(step.title for step in steps)
    return "".join({DONE: "x", NOW: "o", ACT: "!", NEXT: "-", STOPPED: "#"}[step.state] for step in steps)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(R.SUBMITTED), "xo----"),
        (View(R.CHALLENGED), "x!----"),
        (View(R.UNDER_REVIEW, appeal="open", appeal_answer_by=date(2026, 11, 3)), "xo----"),
        (View(R.REFUSED), "x#"),
        (View(R.ACCEPTED), "xxo---"),
        (View(R.CARRIED_OVER, next_draw=View(None), frozen=True), "xxo---"),
        (View(R.HELD, Visit(A.OFFERED, at_once=True)), "xx!-"),
        (View(R.DRAWN, Visit(A.OFFERED)), "xxxx!-"),
        (View(R.DRAWN, Visit(A.CONFIRMED)), "xxxxxo"),
        (View(R.COMPLETED, Visit(A.SERVED)), "xxxxxx"),
        (View(R.LAPSED, Visit(A.LAPSED)), "xxxx#"),
        (View(R.LAPSED, Visit(A.NO_SHOW)), "xxxxx#"),
        (View(R.WITHDRAWN, Visit(A.CANCELLED)), "xxxxx#"),
        (View(R.WITHDRAWN), "xx#"),
        (View(R.LAPSED), "xx#"),
        (View(R.CARRIED_OVER, Visit(A.CANCELLED)), "xxo---"),
    ],
)
def test_a_request_stands_at_one_step_whatever_its_state(words, view, expected):
    assert shape(request_steps(view, words, ZONE)) == expected


def test_who_lacks_something_acts_and_a_draw_says_until_when(words):
    waiting = View(R.ACCEPTED, next_draw=View(None))

    assert shape(request_steps(waiting, words, ZONE, lacks=True)) == "xx!---"
    step = request_steps(waiting, words, ZONE)[2]
    assert words.instant(AT, ZONE) in step.when
    assert request_steps(replace(waiting, frozen=True), words, ZONE)[2].when == ""


@pytest.mark.parametrize("state", list(UrgentState))
def test_every_state_of_an_urgent_request_has_its_step(words, state):
    assert sum(step.state in {NOW, ACT, STOPPED} for step in urgent_steps(View(state), words, ZONE)) == 1


@pytest.mark.parametrize("state", list(OnlineState))
def test_every_state_of_a_service_asked_for_online_has_its_step(words, state):
    view = View(state, originals=View(OriginalsState.AWAITED))

    steps = shape(case_steps(view, words, ZONE))

    assert steps.strip("x-") in {"o", "!", "#", ""}
    assert ("#" in steps) == (state in {"refused", "revoked", "withdrawn", "lapsed"})


@pytest.mark.parametrize("state", list(OriginalsState))
def test_every_state_of_papers_by_post_has_its_step(words, state):
    expected = {"arrived": "xo-", "sent_back": "xxx", "given_up": "#"}.get(state, "!--")
    assert shape(post_steps(View(OnlineState.SUBMITTED, originals=View(state)), words)) == expected
    assert post_steps(View(OnlineState.SUBMITTED), words) == []
