"""Whose rows are held first where turns in several groups of services are written.

A request for several services writes turns that no index holds, so the database holds each of its people alone when it
is written, and when it counts again (migration 0045). Of two that come there with different rows in hand each would
wait for the other: so people are held before anything else. `docs/architecture.md` has the order of all.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, select
from sqlalchemy.orm import Session

from booking.platform.base.arrays import any_of
from booking.platform.models import Person, RequestErrand


def take_turns(session: Session, people: Collection[UUID]) -> None:
    """Hold people whose turns in several groups are written, until commit and before anything else of them is held.

    Two that write the same ones in different orders would wait in a ring, each for the turn that the other has
    written. Whoever writes one turn a person only refers to them, and is not stopped.
    """
    if people:
        _hold(session, Person.id == any_of(set(people), Uuid))


def take_turns_again(session: Session, requests: Collection[UUID]) -> None:
    """Hold the people of stored requests that are asked once more, or count again; see `take_turns`.

    Only those of requests for several services; a request never gets more of them. Nothing of the requests may be
    held yet.
    """
    if requests:
        of_several = select(RequestErrand.person_id).where(RequestErrand.request_id == any_of(set(requests), Uuid))
        _hold(session, Person.id.in_(of_several))


def _hold(session: Session, people: ColumnElement[bool]) -> None:
    session.execute(select(Person.id).where(people).order_by(Person.id).with_for_update(key_share=True))
