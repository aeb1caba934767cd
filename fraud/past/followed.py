"""Requests after cancelled appointments of the same account or phone: for other people, or for the same again."""

from dataclasses import dataclass

import numpy as np

from fraud.past.counting import Flags, Questions, Timeline, Whole, ranges


@dataclass(frozen=True, slots=True)
class Followers:
    """What requests (n,) are after cancelled appointments; one that only moved an appointment of its people is neither.

    ``rebooks``: one was cancelled of which nobody is in the request. ``newcomers``: nobody in it had one cancelled.
    """

    rebooks: Flags
    newcomers: Flags


@dataclass(frozen=True, slots=True)
class Ends:
    """Cancelled appointments (m,) in the order of time: the row of the request of each, and the instant."""

    row: Whole
    at: Whole


def followers(
    subject: Whole, at: Whole, ends: Ends, *, moves: Flags, people: tuple[Whole, Whole], within: int
) -> Followers:
    """Find what each request is after the cancelled appointments of its subject.

    Parameters
    ----------
    subject, at, moves
        Of each request (n,), in the order of time: whose it is (-1: nobody's), microseconds, and whether it only moved
        an appointment of its own people.
    people
        Rows of requests and the person of each (k,).
    within
        Microseconds for which a cancelled appointment is looked at.
    """
    line = Timeline.of(subject[ends.row], ends.at)
    span = line.span(Questions.of(subject, at), within)
    request, place = ranges(span.uncut, span.high)
    shares = _share_somebody(request, ends.row[line.order[place]], people, len(subject))
    rebooks, newcomers = np.zeros(len(subject), dtype=bool), subject >= 0
    rebooks[request[~shares]] = True
    newcomers[request[shares]] = False
    return Followers(rebooks & ~moves, newcomers & ~moves)


def moved(ended: tuple[Whole, Whole], again: tuple[Whole, Whole]) -> Flags:
    """Flag the ends (m,) of appointments that were moved: at that instant a request of the subject moved one.

    Parameters
    ----------
    ended, again
        Subject and microseconds, of each end (m,) and of each request that moves an appointment, in the order of time.
    """
    whose, at = ended
    span = Timeline.of(*again).span(Questions.of(whose, at + 1), 1)
    return span.high > span.uncut


def _share_somebody(one: Whole, other: Whole, people: tuple[Whole, Whole], requests: int) -> Flags:
    """Return for each pair of requests whether somebody is in both."""
    row, person = people
    by_row = np.argsort(row, kind="stable")
    row, person = row[by_row], person[by_row] + 1
    begins = np.searchsorted(row, np.arange(requests + 1))
    pair, place = ranges(begins[other], begins[other + 1])
    most = int(person.max(initial=0)) + 1
    shares = np.isin(one[pair] * most + person[place], row * most + person)
    found = np.zeros(len(one), dtype=bool)
    found[pair[shares]] = True
    return found
