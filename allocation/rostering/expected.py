"""What counters are worth: how many people more each one is expected to serve, where demand is not known exactly."""

import numpy as np

from allocation.rostering.weeks import Real

STEP = 20
"""Gains are rounded to so many parts of what a counter can do: equal ones are one step of the solver."""


def with_backlog(demand: Real, capacity: Real) -> Real:
    """Return (draws × days × blocks) who is there in each block: those who come, and who was left from the one before.

    Nobody is left from one day to the next.

    Parameters
    ----------
    capacity
        (days × blocks) people whom all counters together serve.
    """
    there = np.empty_like(demand)
    left = np.zeros(demand.shape[:2])
    for block in range(demand.shape[2]):
        there[:, :, block] = demand[:, :, block] + left
        left = np.maximum(there[:, :, block] - capacity[None, :, block], 0.0)
    return there


def gains(demand: Real, rate: float | Real, counters: int) -> Real:
    """Return (… × counters) the people that the first, second, … counter is expected to serve, never rising.

    Parameters
    ----------
    demand
        (draws × …) people who want to be served in a block, equally likely draws of a forecast.
    rate
        People that a counter serves in a block; or in each of the blocks, the last axis of ``demand``.
    counters
        How many counters there are.
    """
    each = np.asarray(rate, np.float64)[..., None]
    level = each * np.arange(counters + 1)
    within = np.minimum(demand[..., None], level).mean(axis=0)
    more = np.diff(within, axis=-1)
    return np.minimum.accumulate(np.round(more / each * STEP) / STEP * each, axis=-1)
