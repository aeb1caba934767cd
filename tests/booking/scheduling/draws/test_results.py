"""What people and the public learn of a draw."""

from datetime import timedelta

from sqlalchemy import select

from booking.platform.models import (
    Appointment,
    Draw,
    DrawEntry,
    Message,
)
from booking.platform.models.states import RequestState


def test_everyone_is_told_those_with_a_place_first_and_the_figures_add_up(world, office):
    office(1, code="b")
    office(1)
    references = [world.ask("a", "b") for _ in range(3)]

    world.published()

    with world.session() as session:
        kinds = session.scalars(select(Message.kind).order_by(Message.created_at)).all()
        told = {message.values["reference"] for message in session.scalars(select(Message))}
        figures = session.scalars(select(Draw.figures)).one()
        drawn = set(session.scalars(select(Appointment.reference)))
    assert kinds == ["request_drawn", "request_drawn", "request_carried_over"]
    assert told == drawn | {r for r in references if world.request(r).state is RequestState.CARRIED_OVER}
    assert (figures["asked_requests"], figures["served_requests"], figures["first_choice"]) == (3, 2, None)
    asked = {"asked": 3, "asked_people": 3, "served": 2, "served_people": 2, "share": 0.6667}
    assert figures["groups"]["service"] == {"fewer": asked}
    assert figures["gap"] == 0


def test_losers_learn_how_many_were_ahead_and_what_would_have_helped(world, office):
    office(1)
    office(1, 1, code="b", day=world.first_day + timedelta(days=2))
    office(5, code="abroad", abroad=True)
    references = [world.ask("a") for _ in range(3)]

    world.published()

    with world.session() as session:
        rows = session.scalars(select(DrawEntry).order_by(DrawEntry.position)).all()
    assert [(row.position, row.served, row.rank) for row in rows] == [(0, True, 0), (1, False, None), (2, False, None)]
    near = {"office": "b", "day": (world.first_day + timedelta(days=2)).isoformat()}
    assert [row.explanation for row in rows] == [
        {"ahead": 0},
        {"ahead": 1, "suggestion": near},
        {"ahead": 2, "suggestion": near},
    ]
    assert len(references) == 3


def test_nothing_is_suggested_where_nothing_would_have_helped(world, office):
    office(1)
    for _ in range(2):
        world.ask("a")

    world.published()

    with world.session() as session:
        lost = session.scalars(select(DrawEntry).where(~DrawEntry.served)).one()
    assert lost.explanation == {"ahead": 1, "suggestion": None}
