"""One parser under Atheris: inputs that reach new code are kept and changed further. A process of its own each.

Usage: python -m benchmarks.hostile_inputs.guided TARGET INPUTS SEED FOLDER; `benchmarks/hostile.py` calls it so.

Faults are an error that the parser does not document, more than two seconds of processor time, and more memory than the
target's bound; the first input of each kind is kept, and the run goes on. What ends the process, its parent sees.
"""

import resource
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from types import FrameType

import atheris

from benchmarks.hostile_inputs.faults import MOST_SECONDS, Ledger, place_of
from benchmarks.hostile_inputs.target import WHERE, Target

STUCK: float = 20.0
"""Seconds of processor time after which a call is broken off."""
WATCHED = ["api", "booking", "fraud", "tomllib", "json", "multipart", "starlette.formparsers", "babel.messages"]
WATCHED += ["standardwebhooks", "altcha", "zipfile", "csv", "first_draw", "second_draw", "strict_reading"]


class StuckError(Exception):
    """A call took too long and was broken off."""


def target_of(name: str) -> Target:
    """Import one target's parser so that Atheris sees which code an input reaches."""
    file = next(file for file, names in WHERE.items() if name in names.split())
    with atheris.instrument_imports(include=WATCHED):
        found = import_module(f"benchmarks.hostile_inputs.{file}").targets()
    return next(one for one in found if one.name == name)


class Trial:
    """Calls one parser and judges how it went."""

    def __init__(self, target: Target, ledger: Ledger) -> None:
        self._target, self._ledger = target, ledger
        signal.signal(signal.SIGVTALRM, _stuck)

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        before, began = _peak(), time.process_time()
        accepted = False
        self._ledger.trying(data)
        signal.setitimer(signal.ITIMER_VIRTUAL, STUCK)
        try:
            self._target.read(data)
            accepted = True
        except self._target.refuses:
            pass
        except Exception as error:  # noqa: BLE001 - each error that is not documented is a fault
            self._note(place_of(error), data, repr(error))
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took, grown = time.process_time() - began, _peak() - before
        if took > MOST_SECONDS and self._ledger.inputs > 0:  # the first call imports and compiles
            self._note("slow", data, f"{took:.1f} s")
        if grown > self._target.memory:
            self._note("memory", data, f"{grown >> 20} MiB")
        self._ledger.tried(accepted=accepted)

    def _note(self, what: str, data: bytes, words: str) -> None:
        self._ledger.note(self._target.name, what, data, words)


def _stuck(_: int, __: FrameType | None) -> None:
    raise StuckError


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def main(name: str, inputs: int, seed: int, folder: Path) -> None:
    """Try so many inputs; what is in the folder from before is the beginning."""
    target = target_of(name)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(one)
    words = folder / "words"
    words.write_text("".join('"' + "".join(f"\\x{c:02x}" for c in one) + '"\n' for one in target.words), "ascii")
    options = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={target.longest}", "-timeout=120", "-rss_limit_mb=0"]
    options += [f"-dict={words}"] if target.words else []
    options += [
        f"-artifact_prefix={folder}/",
        "-len_control=20",
        "-verbosity=0",
        "-print_final_stats=0",
    ]
    with Ledger(folder) as ledger:
        trial = Trial(target, ledger)
        for one in target.seeds:
            trial(one)
        atheris.Setup([sys.argv[0], *options, str(corpus)], trial)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
