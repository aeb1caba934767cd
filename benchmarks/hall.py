"""How well the waiting time in a hall is foretold, on invented days: `./run bench hall [DAYS]`.

Twenty other days are measured first. Every ten minutes everyone in the hall is told a time; the table says how far that
is from what came, and how many waited no longer than the most that they were told. "Stated" counts those ahead by the
catalogue's minutes.
"""

import sys
import time

import numpy as np

from allocation.hall.simulation import invent, measure, play

MEASURED = 20
NEAR = 5.0


def main(days: int) -> None:
    """Print the table."""
    times = measure([invent(1000 + seed) for seed in range(MEASURED)])
    print(
        f"{'counters':>8} {'load':>5} {'told':>6} {'within 5 min':>13} {'median off':>11} {'at most':>8} "
        f"{'stated within 5':>16} {'longest wait':>13}"
    )
    for counters, load in ((3, 0.85), (8, 0.75), (8, 0.85), (8, 0.95), (20, 0.85), (20, 0.95)):
        began = time.process_time()
        played = [play(invent(seed, counters=counters, load=load), times) for seed in range(days)]
        off = np.concatenate([one.middle - one.real for one in played])
        plain = np.concatenate([one.plain - one.real for one in played])
        told = np.concatenate([one.real <= np.ceil(one.high / NEAR) * NEAR for one in played])
        print(
            f"{counters:>8} {load:>5} {len(off):>6} {np.mean(np.abs(off) <= NEAR):>13.1%} "
            f"{np.median(np.abs(off)):>10.1f}m {told.mean():>8.1%} {np.mean(np.abs(plain) <= NEAR):>16.1%} "
            f"{max(one.longest for one in played):>12.0f}m  {time.process_time() - began:.1f} s"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
