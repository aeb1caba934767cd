"""One of many processes that ask a limiter at the same time: says it is ready, waits for a line, tells what it got."""

import sys
from datetime import timedelta

from fraud.limiting.limiter import Limit, Limiter
from fraud.limiting.redis_client import connect

url, attempts, person, network = sys.argv[1], *map(int, sys.argv[2:5])
policy = {"ask": (Limit("person", timedelta(days=90), person), Limit("network", timedelta(days=90), network))}
limiter = Limiter(connect(url, socket_timeout=60), b"k" * 32, policy)
limiter.attempt("ask", {"person": f"warm up {url}"})
print("ready", flush=True)  # noqa: T201 -- it speaks with the test
sys.stdin.readline()
decisions = [limiter.attempt("ask", {"person": f"person {n % 2}", "network": "n"}) for n in range(attempts)]
print(sum(one.allowed for one in decisions), sum(one.degraded for one in decisions))  # noqa: T201
