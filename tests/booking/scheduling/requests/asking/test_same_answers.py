"""On random days a batch answers each attempt as one by one would have, and leaves as much behind."""

from dataclasses import asdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.country.core.idempotency import fingerprint_of
from booking.platform.models import Request, RequestMember
from booking.platform.models.states import LIVE_REQUEST_STATES
from booking.scheduling.requests.ask import Attempt
from booking.scheduling.requests.asking.check_form import Asking
from booking.scheduling.requests.keep import Asked
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.scheduling.requests.asking.answers import answered
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.effort import examples

CITIZENS = 3
ATTEMPTS = st.tuples(
    st.integers(0, CITIZENS - 1),
    st.integers(0, CITIZENS - 1),  # whose people: somebody else's are unknown
    st.sampled_from([(0,), (1,), (0, 1)]),
    st.sampled_from(["passport-renewal", "replacement-lost", "no-such-service"]),
    st.sampled_from([None, "one", "two"]),
    st.booleans(),
)


def a_world(core):
    """Make some accounts of two people each; two worlds are alike and share nobody."""
    accounts = [an_account(core) for _ in range(CITIZENS)]
    return [(account, (a_member(core, account), a_member(core, account))) for account in accounts]


def attempts(core, world, day, number):
    made = []
    for who, whose, people, service, key, accessible in day:
        wish = a_wish(
            tuple(world[whose][1][one] for one in people),
            service=service,
            accessible=accessible,
            reason="lost" if service == "replacement-lost" else None,
        )
        keyed = key and f"{key} of {number}"
        made.append(Attempt(Asking(core, world[who][0], wish, an_origin()), keyed, fingerprint_of(asdict(wish))))
    return made


def told(answers):
    """Say what became of each; a kept one by the place of the first with its reference, which may be another one's."""
    references = [one.reference if isinstance(one, Asked) else None for one in answers]
    return [
        (references.index(one.reference), one.replayed) if isinstance(one, Asked) else type(one).__name__
        for one in answers
    ]


def left_behind(core, world):
    """Count the live people of a world's requests, then end these, so that the next day begins alike."""
    accounts = [account for account, _ in world]
    with core.sessions() as session:
        mine = select(Request).where(Request.account_id.in_(accounts), Request.state.in_(LIVE_REQUEST_STATES))
        live = session.scalars(mine).all()
        people = session.scalar(
            select(func.count()).where(RequestMember.request_id.in_([one.id for one in live]), RequestMember.live)
        )
    for one in live:
        withdraw(core, account_id=one.account_id, reference=one.reference)
    return len(live), people


def test_a_batch_and_one_by_one_come_to_the_same(country):
    together, alone = a_world(country), a_world(country)
    number = iter(range(1_000))

    @settings(max_examples=examples(6, nightly=12), suppress_health_check=list(HealthCheck))
    @given(st.lists(ATTEMPTS, min_size=2, max_size=7))
    def come_to_the_same(day):
        country.redis.flushdb()  # limits of the days before
        key = next(number)
        batch = answered(attempts(country, together, day, key))
        single = [answered([one])[0] for one in attempts(country, alone, day, key)]

        assert told(batch) == told(single)
        assert left_behind(country, together) == left_behind(country, alone)

    come_to_the_same()
