"""Random series of closings and drawings, each broken off or disturbed between any two of its slices."""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from booking.platform.base.errors import DrawNotReadyError, DrawRunningError, IllegalMoveError
from booking.platform.models import (
    Appointment,
    AppointmentPlaces,
    Draw,
    DrawEntry,
    DrawOutcome,
    Message,
    Request,
    SlotPool,
)
from booking.platform.models.states import WAITING_FOR_DRAW, DrawState, Pool, RequestState
from booking.scheduling.draws import apply, begun, beside, closing
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.announce import found
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.rows import locked_request
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.scheduling.draws.emptying import empty
from tests.support.effort import examples

OFFICE = "a"
EXAMPLES = settings(
    max_examples=examples(5, nightly=10),
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
happenings = st.dictionaries(
    st.integers(0, 9), st.sampled_from(["crash", "crash", "withdraw", "review", "abandon"]), max_size=3
)
"""What happens before a slice of a closing or drawing, by its number."""


class PowerOutError(Exception):
    """The process ends here."""


class Days(RuleBasedStateMachine):
    """People ask, draws close and are drawn, and processes die meanwhile."""

    world = None
    happens: ClassVar[dict[int, str]] = {}
    slices = 0

    @initialize(places=st.lists(st.integers(0, 2), min_size=4, max_size=4))
    def begin(self, places):
        empty(self.world)
        self.world.office(OFFICE)
        self.world.slots(OFFICE, self.world.first_day, {Pool.DRAW: places})
        self.number, self.before = 0, {}

    @rule(party=st.integers(1, 2), lost=st.integers(0, 2))
    def ask(self, party, lost):
        if not self.reference(DrawState.CLOSED):
            self.world.ask(OFFICE, party=party, lost=lost)

    @rule(happens=happenings)
    def close(self, happens):
        reference = self.reference(DrawState.OPEN)
        if reference is None and self.reference(DrawState.CLOSED) is None:
            self.number += 1
            reference = self.world.draw(f"d{self.number}")
        if reference is not None:
            self.disturbed(draws.close, reference, happens)

    @rule(happens=happenings)
    def run(self, happens):
        reference = self.reference(DrawState.CLOSED)
        if reference is not None:
            self.disturbed(draws.run, reference, happens)

    def teardown(self):
        for state, step in ((DrawState.OPEN, draws.close), (DrawState.CLOSED, draws.run)):
            if (reference := self.reference(state)) is not None:
                step(self.world.core, reference)
        if (reference := self.reference(DrawState.DRAWN)) is not None:
            draws.publish(self.world.core, reference)
            assert verify_files(self.world.files(reference)).ok
            self.what_was_drawn_is_given()
        assert self.reference(DrawState.CLOSED) is None

    @invariant()
    def what_was_drawn_is_given(self):
        with self.world.session() as session:
            for draw in session.scalars(select(Draw).where(Draw.state.in_([DrawState.DRAWN, DrawState.PUBLISHED]))):
                self.check_given(session, draw)
            of_pools = session.scalar(select(func.sum(SlotPool.taken))) or 0
            of_people = session.scalar(select(func.sum(AppointmentPlaces.places))) or 0
            stated = select(func.count()).where(Draw.state == DrawState.CLOSED, Draw.drawn_at.is_not(None))
            assert of_pools >= of_people
            assert of_pools == of_people or session.scalar(stated)

    def check_given(self, session, draw):
        """Everybody who waited has a place or the next turn, once, and was told so, once."""
        assert not session.scalar(select(DrawOutcome).limit(1))
        told = Counter(
            session.scalars(select(Message.account_id).where(Message.values["draw"].astext == draw.reference))
        )
        placed = Counter(session.scalars(select(Appointment.request_id).where(Appointment.draw_id == draw.id)))
        for entry, request in session.execute(
            select(DrawEntry, Request)
            .join(Request, Request.id == DrawEntry.request_id)
            .where(DrawEntry.draw_id == draw.id)
        ):
            assert entry.served is not None
            if request.state is RequestState.DRAWN and request.draw_id == draw.id:
                assert (placed[request.id], told[request.account_id], entry.served) == (1, 1, True)
            elif request.state in WAITING_FOR_DRAW and request.draw_id == draw.id:
                assert (placed[request.id], told[request.account_id], entry.served) == (0, 1, False)
            else:
                assert told[request.account_id] == placed[request.id] + (not entry.served) * told[request.account_id]
            if (request.link_draw, request.link_list) == (draw.reference, "line"):
                assert request.link_row == entry.leaf_index
                assert request.lost_draws - request.owed_turns == entry.priority + (not entry.served)

    def disturbed(self, step, reference, happens):
        """Do a step of a draw while things happen; a draw that was given up leaves all turns as they were."""
        type(self).happens, type(self).slices = dict(happens), 0
        before = self.standing() if step is draws.close and reference not in self.before else None
        if before is not None:
            self.before[reference] = before
        try:
            step(self.world.core, reference)
        except (PowerOutError, DrawNotReadyError):
            pass
        finally:
            type(self).happens = {}
        with self.world.session() as session:
            given_up = found(session, reference).state is DrawState.ABANDONED
        if given_up:
            now, then = self.standing(), self.before[reference]
            assert {key: now[key] for key in then} == then

    @classmethod
    def happen(cls):
        """Let happen what is to happen before this slice."""
        what = cls.happens.pop(cls.slices, None)
        cls.slices += 1
        if what == "crash":
            raise PowerOutError
        if what == "abandon":
            with cls.world.session() as session:
                reference = session.scalars(
                    select(Draw.reference).where(Draw.state.in_([DrawState.OPEN, DrawState.CLOSED]))
                ).one()
            try:
                draws.abandon(cls.world.core, reference, reason="The power was out.", by="an administrator")
            except DrawNotReadyError:  # it has a result already
                return
        if what in {"withdraw", "review"}:
            cls.leave(what)

    @classmethod
    def leave(cls, how):
        """Somebody who waits withdraws, or an officer looks at them again."""
        with cls.world.session() as session:
            waits = select(Request).where(Request.state.in_(WAITING_FOR_DRAW)).order_by(Request.id).limit(1)
            request = session.scalar(waits)
        if request is None:
            return
        if how == "withdraw":
            try:
                withdraw(cls.world.core, account_id=request.account_id, reference=request.reference)
            except (DrawRunningError, IllegalMoveError):  # a closed draw counts on it
                return
        else:
            with cls.world.core.sessions.begin() as session:
                locked_request(session, request.reference).move_to(RequestState.UNDER_REVIEW)

    def reference(self, state):
        with self.world.session() as session:
            return session.scalar(select(Draw.reference).where(Draw.state == state))

    def standing(self):
        """What the next draw goes by, of each request."""
        with self.world.session() as session:
            rows = session.execute(
                select(
                    *(Request.reference, Request.lost_draws, Request.owed_turns, Request.lasting_draws),
                    *(Request.link_draw, Request.link_list, Request.link_row),
                )
            ).all()
        return {row.reference: tuple(row) for row in rows}


@pytest.fixture
def small_slices(monkeypatch, shared_world):
    """Slices of one or two requests, one after the other, and something that may happen before each."""
    for module, name in ((closing, "_BOUND_AT_ONCE"), (begun, "_AT_ONCE"), (apply, "_AT_ONCE")):
        monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(beside, "BESIDE", 1)
    real_begin, real_give_out = begun.Ours.begin, apply._give_out

    def begin(ours):
        Days.happen()
        return real_begin(ours)

    def give_out(*args):
        Days.happen()
        return real_give_out(*args)

    monkeypatch.setattr(begun.Ours, "begin", begin)
    monkeypatch.setattr(apply, "_give_out", give_out)
    monkeypatch.setattr(Days, "world", shared_world)


@pytest.mark.usefixtures("small_slices")
def test_no_series_of_interruptions_loses_or_doubles_a_turn_or_a_place():
    run_state_machine_as_test(Days, settings=EXAMPLES)
