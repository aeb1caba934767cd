"""A backtest as plain data: what a page shows of it, stored without a reference to anyone."""

import math
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pandas as pd

from fraud.rules.backtest import GROUPS, HONEST, SMALLEST_GROUP, Backtest
from fraud.scoring.evaluate import wilson
from fraud.scoring.fairness import breaches, fairness_report

EXAMPLES: Final = 10
TOGETHER: Final = "*"
"""The name of the row of all groups that are too small to be shown alone."""


def result_of(found: Backtest, *, bound: float, codes: Callable[[list[UUID]], list[str]]) -> dict[str, Any]:
    """Write a backtest as data that JSON can hold.

    Parameters
    ----------
    bound
        How much more often than others honest people of a group may be troubled.
    codes
        Gives requests (the column ``request``) names that tell nobody who it is.

    Returns
    -------
    dict
        ``judged``, ``left_out``, ``first`` and ``last`` day; ``changes`` (rows: active, columns: draft); ``rules`` with
        the precision among known requests and its 95 % interval; ``known``; ``honest`` (who is troubled, by draft and
        active rules); ``groups`` by column; ``fairness`` and ``breaches`` of the draft; ``examples``.
    """
    requests = found.requests
    if requests.empty:
        return {"judged": 0, "left_out": found.left_out}
    honest = requests[requests["known"].isin(HONEST)]
    report = fairness_report(
        honest.assign(challenged=honest["draft"] != "accept", reviewed=honest["draft"] == "review"), GROUPS
    )
    report = report[report["people"] >= SMALLEST_GROUP]
    return {
        "judged": len(requests),
        "left_out": found.left_out,
        "first": requests["at"].min().date().isoformat(),
        "last": requests["at"].max().date().isoformat(),
        "changes": found.changes().to_numpy().tolist(),
        "rules": _rules(found),
        "known": records(found.by_known().rename_axis("known").reset_index()),
        "honest": _honest(found),
        "groups": {
            column: records(found.by_group(column, TOGETHER).rename_axis("group").reset_index()) for column in GROUPS
        },
        "fairness": records(report),
        "breaches": [
            {"group": one.group, "what": one.what, "rate": one.rate, "others": one.others, "gap": one.gap}
            for one in breaches(report, bound=bound)
        ],
        "examples": _examples(found, codes),
    }


def _rules(found: Backtest) -> list[dict[str, Any]]:
    rows = []
    for row in records(found.by_rule().reset_index()):
        known = row["fraud"] + row["honest"]
        low, high = wilson(row["fraud"], known)
        rows.append(row | {"precision": row["fraud"] / known if known else None, "low": low, "high": high})
    return rows


def _examples(found: Backtest, codes: Callable[[list[UUID]], list[str]]) -> list[dict[str, Any]]:
    newly = found.newly(EXAMPLES).iloc[::-1]
    return [
        {
            "who": code,
            "day": row["at"].date().isoformat(),
            "draft": row["draft"],
            "fired": list(row["fired"]),
            "known": row["known"],
        }
        for code, row in zip(codes(newly["request"].tolist()), newly.to_dict("records"), strict=True)
    ]


def _honest(found: Backtest) -> dict[str, dict[str, Any]]:
    return {str(who): _plain(row) for who, row in found.false_positives().to_dict("index").items()}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as data that JSON can hold; what is not a number becomes None."""
    return [_plain(row) for row in table.to_dict("records")]


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return numbers as JSON has them: no NumPy types, and None for what is not a number."""
    plain = {str(name): value.item() if hasattr(value, "item") else value for name, value in row.items()}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in plain.items()}
