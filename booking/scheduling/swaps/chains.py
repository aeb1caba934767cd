"""Moves of a night put into chains and cycles: each can be made by itself, and leaves nobody without a place."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from booking.scheduling.swaps.moves import Move, Places

Chain = list[Move]
_Seat = frozenset[tuple[object, int]]


def chains(moves: Sequence[Move]) -> list[Chain]:
    """Return the moves in chains, those first whose last place goes to somebody ahead in line.

    Who moves in a chain goes to the place of the one after them, the last of them to a free place; in a cycle the last
    goes to the place of the first. None visits a place twice, so they are as short as they can be cut. As long as all
    moves together fit, each chain fits by itself, whichever was made before.
    """
    leaving: dict[_Seat, list[Move]] = defaultdict(list)
    over: Counter[_Seat] = Counter()
    for move in sorted(moves, key=lambda one: (one.position, one.key), reverse=True):
        leaving[_seat(move.leaves)].append(move)
        over[_seat(move.leaves)] += 1
        over[_seat(move.takes)] -= 1
    found: list[Chain] = []
    # Places that more people leave than take come first: a chain that began elsewhere would count on another one's.
    begins = [seat for seat, count in over.items() for _ in range(count)]
    for seat in begins:
        found += _walk(leaving, seat)
    for seat in list(leaving):
        while leaving[seat]:
            found += _walk(leaving, seat)
    return sorted(found, key=lambda chain: (chain[-1].position, chain[-1].key))


def slices(found: Sequence[Chain], most: int) -> Iterator[list[Chain]]:
    """Yield runs of whole chains, of so many moves at most; a chain that is longer is a slice of its own."""
    part: list[Chain] = []
    for chain in found:
        if part and sum(map(len, part)) + len(chain) > most:
            yield part
            part = []
        part.append(chain)
    if part:
        yield part


def _walk(leaving: dict[_Seat, list[Move]], seat: _Seat) -> Iterator[Chain]:
    """Yield the cycles on a way from a place to where nobody leaves any more, and the rest of the way."""
    way: Chain = []
    reached = {seat: 0}
    while leaving[seat]:
        move = leaving[seat].pop()
        way.append(move)
        seat = _seat(move.takes)
        if seat in reached:
            cycle = way[reached[seat] :]
            del way[reached[seat] :]
            for one in cycle[:-1]:
                del reached[_seat(one.takes)]
            yield cycle
        else:
            reached[seat] = len(way)
    if way:
        yield way


def _seat(places: Places) -> _Seat:
    return frozenset(places.items())
