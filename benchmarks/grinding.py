"""An insider with the seed rolls one request a million times: what it gains in format 1, and in format 2.

Run with ``./run bench grinding [TRIES]``. In format 1 it rolls until it is first of 111. In format 2 it rolls a
thousand times a draw under the value that it guesses, then the beacon's value comes: the mean place and its 95 %
interval are printed, beside the mean that chance gives. Everything is made from fixed bytes, so every run prints the
same.
"""

import hmac
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from statistics import fmean, stdev

from allocation import lottery

PEOPLE = 111
A_DRAW = 1000
SEED = sha256(b"seed").digest()
PERSONS = [sha256(b"person %d" % number).digest()[:16] for number in range(PEOPLE)]


def made(what: str, *numbers: int) -> bytes:
    """Return 32 bytes that look random."""
    return sha256(f"{what} {numbers}".encode()).digest()


def place(public: bytes) -> int:
    """Return the place of the first person, from 1."""
    own, *others = (lottery.lottery_number(SEED, public, person) for person in PERSONS)
    return 1 + sum(other < own for other in others)


def format_1(tries: int) -> tuple[int, int]:
    """Return how often the insider came first within so many tries, and in how many it would by rolling all of them."""
    firsts = sum(place(made("root", attempt)) == 1 for attempt in range(tries))
    return firsts, tries


def format_2(tries: int) -> list[int]:
    """Return the places that the insider gets in as many draws as so many tries last for."""
    places = []
    for draw in range(tries // A_DRAW):
        guess, value = made("value", draw), made("value", draw + 1)
        rolled = (made("statement", draw, attempt) for attempt in range(A_DRAW))
        chosen = min(rolled, key=_hopes(guess))
        places.append(place(value + chosen))
    return places


def _hopes(guess: bytes) -> Callable[[bytes], bytes]:
    return lambda statement: hmac.digest(SEED + guess + statement, PERSONS[0], "sha256")


def main() -> None:
    """Print both."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    began = time.process_time()
    firsts, rolled = format_1(tries // 50)
    print(f"format 1: first of {PEOPLE} in {firsts} of {rolled} rolls, so after {rolled / firsts:.0f} on average")
    places = format_2(tries)
    half = 1.96 * stdev(places) / len(places) ** 0.5
    print(
        f"format 2: {tries} rolls in {len(places)} draws: mean place {fmean(places):.1f} ± {half:.1f} (95 %),"
        f" chance gives {(PEOPLE + 1) / 2:.1f}; first in {sum(one == 1 for one in places)} draws,"
        f" chance gives {len(places) / PEOPLE:.0f}"
    )
    print(f"{time.process_time() - began:.1f} s of processor time")


if __name__ == "__main__":
    main()
