from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from booking.requests.spent_proofs import spend


def test_of_32_that_spend_one_solution_at_once_one_does(core):
    together = Barrier(32)

    def spend_it(_):
        together.wait()
        return spend(core, "mark", lifetime=timedelta(minutes=1))

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(spend_it, range(32))) == 1
