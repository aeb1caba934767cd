"""Nights that exchange appointments: how many more come on the day they want, what a seller gains, how long it takes.

A country of offices of different size whose places were given by a draw; the people are `allocation.swapping.samples`,
the seller is `allocation.swapping.seller`. Each night is played in line, as the exchange does it, and by top trading
cycles, which move more people. Seconds are of the processor.
"""

import argparse
from time import process_time

from allocation.swapping.cycles import exchange_in_cycles
from allocation.swapping.in_line import exchange_in_line
from allocation.swapping.night import ranks
from allocation.swapping.rounds import exchange_in_rounds
from allocation.swapping.samples import OFFICES, Reason, day_of, holders, night_of
from allocation.swapping.seller import sell

RULES = {"in line": exchange_in_line, "cycles": exchange_in_cycles}


def welfare(sizes: list[int], seed: int) -> None:
    """Print how many move, by each rule."""
    print("| holders | rule | moved | first wish | other days | earlier | other office | days sooner | s |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for count in sizes:
        who = holders(count, seed=seed)
        night = night_of(who, seed=seed)
        for name, rule in RULES.items():
            began = process_time()
            gets = rule(night)
            seconds = process_time() - began
            rank = ranks(night, gets)
            by = [f"{(rank[who.reason == one] >= 0).mean():.0%}" for one in Reason]
            sooner = (day_of(night.holds) - day_of(gets))[who.reason == Reason.EARLIER].mean()
            cells = [f"{count:,}", name, f"{(rank >= 0).mean():.1%}", f"{(rank == 0).mean():.1%}", *by]
            print("| " + " | ".join([*cells, f"{sooner:.2f}", f"{seconds:.2f}"]) + " |")


def sold(count: int, names: int, nights: int, price: float, cost: float) -> None:
    """Print what a seller gains, by each rule."""
    print(f"\nA seller with {names} names among {count:,} holders; {nights} nights.\n")
    print("| rule | customers | got it | without the seller | sold | profit of a name |")
    print("|---|---|---:|---:|---:|---:|")
    for name, rule in RULES.items():
        for where, offices in (("of any office", OFFICES), ("of the same office", 1)):
            found = sell(rule, count=count, names=names, nights=nights, offices=offices)
            profit = found.profit(price=price, cost=cost)
            print(f"| {name} | {where} | {found.got:.1%} | {found.anyway:.1%} | {found.share:.1%} | {profit:+.2f} |")


def main() -> None:
    """Play the nights and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holders", type=int, nargs="+", default=[500, 5_000, 100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", type=int, default=20)
    parser.add_argument("--nights", type=int, default=20)
    parser.add_argument("--price", type=float, default=1.0, help="of a place that is sold for certain")
    parser.add_argument("--cost", type=float, default=0.2, help="of a name that holds a place, as a share of that")
    given = parser.parse_args()
    welfare(given.holders, given.seed)
    sold(2_000, given.names, given.nights, given.price, given.cost)
    night = night_of(holders(max(given.holders), seed=given.seed), seed=given.seed)
    began = process_time()
    same = exchange_in_rounds(night) == exchange_in_line(night).tolist()
    print(f"\nDecided again by other code in {process_time() - began:.1f} s: {'the same' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
