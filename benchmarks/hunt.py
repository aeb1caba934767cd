"""The hunt: what attackers that learn get from a race, the draw alone and the draw behind the gate; and a tuned gate.

Usage: python -P benchmarks/hunt.py [TRIES] [FOLDER]   (48, and a folder of its own)

Each step keeps its trials in the folder: the same command goes on where it was ended. A hunt begins with the kept
responses to the same question, so that what was found once is not lost by the luck of a later search. The same as
``mawid fraud hunt --against race``, ``--against draw``, ``--aim profit``, ``--aim credulous``, ``--aim share``, then
``mawid fraud tune`` with the last two, and a hunt against the policy that leaves least within the bounds of rounds.
The responses are written to ``found.json``, of which ``fraud/hunting`` keeps one for notebooks.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import numpy as np

import fraud
from fraud.hunting import Defence, Record, Settings, hunt
from fraud.hunting.found import read_found, tactics_of
from fraud.hunting.ledger import Figures
from fraud.hunting.response import Aim, Response
from fraud.hunting.rounds import Bounds
from fraud.hunting.tuning import GOALS, Tuning, goals_of, tune

SHOWN = ("profit", "expected", "credulous", "paid", "money", "share")


def hunted(title: str, defence: Defence, aim: Aim, tries: int, folder: Path, *, kept: str) -> Response:
    """Hunt, and print a line for each kind: the mean of the judged seasons with its 95 % interval, and the worst."""
    began = process_time()
    record = Record(folder / f"{title.replace(' ', '-')}.jsonl")
    found = hunt(defence, Settings(aim=aim, tries=tries), record, begin=tactics_of(read_found()[kept]))
    print(f"\n{title}; {process_time() - began:.0f} s of processor time", flush=True)
    for kind in found.tactics:
        print(f"{kind:>14} " + "  ".join(_cell(name, kind, found.judged) for name in SHOWN), flush=True)
    goals = goals_of(found.judged)
    print("  ".join(f"{name} {goals[name]:.5g}" for name in GOALS), flush=True)
    return found


def _cell(name: str, kind: str, judged: Sequence[Figures]) -> str:
    values = [one[kind][name] for one in judged]
    half = 1.96 * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{name} {np.mean(values):.4g} ± {half:.2g} (worst {max(values):.4g})"


def main() -> None:
    """Print what each hunt and the tuning found."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="hunt-"))
    folder.mkdir(exist_ok=True)
    gate = Defence(model=fraud.train(*fraud.FIRST_MODEL))
    aims: tuple[Aim, ...] = ("credulous", "share")
    found = {
        "race": hunted("against race", Defence("race"), "profit", tries, folder, kept="race"),
        "draw": hunted("against draw", Defence("draw"), "profit", tries, folder, kept="draw"),
        "gate": hunted("gate for profit", gate, "profit", tries, folder, kept="gate"),
        **{aim: hunted(f"gate for {aim}", gate, aim, tries, folder, kept=aim) for aim in aims},
    }
    kept = {name: response.told() for name, response in found.items()}
    (folder / "found.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    league = [found[aim].tactics for aim in aims]
    began = process_time()
    choices = tune(gate, league, Tuning(tries=tries), Record(folder / "tuning.jsonl"))
    print(f"\ntuned; {process_time() - began:.0f} s of processor time\n" + "  ".join(GOALS))
    for choice in choices:
        print("  ".join(f"{choice.goals[name]:.5g}" for name in GOALS))
    picked = Bounds().pick(choices)
    assert picked is not None, "no policy is within the bounds"
    print("picked: " + ", ".join(f"{name} {number:.3g}" for name, number in picked.numbers.items()))
    for aim in aims:
        hunted(f"picked for {aim}", picked.defence, aim, tries, folder, kept=aim)


if __name__ == "__main__":
    main()
