"""A process that asks and books through the real services, and says what was acknowledged, a line each."""

import itertools
from threading import Event

import redis
from sqlalchemy.exc import DBAPIError

from booking.country.core.core import Core
from booking.country.places.views import open_slots
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import MawidError
from booking.platform.models.states import Door, RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.ask import ask
from tests.support.country import START, a_member, a_wish, an_account, an_origin, cheap_settings


def book_once(core: Core, turn: int) -> None:
    account = an_account(core)
    wish = a_wish((a_member(core, account),))
    if turn % 2:
        with core.sessions() as session:
            slots = open_slots(session, door=Door.HOME, units=1, now=core.clock.now(), office_code="damascus")
        held = hold(core, account_id=account, slot_id=slots[0].slot_id, wish=wish, origin=an_origin())
        print("held", held.reference, flush=True)
        confirm_hold(core, account_id=account, reference=held.reference)
        print("confirmed", held.reference, flush=True)
    else:
        asked = ask(core, account_id=account, wish=wish, origin=an_origin())
        if asked.state is not RequestState.REFUSED:
            print("asked", asked.reference, flush=True)


def main(database_url: str, redis_url: str) -> None:
    settings = cheap_settings(database_pooled=False)
    with open_core(settings, database_url=database_url, redis_url=redis_url, clock=SettableClock(START)) as core:
        for turn in itertools.count():
            try:
                book_once(core, turn)
            except (DBAPIError, MawidError, redis.RedisError):
                Event().wait(0.02)  # a server is down: try again until it is back
