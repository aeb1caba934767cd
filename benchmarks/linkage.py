"""Who is in twice among a million synthetic people: precision and recall, seconds and memory.

Run with ``./run bench linkage [PEOPLE]``. Three in a hundred are in twice: with a misspelled or Latin name, another
phone, day and month exchanged, another national number (`fraud/linkage/samples.py` says how often). The weights are
those that come with the package; with ``--learn`` they are first learned, by expectation-maximisation without labels,
from people of another seed, and written to ``fraud/linkage/people.toml``.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np

from fraud.linkage import weights
from fraud.linkage.compare import word_levels
from fraud.linkage.link import candidates, link
from fraud.linkage.records import read
from fraud.linkage.samples import people
from fraud.linkage.schema import PEOPLE

LEARN_SEED, LEARN_PEOPLE, MEASURE_SEED = 1, 300_000, 100
BOUNDS = (0.5, 0.8, 0.9, 0.95, 0.99)
ABOUT = """What agreement of two people's records is worth: the probability of each level where they are one person, and
where they are any two. Learned without labels by benchmarks/linkage.py --learn, by expectation-maximisation, from
{people} synthetic people of fraud/linkage/samples.py (seed {seed}). Learn again from your own people: no real ones
were seen."""


def learn() -> None:
    """Learn and write the weights that come with the package."""
    records = read(people(LEARN_PEOPLE, seed=LEARN_SEED), PEOPLE)
    _, _, compared = candidates(records, PEOPLE)
    learned = weights.learn(records, PEOPLE, compared)
    text = weights.write(learned, PEOPLE, ABOUT.format(people=LEARN_PEOPLE, seed=LEARN_SEED))
    Path(weights.__file__).with_name("people.toml").write_text(text, encoding="utf-8")
    for part in PEOPLE.parts():
        bits = ", ".join(f"{level} {bit:+.1f}" for level, bit in zip(part.levels, learned.bits(part.name), strict=True))
        print(f"{part.name:<18}{bits}")


def main(count: int) -> None:
    """Link once and print precision and recall at several probabilities."""
    frame = people(count, seed=MEASURE_SEED)
    word_levels(["محمد"], ["mohammed"])  # compiles, once an installation
    start = time.perf_counter()
    found = link(frame, learned=weights.shipped(), least=BOUNDS[0])
    seconds = time.perf_counter() - start
    person = frame["person"].to_numpy()
    right = person[found["left"].to_numpy(int)] == person[found["right"].to_numpy(int)]
    true = len(frame) - frame["person"].nunique()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(frame):,} records, {true:,} of them second ones: {seconds:.1f} s, peak {peak:,.0f} MB")
    for bound in BOUNDS:
        kept = found["probability"].to_numpy() >= bound
        print(
            f"from probability {bound:<5} {int(kept.sum()):>8,} pairs: precision {right[kept].mean():.4f}, "
            f"recall {np.count_nonzero(right & kept) / true:.4f}"
        )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--learn" in arguments:
        learn()
    main(int(next((one for one in arguments if one.isdecimal()), 1_000_000)))
