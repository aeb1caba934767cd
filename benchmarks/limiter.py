"""Time one six-subject decision against a trivial script call through the same client, in turn.

Run with ``python benchmarks/limiter.py``; it starts its own server, once in memory and once with each write on disk.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from booking.embedded import EmbeddedValkey
from fraud.limiter import Limit, Limiter, make_client

ROUNDS = 9
CALLS = 1_000
SUBJECTS = ("network", "device", "account", "person", "phone", "office")
POLICY = {"ask": tuple(Limit(subject, timedelta(hours=1), 1_000) for subject in SUBJECTS)}


def timed(call: Callable[[int], object]) -> list[float]:
    """Return the seconds that each of ``CALLS`` calls took."""
    seconds = []
    for number in range(CALLS):
        start = time.perf_counter()
        call(number)
        seconds.append(time.perf_counter() - start)
    return seconds


def table(url: str, title: str) -> None:
    """Print p50 and p99 of each call, and the median over rounds of its p50 against the trivial script's."""
    client = make_client(url)
    limiter = Limiter(client, b"a benchmark's key, 32 bytes long", POLICY)
    trivial = client.script_load("return 1")
    calls: dict[str, Callable[[int], object]] = {
        "PING": lambda _: client.ping(),
        "trivial EVALSHA": lambda _: client.evalsha(trivial, 0),
        "six subjects": lambda number: limiter.attempt("ask", {name: f"{name} {number}" for name in SUBJECTS}),
    }
    cuts: dict[str, list[list[float]]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            cuts[name].append(statistics.quantiles(timed(call), n=100))
    print(f"{title:<32}{'p50 us':>8}{'p99 us':>8}{'p50 of trivial':>16}")
    for name, rounds in cuts.items():
        ratio = statistics.median(
            one[49] / other[49] for one, other in zip(rounds, cuts["trivial EVALSHA"], strict=True)
        )
        p50, p99 = (statistics.median(cut[place] for cut in rounds) * 1e6 for place in (49, 98))
        print(f"{name:<32}{p50:>8.0f}{p99:>8.0f}{ratio:>16.2f}")
    print(f"decisions made without the server: {limiter.counts()['degraded']}\n")


def main() -> None:
    """Print both tables."""
    for durable in (False, True):
        with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder), durable=durable) as server:
            table(server.url, "each write on disk" if durable else "in memory")


if __name__ == "__main__":
    main()
