"""Files that take long: pages answer meanwhile, an account has one at a time, and a crowd is told to come back."""

import fcntl
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api.upload_threads import MOST
from tests.online_cases import INSURANCE
from tests.urgent_cases import a_photo

REFUSED = 3
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


def test_slow_files_hold_up_nobody_else(citizen, client, lock):
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
        answers = [one.result() for one in busy]
        later = [one.result().status_code for one in {*crowd, *twice} - busy - {second}]

    assert page.status_code == 200
    assert (second.result().status_code, second.result().json()["code"]) == (429, "upload_running")
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(503, "busy")}
    assert all(int(one.headers["retry-after"]) > 0 for one in [*answers, second.result()])
    assert 200 in later
    assert set(later) <= {200, 503}
