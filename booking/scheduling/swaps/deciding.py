"""Who gets what, from a night's file, its seed and the beacon's value: pure, the same for whoever checks it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import numpy as np

from allocation.lottery import line_order, lottery_numbers
from allocation.swapping.night import Night
from booking.platform.base.exact_json import canonical

FORMAT: Final = "mawid-exchange-1"


def salted_name(salt: str, name: str) -> str:
    """Return what everyone reads of a kind of places, before whoever has one opens it with the salt."""
    return sha256(f"{salt} {name}".encode()).hexdigest()


def salt_of(pepper: str, free: Sequence[Any]) -> str:
    """Return the salt of a kind, which binds its name in the file to its free places: these, and no others.

    Whoever has the salt learns nothing of them: ``pepper`` is random, and stays with the night.
    """
    return sha256(canonical({"free": list(free), "pepper": pepper})).hexdigest()[:32]


def markets(inputs: Mapping[str, Any], seed: bytes, public: bytes) -> list[Night]:
    """Return the night of each size of places, in the order of the file.

    Parameters
    ----------
    inputs
        The night's file: see `docs/exchange.md`.
    seed, public
        The committed seed; the beacon's value and the SHA-256 of the statement, 64 bytes.

    Raises
    ------
    ValueError
        The file is none.
    """
    if inputs.get("format") != FORMAT:
        raise ValueError(f"the format is not {FORMAT}")
    try:
        return [_market(one, seed, public) for one in inputs["markets"]]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"the file lacks what a night has: {error!r}") from None


def _market(market: Mapping[str, Any], seed: bytes, public: bytes) -> Night:
    holders, kinds = market["holders"], market["kinds"]
    ids = np.array([list(bytes.fromhex(one["id"])) for one in holders], np.uint8).reshape(len(holders), -1)
    numbers = lottery_numbers(seed, public, ids)
    order = line_order(np.array([one["priority"] for one in holders], np.int64), numbers, ids)
    return Night.of(
        [one["holds"] for one in holders],
        order.tolist(),
        [one["wishes"] for one in holders],
        [one["free"] for one in kinds],
        [one["circle"] for one in kinds],
    )
