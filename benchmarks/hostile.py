"""A million hostile inputs: parsers under coverage-guided fuzzing, every form of every page, and the whole API.

Usage: ./run bench hostile [--of parsers|forms|api] [--only TARGET …] [--inputs N] [--seconds N] [--folder FOLDER]

- Each parser has a process of its own under Atheris, which keeps inputs that reach new code and changes them further.
- Every form of every page that somebody of each role can open is sent with wrong, missing, doubled, huge and hostile
  values by Hypothesis; schemathesis calls the API in chains. Both reach the application in this process, over a real
  PostgreSQL and Valkey of their own.

A fault is an error that a parser does not document, an answer of 500 or more, one with a stack trace or a path in it,
one that the documentation has not, a row changed by a refused call, more than two seconds of processor time for one
input, or 200 MiB of memory more. Each is kept in the folder with the first input that shows it; another run with the
same folder goes on from there. Prints inputs and faults of each target; status 1 where there is a fault.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.hostile_inputs.faults import Ledger
from benchmarks.hostile_inputs.target import WHERE

ROOT: Final = Path(__file__).parents[1]
SHARE: Final = 20_000
"""Inputs of a parser, unless told; of forms and of the API as many each."""
SLOW: Final = {"packs": 50, "catalogues": 10, "draws": 10, "draws-program": 10, "pictures": 4, "documents": 4}
"""Parsers that take longer for each input get fewer of them, by this."""


class TimeUp(BaseException):
    """The time that was asked for is over; no error that anything handles."""


def _end(*_: object) -> None:
    raise TimeUp


def main(given: Sequence[str]) -> int:
    """Run what is asked for, and print the table."""
    asked = _arguments(given)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="mawid-hostile-"))
    print(f"in {folder}, from seed {asked.seed}", flush=True)
    signal.signal(signal.SIGALRM, _end)
    signal.alarm(asked.seconds)
    with suppress(TimeUp):
        _run(asked, folder)
    return _print(folder)


def _run(asked: argparse.Namespace, folder: Path) -> None:
    names = [name for text in WHERE.values() for name in text.split()]
    for name in [*names, "forms", "api"]:
        group = name if name in {"forms", "api"} else "parsers"
        if (asked.of and group not in asked.of) or (asked.only and name not in asked.only):
            continue
        inputs = asked.inputs or SHARE // SLOW.get(name, 1)
        _parser(name, inputs, asked.seed, folder / name) if group == "parsers" else _site(
            name, inputs, asked.seed, folder
        )


def _parser(name: str, inputs: int, seed: int, folder: Path) -> None:
    """Try inputs until there were so many; where one ends the process, it is a fault, and another process goes on."""
    ledger = Ledger(folder)
    wanted = ledger.counted()[0] + inputs
    while (left := wanted - ledger.counted()[0]) > 0:
        had = ledger.counted()[0]
        module = "benchmarks.hostile_inputs.guided"
        command = [sys.executable, "-W", "ignore", "-m", module, name, str(left), str(seed + had), str(folder)]
        with (folder / "output").open("ab") as output:
            ended = subprocess.run(command, cwd=ROOT, check=False, stdout=output, stderr=output)
        if ended.returncode == 0 or ledger.counted()[0] == had:
            if ended.returncode:
                sys.exit(f"{name} did not start: {folder / 'output'}")
            return
        ledger.note(name, f"ended the process: {ended.returncode}", ledger.last())


def _site(name: str, inputs: int, seed: int, folder: Path) -> None:
    from benchmarks.hostile_inputs import api_calls, forms  # noqa: PLC0415 - parsers need no site
    from benchmarks.hostile_inputs.site import Judge, a_site  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="mawid-") as servers,
        a_site(Path(servers)) as site,
        Ledger(folder / name) as ledger,
    ):
        judge = Judge(site, ledger)
        start, most = seed + ledger.inputs, ledger.inputs + inputs
        attack = forms.attack if name == "forms" else api_calls.attack
        with suppress(TimeUp):
            attack(judge, site, start=start, most=most)


def _print(folder: Path) -> int:
    found = 0
    print(f"{'target':<16}{'inputs':>12}{'accepted':>12}{'faults':>8}")
    total = 0
    for ledger in _ledgers(folder):
        inputs, accepted = ledger.counted()
        faults = ledger.faults()
        total, found = total + inputs, found + len(faults)
        print(f"{ledger.folder.name:<16}{inputs:>12,}{accepted:>12,}{len(faults):>8}")
        for one in faults:
            print(f"    {one.what}  ({ledger.folder / one.input})")
    print(f"{'all':<16}{total:>12,}{'':>12}{found:>8}")
    return int(found > 0)


def _ledgers(folder: Path) -> Iterator[Ledger]:
    for one in sorted(folder.iterdir()):
        if (one / "counts").exists():
            yield Ledger(one)


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench hostile")
    parser.add_argument("--of", action="append", choices=("parsers", "forms", "api"))
    parser.add_argument("--only", nargs="+", default=[], metavar="TARGET")
    parser.add_argument("--inputs", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=0, help="end by then, whatever is left")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
