"""Honest people and attackers against the gate, on seeds that no rule, limit or model was chosen on: docs/attackers.md.

Usage: python -P benchmarks/attackers.py [PEOPLE] [STRENGTH]   (10000 1); the model learns from the usual strength
"""

import sys
from time import process_time

from fraud.attackers import World, play, report
from fraud.attackers.parameters import JUDGING_SEEDS, TRAINING_SEEDS
from fraud.attackers.training import trained


def main() -> None:
    """Print the report's tables over the ten judging seeds."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    strength = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    began = process_time()
    model = trained(TRAINING_SEEDS, World(people=people))
    learned = process_time()
    seasons = [play(seed, World(people=people, strength=strength), model=model) for seed in JUDGING_SEEDS]
    played = process_time()
    told = report(seasons)
    for table in (
        told.attackers.T,
        (100 * told.honest.filter(like="_share")).join(told.honest[["requests", "chance"]]).T,
    ):
        print(table.to_string(float_format="{:.4g}".format), end="\n\n")
    for table in (told.honest.loc[["all honest"]].T, told.pumping.to_frame("codes"), told.targets):
        print(table.to_string(float_format="{:.5g}".format), end="\n\n")
    kept = sum(int((season.asks["number"] >= 0).sum()) for season in seasons)
    print(f"model {model.version}: {model.about['metrics']}; thresholds of its own {model.thresholds}")
    print(
        f"learning {learned - began:.0f} s, ten seasons {played - learned:.0f} s of processor time, {kept:,} requests"
    )


if __name__ == "__main__":
    main()
