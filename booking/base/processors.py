"""How many processors this process may use, which may be fewer than the machine has."""

import os


def processors() -> int:
    """Return how many threads of compiled code this process can have at work at one moment, at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
