"""The command ``mawid fraud evaluate``: how well a model would predict the later rows of a labelled table."""

import json
from pathlib import Path
from typing import Annotated

import typer

_BAD_INPUT = 2


def evaluate_command(  # noqa: PLR0917 - a command's options
    table: Annotated[Path, typer.Option(help="CSV or TSV, also as .gz or .zip, or Parquet.")],
    label: Annotated[str, typer.Option(help="The column that says what became of each row.")],
    time: Annotated[list[str], typer.Option(help="When; several columns with commas: year,month,day or date,time.")],
    group: Annotated[str | None, typer.Option(help="Whose each row is; its past becomes features.")] = None,
    train_before: Annotated[str | None, typer.Option(help="The first day held out; else the last fifth is.")] = None,
    positive: Annotated[list[str] | None, typer.Option(help="A value of the label that counts as true.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="A column to use although it looks unusable.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="A column that says who or what; its past counts.")] = None,
    identifier: Annotated[list[str] | None, typer.Option(help="A column that only names the row.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="A column of codes without an order.")] = None,
    number: Annotated[list[str] | None, typer.Option(help="A column of amounts.")] = None,
    date: Annotated[list[str] | None, typer.Option(help="A column of dates.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="A column of sentences.")] = None,
    day_first: Annotated[list[str] | None, typer.Option(help="A column where 03/04/2016 is in April.")] = None,
    month_first: Annotated[list[str] | None, typer.Option(help="A column where 03/04/2016 is in March.")] = None,
    keep_duplicates: Annotated[bool, typer.Option("--keep-duplicates", help="Keep exact duplicates.")] = False,  # noqa: FBT002
    delay: Annotated[float, typer.Option(min=0, help="Days until an outcome is known.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Equal seeds give equal reports.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print data for programs.")] = False,  # noqa: FBT002
) -> None:
    """Train on the earlier rows of a labelled table and measure on the later ones."""
    # pandas and scikit-learn take seconds to load, and no other command needs them.
    from fraud.tables import TableError, evaluate  # noqa: PLC0415

    said = {"key": key, "identifier": identifier, "category": category, "number": number, "date": date, "text": text}
    try:
        report = evaluate(
            table,
            label=label,
            time=time,
            group=group,
            train_before=train_before,
            positive=positive or (),
            drop=drop or (),
            keep=keep or (),
            kinds=[(name, kind) for kind, named in said.items() for name in named or ()],
            day_first=day_first or (),
            month_first=month_first or (),
            keep_duplicates=keep_duplicates,
            delay=delay,
            seed=seed,
        )
    except TableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_BAD_INPUT) from error
    typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else str(report))
