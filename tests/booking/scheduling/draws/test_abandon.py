"""A draw that is given up: who took part waits on as if it had never closed, and everyone reads why."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.country.core import audit
from booking.platform.base.errors import DrawNotReadyError, InvalidInputError
from booking.platform.models import AuditEntry, Draw, Request
from booking.platform.models.states import DrawState, RequestState
from booking.scheduling.draws import draw as draws

WHY = {"reason": "The power was out for a day.", "by": "an administrator"}


def turns(world):
    """What the next draw would go by: priority, owed turns and link of each request."""
    with world.session() as session:
        return session.execute(
            select(
                *(Request.reference, Request.state, Request.lost_draws, Request.owed_turns),
                *(Request.link_draw, Request.link_list, Request.link_row),
            ).order_by(Request.reference)
        ).all()


def test_an_abandoned_draw_leaves_every_turn_as_it_was(world, office):
    office(1)
    for lost in (0, 2):
        world.ask("a", lost=lost)
        world.ask("a", lost=lost, state=RequestState.UNDER_REVIEW)
    world.draw("d1")
    before = turns(world)
    draws.close(world.core, "d1")
    assert turns(world) != before

    draws.abandon(world.core, "d1", **WHY)

    assert turns(world) == before
    with pytest.raises(DrawNotReadyError):
        draws.run(world.core, "d1")
    world.published("d2")
    assert sorted(row.lost_draws for row in turns(world)) == [1, 1, 2, 3]


def test_whoever_abandons_a_draw_leaves_a_name_and_a_reason(world, office):
    world.draw("d1")
    draws.abandon(world.core, "d1", **WHY)
    assert draws.abandon(world.core, "d1", reason="Another one.", by="x").reason == WHY["reason"]

    again = {"opens_at": world.clock.now(), "closes_at": world.clock.now() + timedelta(hours=1)}
    days = {"horizon_first": world.first_day, "horizon_last": world.first_day}
    with pytest.raises(InvalidInputError):
        draws.announce(world.core, reference="d2", again="d3", **again, **days)
    draw = draws.announce(world.core, reference="d2", again="d1", **again, **days)

    assert (draw.again_of, draw.again_reason) == ("d1", WHY["reason"])
    with world.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "draw.abandoned")).one()
        assert entry.details == {"by": WHY["by"], "was": "open", "reason": WHY["reason"]}
        assert audit.verify(session)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 201, "a\x1bbell"])
def test_a_draw_is_abandoned_only_for_a_readable_reason(world, reason):
    world.draw("d1")
    with pytest.raises(InvalidInputError):
        draws.abandon(world.core, "d1", reason=reason, by="x")


def test_a_drawn_draw_cannot_be_abandoned(world, office):
    office(1)
    world.closed("d1")
    draws.run(world.core, "d1")

    with pytest.raises(DrawNotReadyError):
        draws.abandon(world.core, "d1", **WHY)
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Draw).where(Draw.state == DrawState.DRAWN)) == 1
