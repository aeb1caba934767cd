"""Turns are cut by one pattern as they are key by key or cell by cell, and refused where they are refused so."""

import gzip
from dataclasses import replace

import numpy as np
import pytest

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.files import pack_lines
from booking.scheduling.draws.format2 import kept, tables
from booking.scheduling.draws.format2.kept import read_kept_turns, read_turn, turn_line
from booking.scheduling.draws.format2.tables import KEPT_TURNS, TURN_COLUMNS, TURNS, read_turns
from booking.scheduling.draws.formats import DamagedFileError

NEVER = type("Never", (), {"fullmatch": staticmethod(lambda _: None)})
HEADER = ",".join(TURN_COLUMNS).encode()


@pytest.fixture(scope="module")
def turns(drawn, later):
    """The turns of two draws: each with its line of turns.jsonl.gz and its row and cells of turns.csv."""
    return [
        (turn, text, row, cells)
        for each in (drawn, later)
        for turn, text, row, cells in zip(
            each.closed.turns,
            gzip.decompress(each.files[KEPT_TURNS]).splitlines(),
            read_turns(each.files, most=1 << 20),
            each.files[TURNS].splitlines()[1:],
            strict=True,
        )
    ]


def test_a_turn_is_what_it_is_key_by_key_and_written_exactly(turns):
    for turn, text, row, _ in turns:
        assert read_kept_turns({KEPT_TURNS: pack_lines([text])}, [row]) == [turn] == [read_turn(text, row)]
        for one in (turn, replace(turn, lasting=None), replace(turn, logged=None)):
            data = {"asked": one.asked.hex(), "base": one.base.hex(), "logged": one.logged}
            link = {"link": one.link.columns() if one.link else None}
            lasting = {} if one.lasting is None else {"lasting": one.lasting}
            assert turn_line(one) == canonical(data | link | lasting)


@pytest.mark.parametrize("name", ["_USUAL_TURN", "_TURN_ROW"])
def test_a_turn_that_is_changed_anywhere_is_refused_exactly_where_it_is_strictly(turns, monkeypatch, name):
    random = np.random.default_rng(7)
    alphabet = [*b'"0,]}9-[{:az', 0xFF, 0x5C]
    module, read = (kept, read_line) if name == "_USUAL_TURN" else (tables, read_cells)
    outcomes = []
    for _, text, row, cells in turns:
        whole = text if module is kept else b"0," + cells.split(b",", 1)[1]
        for _ in range(12):
            at, kind = int(random.integers(len(whole))), int(random.integers(3))
            byte = bytes([int(random.choice(alphabet))])
            changed = whole[:at] + (byte if kind else b"") + whole[at + (kind != 1) :]
            with monkeypatch.context() as strictly:
                strictly.setattr(module, name, NEVER)
                due = read(changed, row)
            assert read(changed, row) == due, changed
            outcomes.append(due)
    assert None in outcomes


def read_line(text, row):
    try:
        return read_kept_turns({KEPT_TURNS: pack_lines([text])}, [row])
    except DamagedFileError:
        return None


def read_cells(cells, _):
    try:
        return read_turns({TURNS: HEADER + b"\n" + cells + b"\n"}, most=1)
    except DamagedFileError:
        return None
