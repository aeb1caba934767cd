"""What hunts found last (docs/hunt.md): the responses to each way of giving out places, kept beside the code."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fraud.attackers.tactics import Tactics

Kept = Mapping[str, Any]
"""A response as `Response.told` writes it: ``tactics``, ``curve``, ``mean`` and ``worst`` by kind."""


def read_found() -> dict[str, Kept]:
    """Return the kept responses to ``race``, ``draw`` and ``gate``; to this also for ``credulous`` and ``share``."""
    whole: dict[str, Kept] = json.loads(Path(__file__).with_name("found.json").read_text(encoding="utf-8"))
    return whole


def tactics_of(kept: Kept) -> dict[str, Tactics]:
    """Return the tactics of a kept response, by kind."""
    return {kind: Tactics(**habits) for kind, habits in kept["tactics"].items()}


def figures_of(kept: Kept) -> pd.DataFrame:
    """Return what the judged seasons gave each kind of attacker in the mean: a row a kind, a column a figure."""
    return pd.DataFrame.from_dict({kind: kept["mean"][kind] for kind in kept["tactics"]}, orient="index")
