from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from booking.scheduling.requests.prove import spend
from tests.support.waiting import PATIENCE


def test_only_one_of_32_simultaneous_spends_succeeds(core):
    together = Barrier(32, timeout=PATIENCE)

    def spend_it(_):
        together.wait()
        return spend(core, "mark", lifetime=timedelta(minutes=1))

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(spend_it, range(32))) == 1
