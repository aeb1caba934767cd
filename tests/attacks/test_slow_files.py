"""M1: 44 uploads of one slow PDF froze every page for 36 s: they waited in the threads of pages.

It succeeded on the version without threads for files; seen by attacking a running site. Nobody else's file was taken
meanwhile on the version that let eight in and refused the rest, whoever they were, as its code shows.
"""

import asyncio
import fcntl
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from api.incoming import upload_threads
from api.incoming.costs import CONVERT
from booking.country.core import sessions
from booking.eservices.online.begin import begin_case
from booking.platform.models.states import Door
from tests.attacks.conftest import until
from tests.support.country import a_member, an_account
from tests.support.online_cases import INSURANCE
from tests.support.urgent_cases import a_photo

UPLOADS = 44


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "scanner.lock"


@pytest.fixture
def core(country, lock):
    """A site whose scanner waits as long as somebody holds the lock, as for a slow PDF."""
    settings = country.settings.model_copy(update={"evidence_check_command": ("flock", str(lock), "true")})
    return replace(country, settings=settings)


@contextmanager
def held(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def a_case(core):
    """Begin a case of a new account; return its token and where its paper goes."""
    account = an_account(core)
    case = begin_case(core, account_id=account, service=INSURANCE, member_id=a_member(core, account))
    token, _ = sessions.create(
        core, account_id=account, language="en", door=Door.HOME, roles=("citizen",), lifetime=timedelta(hours=1)
    )
    return token, f"/api/v1/online/cases/{case}/papers/registration"


def test_44_slow_files_of_one_network_stop_neither_pages_nor_files(core, attacker, run, lock):
    cases = [a_case(core) for _ in range(UPLOADS)]
    hers = a_case(core)
    amal = attacker.elsewhere("198.51.100.20")

    async def send(who, case):
        token, path = case
        headers = {"content_type": "image/jpeg", "authorization": f"Bearer {token}"}
        return await who.call("POST", path, a_photo(1), **headers)

    async def attack():
        with held(lock):
            crowd = [asyncio.create_task(send(attacker, one)) for one in cases]
            most = CONVERT.of_network + CONVERT.waiting
            await until(lambda: sum(one.done() for one in crowd) >= UPLOADS - most)
            pages = [await amal.call("GET", "/how") for _ in range(20)]
            mine = asyncio.create_task(send(amal, hers))
            await until(lambda: upload_threads.QUEUE.working == CONVERT.at_once or mine.done())
            assert not mine.done()
            waiting = upload_threads.QUEUE.waiting
        done = await asyncio.gather(*crowd)
        return pages, await mine, done, waiting

    pages, mine, crowd, waiting = run(attack)

    assert {page.status for page in pages} == {200}
    assert mine.status == 200
    assert waiting == CONVERT.waiting
    assert {one.status for one in crowd} == {200, 503}
    assert all(int(one.headers["retry-after"]) > 0 for one in crowd if one.status == 503)


def test_one_account_has_one_file_looked_at_and_does_not_queue_a_second(core, attacker, run, lock):
    token, path = a_case(core)
    headers = {"content_type": "image/jpeg", "authorization": f"Bearer {token}"}

    async def attack():
        with held(lock):
            first = asyncio.create_task(attacker.call("POST", path, a_photo(1), **headers))
            await until(lambda: upload_threads.QUEUE.working)
            second = await attacker.call("POST", path, a_photo(2), **headers)
        return second.status, (await first).status

    assert run(attack) == (429, 200)
