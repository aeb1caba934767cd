"""Differential fuzzing: random forgeries of two small draws, before every verifier; they never disagree on one.

Usage: python -P benchmarks/verifiers.py [FORGERIES [FIRST]]   (20000 from 0 by default). Mawid's verifier and the
independent program see all files and those for everyone, the browser page under node (if it is there) the latter. A
forgery is one changed value, row, note, packing or stretch of bytes: raw, or with every hash made again that the
publisher could make, or with even the closing statement made and witnessed again. Its number makes it again.
"""

import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.standalone.differences import NODE, NoVerdictError, compared, page, published
from tests.standalone.program import quick_pairings

CHUNK = 500
WORKERS = 2


def chunk(first: int, last: int) -> tuple[list[str], Counter[str]]:
    """Compare the verifiers on some forgeries; return where they disagree, and how many passed and were refused."""
    found, counted = [], Counter[str]()
    with ExitStack() as stack:
        stack.enter_context(quick_pairings())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pages = stack.enter_context(page(folder)) if NODE else None
        publishers = published()
        for number in range(first, last):
            try:
                differences, passed = compared(publishers[number % 2], number, pages)
            except NoVerdictError as error:
                differences, passed = [f"{number}: no verdict: {error}"], False
            found += differences
            counted["passed" if passed else "refused"] += 1
    return found, counted


def main(forgeries: int = 20_000, first: int = 0) -> None:
    """Compare in two processes, and print what they found."""
    begin, counted, wrong = perf_counter(), Counter[str](), 0
    ends = range(first, first + forgeries, CHUNK)
    with ProcessPoolExecutor(WORKERS) as pool:
        for found, some in pool.map(chunk, ends, [min(end + CHUNK, first + forgeries) for end in ends]):
            counted += some
            wrong += len(found)
            print(*found, f"{counted.total()} forgeries, {wrong} disagreements", sep="\n", flush=True)
    seconds = perf_counter() - begin
    print(f"{forgeries} forgeries in {seconds:.0f} s: {dict(counted)}; disagreements: {wrong}; page: {bool(NODE)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
