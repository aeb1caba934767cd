"""A roster against the plan that offices have today, on invented branches: `./run bench roster [MONTHS]`.

Today every counter has somebody for the whole day. Both plans are played with the same people on the same days.
"""

import sys
import time

from allocation.rostering.roster import broken, covered, extra_hour, minutes
from allocation.rostering.samples import a_branch, play, present_plan
from allocation.rostering.solve import solve


def main(months: int) -> None:
    """Print the table."""
    print(
        f"{'staff':>5} {'days':>4} {'seed':>4} {'plan':>8} {'came':>6} {'served':>6} {'hours':>6} {'a paid hour':>11} "
        f"{'mean wait':>9} {'worst':>6} {'gap':>6} {'seconds':>8}"
    )
    for people, counters in ((12, 10), (30, 24), (60, 48)):
        for seed in range(months):
            branch = a_branch(seed, people=people, counters=counters)
            began = time.process_time()
            made = solve(branch.weeks)
            took = time.process_time() - began
            assert not broken(branch.weeks, made.shift)
            for name, shift in (("today", present_plan(branch.weeks)), ("roster", made.shift)):
                month = play(branch.demand, covered(branch.weeks, shift), counters=counters, seed=seed)
                hours = minutes(branch.weeks, shift).sum() / 60
                solved = f"{made.gap:>6.2%} {took:>7.1f}s" if name == "roster" else ""
                print(
                    f"{people:>5} {branch.weeks.days:>4} {seed:>4} {name:>8} {month.came:>6} {month.served:>6} "
                    f"{hours:>6.0f} {month.served / hours:>11.2f} {month.mean_wait:>8.1f}m "
                    f"{month.worst_wait:>5.0f}m {solved}"
                )
            print(f"{'':>16} one more paid hour serves up to {extra_hour(branch.weeks, made.shift).max():.1f} people")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
