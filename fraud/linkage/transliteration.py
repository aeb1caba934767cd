"""How likely it is that a Latin spelling writes an Arabic name: learned letter by letter from pairs of both.

The model is the joint multigram of Deligne and Bimbot (1995): a pair of names is a row of steps, each writes one Arabic
letter as zero to three Latin letters, or adds one Latin letter that Arabic does not write (a short vowel). A step's
probability is learned by expectation-maximisation (Dempster, Laird, Rubin 1977) from pairs alone: no alignment is
given. A pair's probability is the sum over all rows of steps that spell both. What is compared are odds: that
probability, against both names drawn apart, letter by letter.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fraud.linkage.compiled import compiled
from fraud.linkage.words import is_arabic, normal_words

ARABIC: Final = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
"""The letters of a normal Arabic word; a step's row number is its place here and one, 0 for no letter."""
LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
LONGEST_STEP: Final = 3
LONGEST_NAME: Final = 60
"""Letters of a name that are looked at."""

_BASE: Final = len(LATIN) + 1
_CHUNKS: Final = _BASE**LONGEST_STEP
_ARABIC_PLACE: Final = {letter: place for place, letter in enumerate(ARABIC, 1)}
_LATIN_PLACE: Final = {letter: place for place, letter in enumerate(LATIN, 1)}
_ROUNDS: Final = 12
_ROUNDS_BEFORE_PRUNING: Final = 5
_FEWEST_USES: Final = 0.5
"""Expected uses below which a step is taken for chance and dropped, once the probabilities have settled."""
_UNSEEN: Final = 1e-7
"""The probability of a step that was never seen: of one Arabic letter as nothing or one letter, or of one added."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Offsets = NDArray[np.int64]


class Transliteration:
    """Probabilities of steps, float64 (1 + Arabic letters, chunks), which sum to one.

    A chunk is a Latin text of up to three letters, as a number in base 27 (a is 1, z is 26, nothing is 0).
    """

    def __init__(self, steps: Floats) -> None:
        self.steps = steps
        self._smooth = steps.copy()
        self._smooth[:, :_BASE] = np.maximum(steps[:, :_BASE], _UNSEEN)
        self._smooth[0, 0] = 0.0
        self._arabic, self._latin = _letter_shares(steps)

    def log_odds(self, arabic: Sequence[str], latin: Sequence[str]) -> Floats:
        """Return the odds, in bits, that both of a pair write the same name rather than any two, float64 (n,).

        Parameters
        ----------
        arabic, latin
            Normal words, or names without spaces, row by row; what is of another script counts as no letter.
        """
        return _odds_of_pairs(
            *_packed(arabic, _ARABIC_PLACE), *_packed(latin, _LATIN_PLACE), self._smooth, self._arabic, self._latin
        )

    def rank(self, names: Sequence[str], candidates: Sequence[str], *, best: int = 5) -> NDArray[np.int64]:
        """Find, for each name, the candidates of the other script that most probably write it.

        Parameters
        ----------
        names, candidates
            Names as typed: the former all in one script, the latter all in the other.
        best
            How many to give.

        Returns
        -------
        ndarray
            Row numbers of candidates, int64 (names, best), the most probable first; ties in the order given.
        """
        ours, theirs = [_plain(name) for name in names], [_plain(name) for name in candidates]
        swapped = not any(is_arabic(name) for name in ours)
        arabic, latin = (theirs, ours) if swapped else (ours, theirs)
        odds = _odds_of_all(
            *_packed(arabic, _ARABIC_PLACE), *_packed(latin, _LATIN_PLACE), self._smooth, self._arabic, self._latin
        )
        return np.argsort(-(odds.T if swapped else odds), axis=1, kind="stable")[:, :best]


def learn(pairs: Sequence[tuple[str, str]]) -> Transliteration:
    """Learn the steps' probabilities from names written in Arabic and in Latin.

    Parameters
    ----------
    pairs
        Arabic name, Latin name; as typed. Some thousands.
    """
    arabic, arabic_starts = _packed([_plain(one) for one, _ in pairs], _ARABIC_PLACE)
    latin, latin_starts = _packed([_plain(other) for _, other in pairs], _LATIN_PLACE)
    steps = np.full((len(ARABIC) + 1, _CHUNKS), 1e-5)  # longer steps begin as less likely than those of one letter
    steps[:, :_BASE] = 2e-2
    steps[0, _BASE:] = 0.0
    steps[0, 0] = 0.0
    for round_ in range(_ROUNDS):
        uses = _expected_uses(arabic, arabic_starts, latin, latin_starts, steps)
        if round_ >= _ROUNDS_BEFORE_PRUNING:
            uses[uses < _FEWEST_USES] = 0.0
        steps = uses / uses.sum()
    return Transliteration(steps)


def load() -> Transliteration:
    """Load the probabilities that come with this package (see the head of ``transliteration.txt``)."""
    text = files("fraud.linkage").joinpath("transliteration.txt").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> Transliteration:
    """Read probabilities as `write` writes them."""
    steps = np.zeros((len(ARABIC) + 1, _CHUNKS))
    for line in text.splitlines():
        if not line.startswith("#"):
            arabic, latin, share = line.split("\t")
            steps[_ARABIC_PLACE[arabic] if arabic != "-" else 0, _chunk(latin if latin != "-" else "")] = float(share)
    return Transliteration(steps)


def write(model: Transliteration, about: str) -> str:
    """Write probabilities as lines of Arabic letter, Latin letters and probability; "-" stands for no letter."""
    lines = [f"# {line}" for line in about.splitlines()]
    for row, chunk in zip(*np.nonzero(model.steps), strict=True):
        arabic, latin = ARABIC[row - 1] if row else "-", _text(int(chunk)) or "-"
        lines.append(f"{arabic}\t{latin}\t{model.steps[row, chunk]:.6g}")
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    return "".join(normal_words(name))


def _chunk(latin: str) -> int:
    number = 0
    for letter in latin:
        number = number * _BASE + _LATIN_PLACE[letter]
    return number


def _text(chunk: int) -> str:
    letters = ""
    while chunk:
        chunk, place = divmod(chunk, _BASE)
        letters = LATIN[place - 1] + letters
    return letters


def _packed(names: Sequence[str], places: dict[str, int]) -> tuple[Ints, Offsets]:
    """Write names as one row of letter numbers, and where each begins (n + 1,)."""
    rows = [[places[letter] for letter in name if letter in places][:LONGEST_NAME] for name in names]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return np.array([place for row in rows for place in row], np.int32), starts


def _letter_shares(steps: Floats) -> tuple[Floats, Floats]:
    """Return how often each letter is written, in log2: Arabic (29,), Latin (27,); position 0 is unused."""
    arabic = steps.sum(axis=1)
    latin = np.zeros(_BASE)
    by_chunk = steps.sum(axis=0)
    for chunk in np.flatnonzero(by_chunk):
        for letter in _text(int(chunk)):
            latin[_LATIN_PLACE[letter]] += by_chunk[chunk]
    arabic[0] = 0.0
    return np.log2(np.maximum(arabic / arabic.sum(), _UNSEEN)), np.log2(np.maximum(latin / latin.sum(), _UNSEEN))


@compiled
def _forward(a: Ints, b: Ints, steps: Floats, table: Floats) -> float:
    """Sum the probability of all rows of steps that spell ``a`` and ``b``; ``table`` is scratch space."""
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            total = 1.0 if i == 0 and j == 0 else 0.0
            chunk, power = 0, 1
            for k in range(min(j, LONGEST_STEP) + 1):
                if k > 0:
                    chunk += b[j - k] * power
                    power *= _BASE
                if i > 0:
                    total += table[i - 1, j - k] * steps[a[i - 1], chunk]
                if k == 1:
                    total += table[i, j - 1] * steps[0, chunk]
            table[i, j] = total
    return float(table[len(a), len(b)])


@compiled
def _odds(a: Ints, b: Ints, steps: Floats, arabic: Floats, latin: Floats, table: Floats) -> float:
    odds = np.log2(_forward(a, b, steps, table) + 1e-300)
    for letter in a:
        odds -= arabic[letter]
    for letter in b:
        odds -= latin[letter]
    return float(odds)


@compiled
def _odds_of_pairs(
    a: Ints, a_starts: Offsets, b: Ints, b_starts: Offsets, steps: Floats, arabic: Floats, latin: Floats
) -> Floats:
    odds = np.empty(len(a_starts) - 1)
    table = np.zeros((LONGEST_NAME + 1, LONGEST_NAME + 1))
    for row in range(len(odds)):
        ours, theirs = a[a_starts[row] : a_starts[row + 1]], b[b_starts[row] : b_starts[row + 1]]
        odds[row] = _odds(ours, theirs, steps, arabic, latin, table)
    return odds


@compiled
def _odds_of_all(
    a: Ints, a_starts: Offsets, b: Ints, b_starts: Offsets, steps: Floats, arabic: Floats, latin: Floats
) -> Floats:
    odds = np.empty((len(a_starts) - 1, len(b_starts) - 1))
    table = np.zeros((LONGEST_NAME + 1, LONGEST_NAME + 1))
    for row in range(odds.shape[0]):
        for column in range(odds.shape[1]):
            ours, theirs = a[a_starts[row] : a_starts[row + 1]], b[b_starts[column] : b_starts[column + 1]]
            odds[row, column] = _odds(ours, theirs, steps, arabic, latin, table)
    return odds


@compiled
def _expected_uses(a: Ints, a_starts: Offsets, b: Ints, b_starts: Offsets, steps: Floats) -> Floats:
    """Count how often each step is expected to be used, over all pairs: one E step (forward-backward)."""
    uses = np.zeros_like(steps)
    before = np.zeros((LONGEST_NAME + 1, LONGEST_NAME + 1))
    after = np.zeros((LONGEST_NAME + 1, LONGEST_NAME + 1))
    for row in range(len(a_starts) - 1):
        ours, theirs = a[a_starts[row] : a_starts[row + 1]], b[b_starts[row] : b_starts[row + 1]]
        whole = _forward(ours, theirs, steps, before)
        if whole <= 0.0:
            continue  # no row of steps spells both
        for i in range(len(ours), -1, -1):
            for j in range(len(theirs), -1, -1):
                total = 1.0 if i == len(ours) and j == len(theirs) else 0.0
                chunk = 0
                for k in range(min(len(theirs) - j, LONGEST_STEP) + 1):
                    if k > 0:
                        chunk = chunk * _BASE + theirs[j + k - 1]
                    if i < len(ours):
                        step = steps[ours[i], chunk] * after[i + 1, j + k]
                        total += step
                        uses[ours[i], chunk] += before[i, j] * step / whole
                    if k == 1:
                        step = steps[0, chunk] * after[i, j + 1]
                        total += step
                        uses[0, chunk] += before[i, j] * step / whole
                after[i, j] = total
    return uses
