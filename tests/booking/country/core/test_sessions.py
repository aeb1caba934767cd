from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from booking.country.core import sessions
from booking.opening import open_core
from booking.platform.base.errors import SessionsUnavailableError
from booking.platform.models.states import Door, Role
from fraud.limiting.redis_client import connect, make_client
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours


@pytest.fixture
def core_without_a_store(core, tmp_path):
    client = make_client(f"unix://{tmp_path}/nobody.sock")
    yield replace(core, redis=client)
    client.close()


def begin(core, account_id=None, **named):
    return sessions.create(core, account_id=account_id, language="ar", door=Door.ABROAD, **named)[0]


def test_a_session_survives_a_restart_of_the_app(core, clock, database_url, redis_url):
    token = begin(core, uuid4(), roles=["officer"], office_id=7, form={"step": "offices"})
    before = sessions.read(core, token)

    with open_core(core.settings, database_url=database_url, redis_url=redis_url, clock=clock) as restarted:
        assert sessions.read(restarted, token) == before
    assert before.roles == {Role.OFFICER}
    assert (before.office_id, before.form) == (7, {"step": "offices"})


def test_a_visitor_has_a_session_before_signing_in(core):
    session = sessions.read(core, begin(core))

    assert session.account_id is None
    assert not session.roles
    assert len(session.csrf) >= 40


@pytest.mark.parametrize("token", ["", "x", "é\ud800", "x" * 100_000])
def test_a_made_up_token_has_no_session(core, token):
    assert sessions.read(core, token) is None
    sessions.delete(core, token)


def test_the_store_holds_neither_token_nor_form_in_plain_text(core):
    token = begin(core, uuid4(), form={"name": "سلمى الورد"})

    stored = b"".join(k + (core.redis.get(k) or b"") for k in core.redis.scan_iter("*session:*"))

    assert stored
    assert token.encode() not in stored
    assert b"name" not in stored


def test_a_session_copied_to_another_key_is_not_read(core):
    officer, visitor = begin(core, uuid4(), roles=["officer"]), begin(core)

    core.redis.set(_key(visitor), core.redis.get(_key(officer)))

    assert sessions.read(core, visitor) is None


def test_sessions_that_are_read_together_are_each_callers_own(core, clock):
    """Missing, planted, damaged and idle ones among them move nobody to another one's place, and fail nobody."""
    idle, citizen, officer = uuid4(), uuid4(), uuid4()
    left_alone = begin(core, idle, roles=["officer"])
    clock.advance(core.settings.staff_idle)
    tokens = {who: begin(core, who) for who in (citizen, officer)}
    planted, damaged = begin(core, uuid4()), begin(core, uuid4())
    core.redis.set(_key(planted), core.redis.get(_key(tokens[officer])))
    core.redis.set(_key(damaged), core.vault.encrypt('"no session"', _key(damaged)))
    asked = ["", tokens[officer], planted, left_alone, tokens[citizen], damaged, "made-up", tokens[officer]]

    found = sessions.read_all([sessions.Wanted(core, one, used=True) for one in asked])

    owners = [getattr(one, "account_id", None) for one in found]
    assert owners == [None, officer, None, None, citizen, None, None, officer]
    assert found[1] == sessions.read(core, tokens[officer])


def _key(token):
    return sessions._key(sessions._hash(token))


def test_sessions_expire_in_the_store(core):
    account_id = uuid4()
    begin(core, account_id)

    lifetime = core.settings.session_lifetime.total_seconds()
    assert all(0 < core.redis.ttl(key) <= lifetime for key in core.redis.scan_iter("*session*"))


def test_the_form_in_progress_is_replaced_and_nothing_else(core):
    token = begin(core)
    before = sessions.read(core, token)

    sessions.update_form(core, token, {"service": "passport-renewal", "name": "ليلى"})
    sessions.set_language(core, token, "en")

    after = sessions.read(core, token)
    assert after == replace(before, form={"service": "passport-renewal", "name": "ليلى"}, language="en")
    assert core.redis.ttl(_key(token)) > 0


