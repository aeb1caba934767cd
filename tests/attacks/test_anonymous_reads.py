"""L2 and floods: what anyone may read costs no more than its class says, and one reader leaves the others their turn.

No attack on these succeeded before; nothing bounded one either, as reading the code showed: the whole of a process's
threads was for whoever asked first.
"""

import asyncio
import re
import time
import tracemalloc

import pytest

from api.incoming.costs import PAGE, PUBLISHED, SEARCH, cost_of
from tests.api.incoming.test_costs import routes
from tests.api.test_authorisation import OTHERS, declared
from tests.attacks.conftest import until
from tests.support.budgets import NETWORK, stop_time

REAL = {
    "/services/{code}": "/services/passport-renewal",
    "/api/v1/services/{code}": "/api/v1/services/passport-renewal",
}
QUERIES = {
    "/services": "?q=" + "جواز+سفر+" * 12,
    "/open-data/free-places.json": "?office=damascus&service=passport-renewal",
    "/open-data/free-places.ics": "?office=damascus&service=passport-renewal",
    "/api/v1/instant-slots": "?office=damascus&service=passport-renewal&people=6",
    "/instant/{door}/{service_code}": "?days=60",
}
POSTS = {"/status": {"reference": "7K2M9D4QX", "national_number": "01234567890"}, "/check": {"document": "9" * 4_000}}
MIB = 1 << 20
CROWD = 60


def open_to_all(app):
    """Addresses that anyone may read, with their class."""
    for (method, path), who in declared().items():
        if method == "GET" and who == "public" and (method, path) in routes(app):
            filled = re.sub(r"{(\w+)}", lambda name: OTHERS.get(name[1], "7K2M9D4QX"), REAL.get(path, path))
            yield filled + QUERIES.get(path, ""), cost_of(method, path)


def test_each_anonymous_read_stays_within_its_class(app, attacker, run):
    """The quickest of three calls counts: the first one of a process compiles its page."""
    over = []
    for address, cost in open_to_all(app):
        took = []
        for _ in range(3):
            began = time.process_time()
            answer = run(lambda address=address: attacker.call("GET", address))
            took.append((time.process_time() - began) * 1_000)
        tracemalloc.start()
        run(lambda address=address: attacker.call("GET", address))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answer.status < 500 or address.startswith("/readyz"), address
        if min(took) > cost.processor_ms or peak > cost.memory_mib * MIB:
            over.append((address, cost.name, round(min(took)), peak // 1024))

    assert over == []


@pytest.mark.parametrize("path", POSTS)
def test_each_anonymous_search_stays_within_its_class(attacker, run, path):
    took = []
    for _ in range(3):
        began = time.process_time()
        assert run(lambda: attacker.post(path, **POSTS[path])).status < 500
        took.append((time.process_time() - began) * 1_000)

    assert min(took) <= SEARCH.processor_ms


@pytest.mark.parametrize(
    ("cost", "path"), [(SEARCH, "/services?q=a"), (PUBLISHED, "/draws/none/files/plan.csv"), (PAGE, "/draws/none")]
)
def test_a_reader_of_another_network_does_not_wait_behind_a_crowd(app, attacker, run, cost, path):
    """All turns but those of other networks are taken, and a crowd waits."""
    queue, amal = app.state.budgets._queues[cost.name], attacker.elsewhere("198.51.100.20")
    crowd_key = app.state.budgets._hash(cost, NETWORK)
    stop_time(queue)

    async def attack():
        for _ in range(cost.of_network):
            await queue.enter(crowd_key)
        crowd = [asyncio.create_task(attacker.call("GET", path)) for _ in range(CROWD)]
        await until(lambda: queue.waiting == CROWD)
        hers = await amal.call("GET", path)
        waiting = queue.waiting
        for _ in range(cost.of_network):
            queue.leave(crowd_key)
        return hers, waiting, await asyncio.gather(*crowd)

    hers, waiting, crowd = run(attack)

    assert hers.status in {200, 404}
    assert waiting == CROWD
    assert {one.status for one in crowd} <= {200, 404}
    assert queue.working == 0
