"""Find an Arabic name among all Latin spellings of a test file, and the other way round.

Run with ``./run bench names FOLDER``; the folder holds ``ar2en-train.txt`` and ``ar2en-test.txt``, lines of an Arabic
name, a tab and a Latin one. With ``--learn`` the probabilities are learned from the train file first, measured on a
part of it that was held out, learned from all of it, and written to ``fraud/linkage/transliteration.txt``; the test
file is only ever measured on.
"""

import sys
import time
from pathlib import Path

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from fraud.linkage import transliteration
from fraud.linkage.skeleton import skeleton
from fraud.linkage.words import normal_words

HELD_OUT = 1_600
ABOUT = """How Arabic letters are written in Latin ones: Arabic letter, Latin letters, probability of the step.
Learned by benchmarks/names.py --learn from {pairs} pairs of names (the train file of google/transliteration,
Apache-2.0), by expectation-maximisation; see fraud/linkage/transliteration.py. "-" is no letter."""
Pairs = list[tuple[str, str]]


def pairs_of(file: Path) -> Pairs:
    """Read pairs of names."""
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    return [(arabic, latin) for arabic, latin in lines]


def recall(ranked: np.ndarray, pairs: Pairs, candidates: list[str], among: int) -> float:
    """Return the share of names whose own spelling is among the first ``among``."""
    place = {latin: number for number, latin in enumerate(candidates)}
    right = np.array([place[latin] for _, latin in pairs])
    return float((ranked[:, :among] == right[:, None]).any(axis=1).mean())


def by_skeleton(pairs: Pairs, candidates: list[str]) -> np.ndarray:
    """Rank by Jaro-Winkler of consonant skeletons alone, for comparison."""
    ours = ["".join(skeleton(word) for word in normal_words(arabic)) for arabic, _ in pairs]
    theirs = ["".join(skeleton(word) for word in normal_words(latin)) for latin in candidates]
    near = process.cdist(ours, theirs, scorer=JaroWinkler.normalized_similarity)
    return np.argsort(-near, axis=1, kind="stable")[:, :5]


def measure(what: str, model: transliteration.Transliteration, pairs: Pairs) -> None:
    """Print recall at 1 and 5, both ways, beside that of the skeleton alone."""
    latin, arabic = sorted({pair[1] for pair in pairs}), sorted({pair[0] for pair in pairs})
    start = time.perf_counter()
    forth = model.rank([pair[0] for pair in pairs], latin)
    seconds = time.perf_counter() - start
    back = model.rank([pair[1] for pair in pairs], arabic)
    rough = by_skeleton(pairs, latin)
    reverse = [(pair[1], pair[0]) for pair in pairs]
    for name, ranked, truth, among in (
        ("Arabic to Latin", forth, pairs, latin),
        ("Latin to Arabic", back, reverse, arabic),
        ("skeleton alone", rough, pairs, latin),
    ):
        first, five = (recall(ranked, truth, among, best) for best in (1, 5))
        print(f"{what:<10}{name:<18}{len(truth):>6} of {len(among):<6} recall@1 {first:.3f}  recall@5 {five:.3f}")
    print(f"{what:<10}{1e9 * seconds / len(pairs) / len(latin):.0f} ns a pair")


def main(folder: Path, *, learning: bool) -> None:
    """Learn where asked, and measure."""
    if learning:
        train = pairs_of(folder / "ar2en-train.txt")
        order = np.random.default_rng(1).permutation(len(train))
        held, rest = [train[row] for row in order[:HELD_OUT]], [train[row] for row in order[HELD_OUT:]]
        measure("held out", transliteration.learn(rest), held)
        learned = transliteration.write(transliteration.learn(train), ABOUT.format(pairs=len(train)))
        Path(transliteration.__file__).with_name("transliteration.txt").write_text(learned, encoding="utf-8")
    model = transliteration.load()
    print(f"{np.count_nonzero(model.steps)} steps")
    measure("test", model, pairs_of(folder / "ar2en-test.txt"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), learning="--learn" in sys.argv[2:])
    else:
        print("needs the folder of the data, which is not part of the project")
