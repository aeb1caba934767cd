"""The parsers that `benchmarks/hostile.py` attacks are still there, and take what the attack begins with."""

from contextlib import suppress
from importlib import import_module

import pytest

from benchmarks.hostile_inputs.faults import Ledger
from benchmarks.hostile_inputs.target import WHERE
from benchmarks.hostile_inputs.values import Field, encoded


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted({*WHERE} - {"files"}))
def test_each_parser_reads_the_first_input_that_its_attack_begins_with(file):
    found = import_module(f"benchmarks.hostile_inputs.{file}").targets()

    assert [one.name for one in found] == WHERE[file].split()
    for one in found:
        with suppress(*one.refuses):
            one.read(one.seeds[0])


def test_counts_and_faults_outlive_the_process_that_found_them(tmp_path):
    with Ledger(tmp_path) as ledger:
        for data in (b"first", b"second"):
            ledger.trying(data)
            ledger.note("sms", "ValueError", data)
            ledger.tried(accepted=data == b"first")
    later = Ledger(tmp_path)
    (fault,) = later.faults()

    assert later.counted() == (2, 1)
    assert later.last() == b"second"
    assert (tmp_path / fault.input).read_bytes() == b"first"


def test_half_a_pair_of_surrogates_is_sent_as_its_bytes():
    assert encoded([(Field("a").name, "\ud800\0")]) == b"a=%ED%A0%80%00"
