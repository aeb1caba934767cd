"""The command ``mawid fraud backtest``."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from booking.antifraud.gate.backtest import try_rules
from booking.opening import command_core
from fraud.rules.backtest import Backtest


def backtest_rules(
    file: typer.FileText,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")] = None,
    last: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day.")] = None,
    csv: Annotated[Path | None, typer.Option(help="A folder for the tables as CSV files.")] = None,
) -> None:
    """Try a draft of rules on the verdicts of a period; nothing is changed and nobody is told."""
    with command_core() as core:
        found = try_rules(
            core,
            source=file.read(),
            first=None if first is None else first.date(),
            last=None if last is None else last.date(),
        )
    typer.echo(as_text(found))
    if csv is not None:
        csv.mkdir(parents=True, exist_ok=True)
        for name, table in found.tables().items():
            table.to_csv(csv / f"{name.replace(' ', '_')}.csv")


def as_text(found: Backtest) -> str:
    """Write a backtest for a terminal."""
    parts = [f"{len(found.requests)} requests judged, {found.left_out} left out (made with other facts)"]
    with pd.option_context("display.width", 120, "display.max_columns", 20, "display.float_format", "{:.4f}".format):
        for name, table in found.tables().items():
            parts.append(f"\n{name}\n{table.to_string() if len(table) else '  none'}")
    return "\n".join(parts)
