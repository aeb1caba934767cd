"""How well the waiting time in a hall is foretold, on invented days: `./run bench hall [DAYS]`.

Twenty other days are measured first. Every ten minutes everyone in the hall is told between which minutes they are
called; the table says for how many it holds, how wide it is, and for how many the middle of what was played is within
five minutes. "Best" is who knows how all is drawn (`benchmarks.hall_best`): more than that nobody reaches. "Stated"
counts those ahead by the catalogue's minutes.
"""

import sys
import time
from collections.abc import Sequence

import numpy as np

from allocation.hall.simulation import Played, invent, measure, play, told
from benchmarks.hall_best import best

MEASURED = 20
NEAR = 5.0
HALLS = ((3, 0.85), (8, 0.75), (8, 0.85), (8, 0.95), (20, 0.85), (20, 0.95))


def main(days: int) -> None:
    """Print the table."""
    times = measure([invent(1000 + seed) for seed in range(MEASURED)])
    print(f"{'counters, load':<15} {'told':>6}  within 5 min: now, best, stated   range: holds, wide   best range")
    for counters, load in HALLS:
        invented = [invent(seed, counters=counters, load=load) for seed in range(days)]
        began = time.process_time()
        now = [play(day, told(times)) for day in invented]
        took = time.process_time() - began
        known = [play(day, best(seed)) for seed, day in enumerate(invented)]
        asked = sum(len(one.real) for one in now)
        print(
            f"{counters:>3} {load:>11} {asked:>6}  {_near(now):>17.1%} {_near(known):>6.1%} "
            f"{_near(now, plain=True):>7.1%}   {_range(now)}   {_range(known)}  {took:.1f} s, "
            f"longest wait {max(one.longest for one in now):.0f} min",
            flush=True,
        )


def _near(played: Sequence[Played], *, plain: bool = False) -> float:
    off = np.concatenate([(one.plain if plain else one.middle) - one.real for one in played])
    return float(np.mean(np.abs(off) <= NEAR))


def _range(played: Sequence[Played]) -> str:
    low, high, real = (np.concatenate([getattr(one, name) for one in played]) for name in ("low", "high", "real"))
    wide = high - low
    return (
        f"{np.mean((low <= real) & (real <= high)):.1%}, {wide.mean():.1f} min "
        f"({np.mean(wide <= 2 * NEAR):.0%} at most {2 * NEAR:.0f})"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
