"""What scalpers earn and who is served under each way of giving out places: the tables of docs/market.md.

Usage: python -P benchmarks/black_market.py [SEEDS]   (10)
"""

import sys
from dataclasses import replace
from time import process_time

import pandas as pd

from allocation.market import RULES, Market, Rules, Scalpers, compare

PARTS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
DEMANDS = (0.5, 0.8, 1.0, 1.25, 2.0, 4.0)


def main() -> None:
    """Print four tables."""
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    started = process_time()
    scarce = {"2": Market(demand=2.0)}
    known, found = Scalpers(), Scalpers(orders=False)
    for title, scalpers in {"customers known before": known, "customers found afterwards": found}.items():
        table = compare(scarce, scalpers, seeds=seeds).droplevel("market")
        show(f"demand 2, {title}", table.drop(columns=["served", "worked", "active"]))
    demand = {f"{demand:g}": Market(demand=demand) for demand in DEMANDS}
    show("scalpers' profit for each place, by demand", by_market(demand, known, seeds))
    show("the same, customers found afterwards", by_market(demand, found, seeds))
    alike = {f"{c:g}": Market(demand=0.6, correlation=c) for c in (0.0, 0.5, 0.8, 0.9, 1.0)}
    show("the same at demand 0.6, customers known, by correlation", by_market(alike, known, seeds))
    parts = {f"{part:g}": Rules(drawn=part, checked=True, at_once=False) for part in PARTS}
    shares = [
        compare(scarce, replace(known, capital=capital), parts, seeds=seeds)["profit"].rename(f"capital {capital}")
        for capital in (0.5, 0.25)
    ]
    show("scalpers' profit, demand 2, by drawn share", pd.concat(shares, axis=1).droplevel("market"))
    print(f"\n{process_time() - started:.0f} s of processor time")


def by_market(markets: dict[str, Market], scalpers: Scalpers, seeds: range) -> pd.DataFrame:
    """Profit for each place: rules down, markets across."""
    return compare(markets, scalpers, RULES, seeds=seeds)["profit"].unstack("market")[list(markets)].loc[list(RULES)]  # noqa: PD010 - both levels stay


def show(title: str, table: pd.DataFrame) -> None:
    """Print a table in Markdown."""
    print(f"\n{title}\n\n| | {' | '.join(map(str, table.columns))} |\n|---|{'---:|' * len(table.columns)}")
    for name, row in table.iterrows():
        cells = (value if isinstance(value, str) else f"{value:.2f}" for value in row)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
