"""What a witness costs its laptop: the first look at a long log, the ones after it, starting again, and its memory.

Usage: python -P benchmarks/witness.py [ENTRIES]   (100000 by default)
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from booking.platform.base.clock import SystemClock
from booking.transparency.log.checkpoints import BUNDLE, bundle_path, write_bundle
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.line import Answer
from booking.transparency.witness.watch import Watch
from tests.booking.transparency.witness.a_log import FakeLog, a_watch, receipts


class Kept(FakeLog):
    """A log that computes what it shows once, so that only the witness is measured."""

    def add(self, more: list[bytes]) -> None:
        """Grow, and be ready to be asked."""
        self.entries += more
        parts = [self.entries[begin : begin + BUNDLE] for begin in range(0, len(self.entries), BUNDLE)]
        self.shown = {bundle_path(number, len(part)): write_bundle(part) for number, part in enumerate(parts)}
        self.shown["checkpoint"] = self.checkpoint()

    def get(self, path: str) -> Answer:
        """Return what is kept."""
        return Answer(200, self.shown[path]) if path in self.shown else Answer(404, b"")


def timed(what: str, act: Callable[[], object]) -> None:
    """Do something, and print its processor time."""
    began = time.process_time()
    act()
    print(f"{what:32} {time.process_time() - began:8.4f} s")


def main(entries: int) -> None:
    """Measure a witness of a log of so many entries."""
    log = Kept()
    log.add(receipts(0, entries))
    with tempfile.TemporaryDirectory() as folder:
        witness = a_watch(Folder.new(Path(folder) / "w", "gazette.example"), log, SystemClock())
        timed(f"first look at {entries:,} entries", witness.look)
        timed("a look without news", witness.look)
        log.add(receipts(entries, 50))
        timed("a look at 50 new entries", witness.look)
        timed("starting again", lambda: Watch(witness.folder, log, SystemClock()))
    print(f"{'memory at most':32} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
