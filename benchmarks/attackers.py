"""Honest people and attackers against the gate, on seeds that no rule, limit or model was chosen on: docs/attackers.md.

Usage: python -P benchmarks/attackers.py [PEOPLE]   (10000)

Judged are the built-in rules and limits with the model that a new installation starts with; then the same with a model
that learned from other seasons, and with three times as many attackers.
"""

import sys
from time import process_time

import fraud
from fraud.attackers import Report, World, play, report
from fraud.attackers.parameters import JUDGING_SEEDS, TRAINING_SEEDS
from fraud.attackers.training import trained
from fraud.scoring.artifact import Artifact


def judged(title: str, model: Artifact, world: World) -> Report:
    """Play the judging seeds, and print the targets."""
    began = process_time()
    seasons = [play(seed, world, model=model) for seed in JUDGING_SEEDS]
    took = process_time() - began
    told = report(seasons)
    kept = sum(int((season.asks["number"] >= 0).sum()) for season in seasons)
    print(f"\n{title}; thresholds {model.thresholds.challenge:.2f}, {model.thresholds.review:.2f}")
    print(told.targets.to_string(float_format="{:.5f}".format))
    print(f"ten seasons in {took:.0f} s of processor time, {kept:,} requests", flush=True)
    return told


def main() -> None:
    """Print the report's tables over the ten judging seeds."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    usual, first = World(people=people), fraud.train(*fraud.FIRST_MODEL)
    told = judged("the first model of an installation", first, usual)
    shares = (100 * told.honest.filter(regex="_(share|low|high)$").drop(columns=["chance_low", "chance_high"])).T
    for table in (told.attackers.T, shares, told.honest[["requests", "chance"]].T, told.pumping.to_frame("codes")):
        print("\n" + table.to_string(float_format="{:.4g}".format))
    judged("a model that learned from other seasons", trained(TRAINING_SEEDS, usual), usual)
    judged("the first model, three times the attackers", first, World(people=people, strength=3.0))


if __name__ == "__main__":
    main()
