"""The model card: what a model is, what taught it, how well it does, and what it must not be used for."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from fraud.facts import BY_NAME
from fraud.scoring.artifact import Artifact

_LIMITS: Final = (
    "It never refuses anyone: the hardest that a score leads to is a look by an officer, with reasons and an appeal.",
    "It scores requests, not people, and says nothing about guilt. Its labels are decisions of people, and those err.",
    "It is for the service and the facts that taught it: a model that knows other facts than the gate is refused.",
    "It must not feed anything but this gate: no eligibility, no ranking in the draw, no list of people.",
)
_SIMULATED: Final = (
    "It was taught by a **simulated** history: its figures say that the parts work together, and nothing about people."
)


def model_card(artifact: Artifact, *, name: str, fairness: pd.DataFrame | None = None) -> str:
    """Write the card of the gate's model in Markdown; the same model gives the same card.

    Parameters
    ----------
    fairness
        A report of `fraud.scoring.fairness.fairness_report`, where honest people are known.
    """
    about, lines_at = dict(artifact.about), artifact.thresholds
    rows, people = about["rows"], about["people"]
    lines = [
        f"# Model card: {name}",
        "",
        f"The probability that a request hoards places. Model `{artifact.version}`, {len(artifact.trees.root)} boosted",
        f"trees, {len(artifact.trees.feature)} nodes, calibrated by a logistic curve; seed {about['seed']}.",
        "",
        "## What taught it",
        "",
        f"- requests from {about['from']} until {about['until']}; hash of the data `{about['data']}`",
        *(f"- {_SLICES[part]}: {rows[part]:,} requests of {people[part]:,} people" for part in _SLICES),
        "- nobody is in two slices, and every slice is later than the one before",
        *([f"- {_SIMULATED}"] if about.get("source") == "simulated" else []),
        "",
        "## How well it does",
        "",
        "On the last slice: later requests of people from whom it has not learned.",
        "",
        *_table(("figure", "value"), [(key, _number(value)) for key, value in about["metrics"].items()]),
        "",
        f"Its own thresholds: a challenge from {lines_at.challenge:.4f}, a review from {lines_at.review:.4f}. The",
        "quota policy decides which are used.",
        "",
        "## What it knows",
        "",
        f"Schema `{artifact.schema.hash}`. More of a fact may only raise the score (+), only lower it (−), or either.",
        "",
        *_table(("fact", "sign", "meaning"), [_fact(name, about["signs"]) for name in artifact.schema.features]),
        "",
        "## Fairness",
        "",
        *_fairness(fairness),
        "",
        "## Limits of use",
        "",
        *(f"- {limit}" for limit in _LIMITS),
    ]
    return "\n".join(lines) + "\n"


_SLICES: Final = {"learn": "learned from", "calibrate": "calibrated on", "measure": "measured on"}


def _fact(name: str, signs: dict[str, int]) -> tuple[str, str, str]:
    return f"`{name}`", {1: "+", -1: "−", 0: ""}[signs.get(name, 0)], BY_NAME[name].en


def _fairness(report: pd.DataFrame | None) -> list[str]:
    if report is None or report.empty:
        return ["No honest requests are known yet: nothing is claimed."]
    columns = (report[name].tolist() for name in ("group", "what", "people", "rate", "low", "high", "others"))
    rows = [
        (group, what, f"{people:,}", f"{rate:.1%}", f"{low:.1%} to {high:.1%}", f"{others:.1%}")
        for group, what, people, rate, low, high, others in zip(*columns, strict=True)
    ]
    return _table(("group", "what", "honest requests", "rate", "99 % interval", "others"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
