"""Never two histories: whatever logs offer, in whatever order, and wherever the witness is killed."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.transparency.log.checkpoints import Checkpoint, cosigned_at
from booking.transparency.witness.cosigning import ForkError, InconsistentError, StaleError
from booking.transparency.witness.folder import Folder
from tests.booking.transparency.witness.a_log import FORKED, HONEST, OPENS, FakeLog, cosigner, offered
from tests.support.root import ROOT


@settings(max_examples=30)
@given(
    steps=st.lists(
        st.tuples(st.booleans(), st.integers(1, 12), st.integers(0, 12), st.booleans(), st.booleans()), max_size=12
    )
)
def test_all_that_one_witness_ever_signs_is_one_history(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("w") / "folder"
    witness, signed = cosigner(path), [Checkpoint("", 0, FakeLog().tree().root(0))]
    for honest, size, old, known, opened_again in steps:
        offer = offered(HONEST if honest else FORKED, size, witness.accepted.size if known else old)
        if opened_again:
            witness = cosigner(path)
        try:
            line = witness.cosign(offer.checkpoint, offer.note, old=offer.old, proof=offer.proof)
        except (StaleError, ForkError, InconsistentError):
            continue
        assert cosigned_at(offer.note.text, line, Folder.open(path).vkey) == OPENS.timestamp()
        signed.append(offer.checkpoint)
    assert [one.size for one in signed] == sorted(one.size for one in signed)
    assert any(
        all(one.root == FakeLog(entries[: one.size]).tree().root(one.size) for one in signed)
        for entries in (HONEST, FORKED)
    )


def test_old_sizes_and_forks_are_refused_as_the_protocol_says(tmp_path):
    witness = cosigner(tmp_path / "w")
    first = offered(HONEST, 6, 0)
    witness.cosign(first.checkpoint, first.note, old=0, proof=first.proof)
    for offer, error in (
        (offered(HONEST, 8, 5), StaleError),
        (offered(FORKED, 6, 6), ForkError),
        (offered(FORKED, 9, 6), InconsistentError),
        (offered(HONEST, 4, 4), StaleError),
    ):
        with pytest.raises(error):
            witness.cosign(offer.checkpoint, offer.note, old=offer.old, proof=offer.proof)
    assert witness.accepted == first.checkpoint


def test_damaged_memory_of_what_was_signed_signs_nothing(tmp_path):
    witness = cosigner(tmp_path / "w")
    first = offered(HONEST, 6, 0)
    witness.cosign(first.checkpoint, first.note, old=0, proof=first.proof)
    (tmp_path / "w" / "checkpoint").write_bytes(b"")
    with pytest.raises(Exception, match="checkpoint"):
        cosigner(tmp_path / "w")


@pytest.mark.slow
def test_killed_at_any_step_it_never_signs_a_second_history(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.booking.transparency.witness.kills", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert int(run.stdout) >= 5
