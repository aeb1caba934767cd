"""Budgets at the door, spent to the last call."""

from fastapi import FastAPI

from api.incoming.costs import Cost
from api.incoming.fair_queue import FairQueue
from fraud.limiting.limits import Limit

NETWORK = "203.0.113.0/24"


def spend(app: FastAPI, cost: Cost, limit: Limit, of: str = NETWORK) -> None:
    """Let a network or a session have made all calls of a class that it may; from now on no time goes by here."""
    budgets = app.state.budgets
    counts, key = budgets._counts, budgets._hash(cost, of)
    counts._monotonic = lambda: 1_000.0
    while counts.attempt([key], [limit])[0]:
        pass


def stop_time(queue: FairQueue) -> None:
    """Let no time go by in a queue from now on: all who wait have only just come, however busy this machine is."""
    now = queue._now()
    queue._now = queue._pace._now = lambda: now
    queue._patience = 3_600.0
