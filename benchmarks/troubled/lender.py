"""Work lent to Dask's workers, again and again, and compared: ``python -m benchmarks.troubled.lender FILE``.

A history of verdicts is tried on the default rules, as analysts do it, by workers from the first piece on. FILE gets a
line for each time: when it began and ended by the monotonic clock, and whether it came out as in this process alone.
"""

import hashlib
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.computing import verdicts
from booking.platform.base import logs
from booking.platform.computing.errors import PieceKillsWorkersError
from booking.platform.computing.own_settings import read_computing_settings
from booking.platform.computing.spread import Computing
from fraud.rules.backtest import backtest_all
from fraud.rules.rule_set import default_rules

VERDICTS: Final = 10_000
PAUSE: Final = 2.0
RIGHT: Final = "right"


class Lent(NamedTuple):
    """One time that the work was done."""

    began: float
    ended: float
    right: bool


def read_lent(file: Path) -> list[Lent]:
    """Read a file of these lines; the last one may have been cut off with who wrote it."""
    lines = file.read_text(encoding="ascii").splitlines(keepends=True) if file.exists() else []
    words = (line.split() for line in lines if line.endswith("\n"))
    return [Lent(float(began), float(ended), how == RIGHT) for began, ended, how in words]


def other_results(lent: Iterable[Lent]) -> list[str]:
    """Return each time that workers gave another result than this process did."""
    return [
        f"what workers computed was another result, {one.began:.0f} to {one.ended:.0f}" for one in lent if not one.right
    ]


def _digest(history: list[Any], spread: Any) -> str:
    rules = default_rules()
    tried = backtest_all(history, rules, rules, spread=spread).requests
    return hashlib.sha256(str(tried.to_csv()).encode()).hexdigest()


def main(file: Path) -> None:
    """Go on until killed."""
    logs.configure()
    computing = Computing(read_computing_settings(), alone_for=0)
    history = verdicts(VERDICTS)
    alone = _digest(history, map)
    with file.open("a", encoding="ascii", buffering=1) as written:
        while True:
            began = time.monotonic()
            try:
                with computing.opened() as spread:
                    how = RIGHT if _digest(history, spread) == alone else "different"
            except PieceKillsWorkersError as error:  # several workers were killed while they did the same piece
                print(error, flush=True)
                continue
            written.write(f"{began} {time.monotonic()} {how}\n")
            time.sleep(PAUSE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
