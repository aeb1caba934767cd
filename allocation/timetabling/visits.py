"""The shapes that a party's visit can have: who starts how long after the party does.

In every unit of a visit at least one of the party is served: several at once or one after another, no gap. People of
the same kind are interchangeable, so a shape counts starts and names nobody.
"""

from itertools import product

Kind = tuple[int, int]
"""Units of service, needed features."""

Group = tuple[Kind, int]
"""A kind, and how many of a party are of it."""

Shape = tuple[tuple[int, Kind, int], ...]
"""(units after the party's start, kind, how many start), in time."""


def shapes(groups: tuple[Group, ...], longest: int, *, limit: int, covered: int = 0) -> list[tuple[int, Shape]] | None:
    """Find every shape of at most ``longest`` units, with its length; None where there are more than ``limit``.

    ``covered`` is for a party that has begun: others of it are being served for so many more units.
    """
    found: list[tuple[int, Shape]] = []
    kinds = [kind for kind, _ in groups]

    def extend(unit: int, left: tuple[int, ...], until: int, so_far: Shape) -> bool:
        """Choose who starts at ``unit``, then what follows; False where the limit is passed."""
        if not any(left):
            found.append((until, so_far))
            return len(found) <= limit
        for chosen in product(*(range(count + 1) for count in left)):
            starters = tuple((unit, kind, count) for kind, count in zip(kinds, chosen, strict=True) if count)
            end = max([until, *(unit + kind[0] for _, kind, _ in starters)])
            if end <= unit or end > longest:
                continue
            rest = tuple(count - taken for count, taken in zip(left, chosen, strict=True))
            if not extend(unit + 1, rest, end, so_far + starters):
                return False
        return True

    return found if extend(0, tuple(count for _, count in groups), covered, ()) else None
