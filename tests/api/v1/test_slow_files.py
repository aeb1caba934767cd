"""Files that take long: pages answer meanwhile, an account has one at a time, and a crowd is told to come back."""

import asyncio
import fcntl
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api.door.arriving import MOST as MOST_BODIES
from api.incoming.costs import CONVERT
from tests.api.one_call import scope_of
from tests.support.online_cases import INSURANCE
from tests.support.urgent_cases import a_photo

REFUSED = 3
MOST = CONVERT.of_network + CONVERT.waiting
PATIENCE = 60


@pytest.fixture
def lock(tmp_path) -> Path:
    return tmp_path / "scanner.lock"


@pytest.fixture
def core(country, lock):
    """A site whose scanner waits as long as somebody holds the lock."""
    settings = country.settings.model_copy(update={"evidence_check_command": ("flock", str(lock), "true")})
    return replace(country, settings=settings)


@contextmanager
def held(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def send(person, case, shade=1):
    headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "image/jpeg"}
    return person.client.post(f"/api/v1{case}/papers/registration", content=a_photo(shade), headers=headers)


def begin(person):
    begun = person.post("/online/cases", {"service": INSURANCE, "person": person.members[0]})
    return person, f"/online/cases/{begun.json()['reference']}"


def test_slow_uploads_do_not_delay_others(citizen, client, lock):
    amal, *others = [begin(citizen()) for _ in range(MOST + REFUSED)]
    with ThreadPoolExecutor(2 * MOST) as senders:
        with held(lock):
            twice = [senders.submit(send, *amal, shade) for shade in (1, 2)]
            [second], _ = wait(twice, PATIENCE, FIRST_COMPLETED)
            crowd = [senders.submit(send, *one) for one in others]
            busy = set()
            while len(busy) < REFUSED:
                done, _ = wait(set(crowd) - busy, PATIENCE, FIRST_COMPLETED)
                assert done, "every file waits"
                busy |= done
            page = client.get("/how")
        answers = [one.result(PATIENCE) for one in busy]
        later = [one.result(PATIENCE).status_code for one in {*crowd, *twice} - busy - {second}]

    assert page.status_code == 200
    assert (second.result(PATIENCE).status_code, second.result(PATIENCE).json()["code"]) == (429, "upload_running")
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(503, "busy")}
    assert all(int(one.headers["retry-after"]) > 0 for one in [*answers, second.result(PATIENCE)])
    assert 200 in later
    assert set(later) <= {200, 503}


def test_only_the_newest_slow_uploads_of_an_account_go_on(citizen, client):
    """All lie in memory as they come; whoever is back after the network broke is not kept out by what they left."""
    amal, case = begin(citizen())
    headers = {"authorization": f"Bearer {amal.token}", "content-type": "image/jpeg"}
    scope = scope_of("POST", f"/api/v1{case}/papers/registration", headers)

    async def post(waits, hung_up):
        pieces, said = [{"type": "http.request", "body": a_photo(1)[:1_000], "more_body": True}], []

        async def receive():
            if pieces:
                return pieces.pop()
            waits.set()
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def note(message):
            said.append(message.get("status"))

        await client.app({**scope, "state": {}}, receive, note)
        return said[0]

    async def all_of_them():
        hung_up, sent = asyncio.Event(), []
        for number in range(MOST_BODIES + 2):
            waits = asyncio.Event()
            sent.append(asyncio.create_task(post(waits, hung_up)))
            await asyncio.wait_for(waits.wait(), PATIENCE)
            if number >= MOST_BODIES:
                await asyncio.wait_for(sent[number - MOST_BODIES], PATIENCE)
        done = [one.done() for one in sent]
        hung_up.set()
        return done, await asyncio.gather(*sent)

    done, answers = client.portal.call(all_of_them)
    assert done == [True, True] + [False] * MOST_BODIES
    assert answers == [429, 429] + [400] * MOST_BODIES
