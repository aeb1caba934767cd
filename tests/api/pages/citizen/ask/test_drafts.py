"""Requests in progress, read for many at once: each is its owner's alone."""

from uuid import uuid4

from api.pages.citizen.ask import drafts
from booking.platform.models.states import Door


def test_a_draft_planted_in_the_store_is_refused_and_stops_no_other(core):
    thief, owner = (drafts.Owner(core, uuid4(), Door.HOME) for _ in range(2))
    for one in (thief, owner):
        drafts.keep_step(core, one.account_id, one.door, people=[1])
    theirs, ours = (f"{{mawid}}:draft:{one.account_id}:home" for one in (thief, owner))
    core.redis.hset(theirs, "people", core.redis.hget(ours, "people"))

    planted, read = drafts.read_drafts([thief, owner])

    assert isinstance(planted, Exception)
    assert read == ({"people": [1]}, {})
