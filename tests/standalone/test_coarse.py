"""The program and Mawid publish and read the wishes for everyone alike, each only as exactly as five lines share it."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.coarse import COARSE, read_coarse, write_coarse
from booking.scheduling.draws.format2.kept import wish_columns
from booking.scheduling.draws.format2.rows import Entrant
from booking.scheduling.draws.format2.tables import LineRow
from booking.scheduling.draws.formats import DamagedFileError
from tests.standalone.drawn import a_leaf
from tests.standalone.fuzzing import packed
from tests.standalone.program import part

DRAW = "crowded-1"


def crowd(seed, *, wishes=3, requests=100):
    """Return many requests with few different wishes, and their rows as both read them."""
    random = np.random.default_rng(seed)
    common = [a_leaf(random, 3, 2).wish for _ in range(wishes)]
    entrants = [_entrant(random, common, number) for number in range(requests)]
    entrants.sort(key=lambda each: each.leaf.receipt)
    line = [
        LineRow(each.leaf.person, each.leaf.priority, each.leaf.receipt, each.before, row, bool(random.integers(2)))
        for row, each in enumerate(entrants)
    ]
    rows = [
        {"person": row.person.hex(), "priority": row.priority, "receipt": row.receipt.hex(), "before": None}
        | {"served": str(int(row.served))}
        for row in line
    ]
    return entrants, line, rows


def _entrant(random, common, number):
    wish = replace(common[int(random.integers(len(common)))], nonce=random.bytes(16))
    person = bytes([number if random.random() < 0.95 else 0]) * 16
    priority = int(random.random() < 1 / 10)
    together = bytes(16) if random.random() < 1 / 10 else None
    return Entrant.of(wish, DRAW, person=person, priority=priority, logged=number, link=None, together=together)


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_same_wishes_are_published_and_read_by_both(seed):
    coarse = part("coarse_wishes")
    entrants, line, rows = crowd(seed)
    content = write_coarse(entrants, line)

    lines = coarse.read_coarse(content, rows)
    wishes = [wish_columns(each.leaf) for each in entrants]
    words = coarse.check_coarse(lines, rows, wishes, [nonces.draw_nonce(each.base, DRAW).hex() for each in entrants])

    exact = sum(form.rung == 0 for form in read_coarse({COARSE: content}, line))
    assert words.startswith(f"{exact} wishes are published exactly")
    assert 0 < exact < len(line)


def test_what_one_cannot_read_the_other_refuses_too():
    entrants, line, rows = crowd(1, requests=24, wishes=2)
    content = write_coarse(entrants, line)
    for number in range(200):
        forged = packed(Random(number), content)  # noqa: S311 - nothing secret
        try:
            read_coarse({COARSE: forged}, line)
        except DamagedFileError:
            with pytest.raises(part("strict_reading").WrongError):
                part("coarse_wishes").read_coarse(forged, rows)
        else:
            part("coarse_wishes").read_coarse(forged, rows)