def test_changes_from_two_tabs_at_once_are_all_kept(core):
    token = begin(core)

    with ThreadPoolExecutor(2) as threads:
        jobs = [threads.submit(sessions.update_form, core, token, {"turn": 9}) for _ in range(10)]
        jobs += [threads.submit(sessions.set_language, core, token, "en") for _ in range(10)]
    for job in jobs:
        job.result(PATIENCE)

    after = sessions.read(core, token)
    assert (after.form, after.language) == ({"turn": 9}, "en")


def test_an_ended_session_is_not_revived_by_a_late_form(core):
    token = begin(core)
    sessions.delete(core, token)

    assert sessions.update_form(core, token, {"late": True}) is None
    assert sessions.read(core, token) is None


def test_the_size_of_a_form_is_limited(core):
    token = begin(core)

    with pytest.raises(sessions.FormTooLargeError):
        sessions.update_form(core, token, {"words": "x" * sessions.LARGEST_FORM})


def test_all_sessions_of_an_account_end_and_no_others(core):
    account_id = uuid4()
    mine, other = [begin(core, account_id) for _ in range(3)], begin(core, uuid4())

    sessions.delete_all(core, account_id)
    sessions.delete_all(core, account_id)

    assert [sessions.read(core, token) for token in mine] == [None] * 3
    assert sessions.read(core, other) is not None


def test_every_call_fails_clearly_without_the_session_store(core_without_a_store):
    core = core_without_a_store
    calls = [
        lambda: begin(core),
        lambda: sessions.read(core, "token"),
        lambda: sessions.delete(core, "token"),
        lambda: sessions.delete_all(core, uuid4()),
        lambda: sessions.update_form(core, "token", {}),
    ]
    for call in calls:
        with pytest.raises(SessionsUnavailableError):
            call()


def test_a_connection_that_the_store_closed_is_opened_again(core, redis_url):
    token = begin(core, uuid4())
    assert sessions.read(core, token) is not None
    with connect(redis_url) as other:
        other.client_kill_filter(_type="normal", skipme=True)

    assert sessions.read(core, token) is not None


@pytest.mark.parametrize(
    ("roles", "minutes"), [(["officer"], 20), (["administrator"], 20), (["citizen"], 60), ([], 60)]
)
def test_a_session_that_nobody_uses_ends_sooner_for_staff(core, clock, roles, minutes):
    wanted = {"staff_idle": timedelta(minutes=20), "citizen_idle": timedelta(minutes=60)}
    idle, account = replace(core, settings=core.settings.model_copy(update=wanted)), uuid4()
    token, _ = sessions.create(idle, account_id=account, language="ar", door=Door.HOME, roles=roles)
    for _ in range(3):
        clock.advance(timedelta(minutes=minutes - 1))
        assert sessions.read(idle, token) is not None
    clock.advance(timedelta(minutes=minutes - 1))
    assert sessions.read(idle, token, used=False) is not None  # a page asks by itself what waits: nobody sits there
    clock.advance(timedelta(minutes=1))

    assert sessions.list_all(idle, account) == []
    assert sessions.read(idle, token) is None


def test_one_session_too_many_ends_the_one_used_longest_ago(core, clock):
    few, account = replace(core, settings=core.settings.model_copy(update={"sessions_at_most": 2})), uuid4()

    def begin():
        clock.advance(timedelta(minutes=6))
        return sessions.create(few, account_id=account, language="ar", door=Door.HOME)[0]

    first, second, waiting = begin(), begin(), sessions.create(few, account_id=None, language="ar", door=Door.HOME)[0]
    clock.advance(timedelta(minutes=6))
    sessions.read(few, first)
    third = begin()

    assert [sessions.read(few, one) is not None for one in (first, second, third, waiting)] == [True, False, True, True]
