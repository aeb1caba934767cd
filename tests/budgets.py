"""Budgets at the door, spent to the last call."""

from fastapi import FastAPI

from api.incoming.costs import Cost
from fraud.limiting.limits import Limit

NETWORK = "203.0.113.0/24"


def spend(app: FastAPI, cost: Cost, limit: Limit, of: str = NETWORK) -> None:
    """Let a network or a session have made all calls of a class that it may; from now on no time goes by here."""
    budgets = app.state.budgets
    counts, key = budgets._counts, budgets._hash(cost, of)
    counts._monotonic = lambda: 1_000.0
    while counts.attempt([key], [limit])[0]:
        pass
