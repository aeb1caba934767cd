"""Time one six-limit decision against a trivial script call and against three libraries, in turn, in one run.

Run with ``python benchmarks/limiter.py [ROUNDS]``; it starts its own server, in memory, and once more with each write
on disk. Every way judges six limits for each attempt (six calls of a library: none judges several at once), over
redis-py and one unix socket: `limits` by its sliding window counter, as it has no cell rate, `pyrate-limiter` and
`throttled-py` by their generic cell rate. "Bare" is a trivial script that is sent like ours, packed in advance, so that
nothing but the script itself differs.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import limits
import redis
from pyrate_limiter import GCRA, Duration, Rate, RateItem, RedisStateStore, StateBucket
from throttled import Throttled, rate_limiter, store

from booking.platform.embedded import EmbeddedValkey
from fraud.limiting.limiter import Limit, Limiter, make_client
from fraud.limiting.redis_script import Script

CALLS = 500
PEOPLE = 200
CLIENTS = 32
CALLS_EACH = 40
SUBJECTS = ("network", "device", "account", "person", "phone", "office")
POLICY = {"ask": tuple(Limit(subject, timedelta(hours=1), 100_000) for subject in SUBJECTS)}
TRIVIAL = "trivial EVALSHA, redis-py"

Call = Callable[[int], object]


def trivial_call(client: redis.Redis) -> Call:
    """Return 1 through redis-py."""
    sha = client.script_load("return 1")
    return lambda _: client.evalsha(sha, 0)


def bare_call(client: redis.Redis) -> Call:
    """Return a text, sent like ours."""
    script = Script(client, "return 'x'")
    prepared = script.prepare([], b"")
    return lambda _: script.run(prepared, ())


def our_call(client: redis.Redis) -> Call:
    """Charge six subjects in one call."""
    limiter = Limiter(client, b"a benchmark's key, 32 bytes long", POLICY)
    return lambda number: limiter.attempt("ask", {name: f"{name} {number % PEOPLE}" for name in SUBJECTS}).allowed


def limits_call(client: redis.Redis) -> Call:
    """Charge six subjects, one after the other, with limits."""
    storage = limits.storage.RedisStorage("redis://", connection_pool=client.connection_pool)
    strategy = limits.strategies.SlidingWindowCounterRateLimiter(storage)
    rate = limits.RateLimitItemPerHour(100_000)
    return lambda number: all(strategy.hit(rate, name, str(number % PEOPLE)) for name in SUBJECTS)


def pyrate_call(client: redis.Redis) -> Call:
    """Charge six subjects, one after the other, with pyrate-limiter; a bucket for each key, as it wants."""
    rates, algorithm = [Rate(100_000, Duration.HOUR)], GCRA()
    buckets: dict[str, StateBucket] = {}

    def put(key: str) -> object:
        if key not in buckets:
            buckets[key] = StateBucket(rates, algorithm, RedisStateStore(client, key))
        return buckets[key].put(RateItem(key, time.time_ns() // 1_000_000))

    return lambda number: all(put(f"pyrate:{name}:{number % PEOPLE}") for name in SUBJECTS)


def throttled_call(client: redis.Redis) -> Call:
    """Charge six subjects, one after the other, with throttled-py."""
    path = client.connection_pool.connection_kwargs["path"]
    shared = store.RedisStore(server=f"unix://{path}")
    quota = rate_limiter.per_hour(100_000, burst=100_000)
    throttles = {name: Throttled(using="gcra", quota=quota, store=shared) for name in SUBJECTS}
    return lambda number: not any(throttles[name].limit(f"{name}:{number % PEOPLE}").limited for name in SUBJECTS)


WAYS: dict[str, Callable[[redis.Redis], Call]] = {
    TRIVIAL: trivial_call,
    "trivial EVALSHA, bare": bare_call,
    "six limits, Mawid": our_call,
    "six limits, limits": limits_call,
    "six limits, pyrate-limiter": pyrate_call,
    "six limits, throttled-py": throttled_call,
}


def timed(call: Call, numbers: count) -> list[float]:
    """Return the seconds that each of ``CALLS`` calls took."""
    seconds = []
    for _ in range(CALLS):
        number = next(numbers)
        start = time.perf_counter()
        call(number)
        seconds.append(time.perf_counter() - start)
    return seconds


def crowded(call: Call, numbers: count) -> float:
    """Return the calls a second that ``CLIENTS`` threads get through together."""

    def work() -> None:
        for _ in range(CALLS_EACH):
            call(next(numbers))

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * CALLS_EACH / (time.perf_counter() - start)


def table(url: str, title: str, rounds: int) -> None:
    """Print medians over the rounds; ratios are taken within a round, as the machine may be busy in some."""
    with redis.Redis.from_url(url, socket_timeout=20) as patient:
        calls = {name: make(make_client(url) if "Mawid" in name else patient) for name, make in WAYS.items()}
        numbers, p50, p99, alone, together = count(), *({name: [] for name in WAYS} for _ in range(4))
        for name in [name for _ in range(rounds) for name in WAYS]:
            taken = timed(calls[name], numbers)
            cuts = statistics.quantiles(taken, n=100)
            p50[name].append(cuts[49])
            p99[name].append(cuts[98])
            alone[name].append(CALLS / sum(taken))
            together[name].append(crowded(calls[name], numbers))
    print(
        f"{title:<30}{'p50 us':>8}{'p99 us':>8}{'of trivial':>12}{'a second':>10}"
        f"{f'{CLIENTS} threads':>12}{'of ours':>9}"
    )
    ours = alone["six limits, Mawid"]
    for name in WAYS:
        ratio = statistics.median(one / other for one, other in zip(p50[name], p50[TRIVIAL], strict=True))
        share = statistics.median(one / other for one, other in zip(alone[name], ours, strict=True))
        print(
            f"{name:<30}{statistics.median(p50[name]) * 1e6:>8.0f}{statistics.median(p99[name]) * 1e6:>8.0f}"
            f"{ratio:>12.2f}{statistics.median(alone[name]):>10,.0f}{statistics.median(together[name]):>12,.0f}"
            f"{share:>9.2f}"
        )
    print()


def main() -> None:
    """Print both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for durable in (False, True):
        with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder), durable=durable) as server:
            table(server.url, "each write on disk" if durable else "in memory", rounds)


if __name__ == "__main__":
    main()
