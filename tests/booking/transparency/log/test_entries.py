import sys
from subprocess import run

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from allocation.lottery import inclusion_proof, merkle_tree, tree_root
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.entries import read_entry, write_entry
from booking.transparency.log.notes import COSIGNATURE, NoteError, VerifierKey, sign
from booking.transparency.log.proofs import LogProof, read_proof

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = VerifierKey.of("mawid.example/log", KEY)
WITNESS = VerifierKey.of("paper.example", KEY, COSIGNATURE)
HASH = "0" * 64
AT = "2026-11-27T20:00:00+00:00"
RECEIPT = write_entry("receipt", {"receipt": HASH})
ANNOUNCEMENT = {
    "at": AT,
    "reference": "D-1",
    "opens_at": AT,
    "closes_at": "2026-11-27T20:00:00.000001+00:00",
    "horizon_first": "2026-12-01",
    "horizon_last": "2026-12-14",
    "confirm_seconds": 3600,
    "seed_commitment": HASH,
    "beacon": {"kind": "witnesses", "key": "0" * 192, "need": 2, "of": ["a", "b", "c"]},
    "log": LOG.text,
    "witnesses": [WITNESS.text],
    "need": 1,
    "again": None,
}


def test_an_entry_is_exact_json_of_its_type() -> None:
    assert RECEIPT == b'{"receipt":"' + b"0" * 64 + b'","type":"receipt"}'
    assert read_entry(RECEIPT) == {"type": "receipt", "receipt": HASH}
    assert read_entry(write_entry("announcement", ANNOUNCEMENT)) == ANNOUNCEMENT | {"type": "announcement"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        RECEIPT + b"\n",
        RECEIPT.replace(b",", b", "),
        RECEIPT.replace(b'receipt"}', b'recipe"}'),
        RECEIPT.replace(b'"type"', b'"t":1,"type"'),
        RECEIPT.replace(b'{"', b'{"receipt":1,"'),
        RECEIPT.replace(b'0",', b'\\u0030",'),
        RECEIPT.replace(b'"' + b"0" * 64 + b'"', b"NaN"),
        RECEIPT.replace(b'"' + b"0" * 64 + b'"', b"1e400"),
        RECEIPT.replace(b'"' + b"0" * 64 + b'"', b"9" * 5000),
        RECEIPT.replace(b"0" * 64, b"\\ud800"),
        b'{"type":' + b"[" * 60_000,
        b'{"type":["receipt"]}',
        b'{"type":"receipt","x":"' + b"0" * 70_000 + b'"}',
    ],
)
def test_what_is_not_an_entry_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(NoteError):
        read_entry(content)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"closes_at": AT}, "opens_at is not before"),
        ({"closes_at": "2026-11-27T20:00:00.5+00:00"}, "closes_at is not an instant"),
        ({"closes_at": "2026-11-27T23:00:00+02:00"}, "closes_at is not an instant"),
        ({"horizon_first": "20261201"}, "horizon_first is not a day"),
        ({"horizon_first": "2026-12-15"}, "is after"),
        ({"confirm_seconds": True}, "confirm_seconds is not a number"),
        ({"need": 2}, "more than there are witnesses"),
        ({"witnesses": [WITNESS.text, WITNESS.text]}, "stands twice"),
        ({"witnesses": [LOG.text]}, "type 1"),
        ({"beacon": {"kind": "dice"}}, "no known kind"),
        ({"beacon": ANNOUNCEMENT["beacon"] | {"need": 4}}, "fewer than needed"),
        ({"again": {"of": "D-0"}}, "again lacks the key reason"),
        ({"more": 1}, "not known"),
    ],
)
def test_a_value_that_no_announcement_has_is_refused_by_its_name(change: dict[str, object], words: str) -> None:
    with pytest.raises(NoteError, match=words):
        write_entry("announcement", ANNOUNCEMENT | change)


ENTRIES = [RECEIPT, *(write_entry("receipt", {"receipt": f"{number:064x}"}) for number in range(1, 6))]
TREE = merkle_tree(ENTRIES)
PROOF = LogProof(4, tuple(inclusion_proof(TREE, 4)), sign(Checkpoint(LOG.name, 6, tree_root(TREE)).text, LOG.name, KEY))


def test_a_proof_shows_its_entry_and_no_other() -> None:
    read = read_proof(str(PROOF).encode())

    assert (read, str(read)) == (PROOF, str(PROOF))
    assert read.check(ENTRIES[4], [LOG]).size == 6
    with pytest.raises(NoteError, match="does not show"):
        read.check(ENTRIES[3], [LOG])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1\n", ""),
        ("index 4", "extra AAAA\nindex 4"),
        ("index 4", "index 04"),
        ("index 4", "index -4"),
        ("index 4\n", "index 4\nAAAA\n"),
        ("index 4\n", "index 4\n" + "A" * 43 + "=\n"),
        ("\n\n", "\n"),
        ("index 4", "index 4\n" * 70),
    ],
)
def test_what_is_not_such_a_proof_is_refused_in_words(old: str, new: str) -> None:
    with pytest.raises(NoteError):
        read_proof(str(PROOF).replace(old, new, 1).encode()).check(ENTRIES[4], [LOG])


def test_reading_the_log_needs_no_database_and_no_settings() -> None:
    code = (
        "import sys; from booking.transparency.log import checkpoints, entries, proofs;"
        "print({'sqlalchemy', 'pydantic', 'booking.country.core'} & set(sys.modules))"
    )
    assert run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip() == "set()"
