"""The sentence above a chart: what it shows now, so that nobody has to read it off."""

from collections.abc import Mapping, Sequence
from typing import Final

from api.charts.labels import part_name
from api.i18n import N_, Words
from booking.country.figures.measures import Look, Measure

Counts = Mapping[str, int]
FEW: Final = 20
"""A share of fewer than these is told as what it is: "2 of 4"."""
_NAMED: Final = 3


def finding(measure: Measure, rows: Sequence[tuple[str, Counts]], words: Words) -> str:
    """Say what a figure shows; ``rows`` are named in the reader's language. Empty where nothing was counted."""
    there = [(name, counts) for name, counts in rows if sum(counts.values())]
    if not there:
        return ""
    if measure.look is Look.CHANCE:
        return _best_and_worst(measure.shape.parts[0], there, words)
    if not measure.shape.rows_add_up:
        return _largest(measure, there, words)
    counts = {
        part: sum(one.get(part, 0) for _, one in there) for part in dict.fromkeys(k for _, one in there for k in one)
    }
    told = words.say(
        N_("Altogether %(all)s: %(parts)s."), {"all": sum(counts.values()), "parts": _parts(counts, words)}
    )
    if len(there) == 1:
        return told
    name, most = max(there, key=lambda one: sum(one[1].values()))
    return f"{told} " + words.say(N_("Most: %(row)s, %(most)s."), {"row": name, "most": sum(most.values())})


def part_of(count: int, of: int, words: Words) -> str:
    """Write a part of some: counted where they are few, else as a percentage of how many."""
    if of < FEW:
        return words.say(N_("%(n)s of %(of)s"), {"n": count, "of": of})
    return words.say(N_("%(share)s of %(of)s"), {"share": words.percent(count / of), "of": of})


def _parts(counts: Counts, words: Words) -> str:
    return words.listed([f"{part_name(part, words)} {words.number(count)}" for part, count in counts.items() if count])


def _largest(measure: Measure, rows: Sequence[tuple[str, Counts]], words: Words) -> str:
    """Name the largest rows; where the last part is what waits too long, say how many do."""
    sums = sorted(((name, sum(counts.values())) for name, counts in rows), key=lambda one: -one[1])[:_NAMED]
    told = words.say(
        N_("Most: %(rows)s."), {"rows": words.listed([f"{name} {words.number(count)}" for name, count in sums])}
    )
    last = measure.shape.parts[-1]
    long = sum(counts.get(last, 0) for _, counts in rows)
    return told if last != "longer" else f"{told} {part_name(last, words)}: {words.number(long)}."


def _best_and_worst(part: str, rows: Sequence[tuple[str, Counts]], words: Words) -> str:
    """Compare the rows of which there are enough to speak of a share."""
    known = [(counts.get(part, 0) / of, name, of) for name, counts in rows if (of := sum(counts.values())) >= FEW]
    if not known:
        return words.say(N_("Too few to compare: fewer than %(few)s requests in each row."), {"few": FEW})
    (high, best, of), (low, worst, all_) = max(known), min(known)
    told = {"best": best, "high": part_of(round(high * of), of, words)}
    if best == worst:
        return words.say(N_("%(best)s: %(high)s."), told)
    return words.say(
        N_("Highest: %(best)s, %(high)s. Lowest: %(worst)s, %(low)s."),
        told | {"worst": worst, "low": part_of(round(low * all_), all_, words)},
    )
