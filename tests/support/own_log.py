"""A log of a few entries with a key of its own and witnesses, in memory, the same on every run."""

from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from allocation import lottery
from booking.transparency.log.checkpoints import Checkpoint, cosign
from booking.transparency.log.notes import COSIGNATURE, Note, VerifierKey, sign
from booking.transparency.log.proofs import LogProof

ORIGIN = "mawid.example/log"


class OwnLog:
    """Entries in their order; each knows when it was cosigned."""

    def __init__(self, witnesses: int) -> None:
        self.private = _private("log")
        self.key = VerifierKey.of(ORIGIN, self.private)
        self.witnesses = {f"witness-{number}.example": _private(f"witness {number}") for number in range(witnesses)}
        self.witness_keys = [VerifierKey.of(name, one, COSIGNATURE) for name, one in self.witnesses.items()]
        self.entries: list[bytes] = []
        self.at: list[datetime] = []

    def add(self, entry: bytes, at: datetime) -> int:
        """Append an entry that witnesses see at an instant; return its index."""
        self.entries.append(entry)
        self.at.append(at)
        return len(self.entries) - 1

    def root(self) -> bytes:
        """Return the root over all entries."""
        return lottery.merkle_root(self.entries)

    def note(self, size: int, at: datetime) -> Note:
        """Return the checkpoint of the first entries, signed and cosigned at an instant."""
        text = Checkpoint(ORIGIN, size, lottery.merkle_root(self.entries[:size])).text
        signed = sign(text, ORIGIN, self.private)
        seconds = int(at.timestamp())
        cosigned = tuple(cosign(text, name, one, seconds) for name, one in self.witnesses.items())
        return Note(text, (*signed.signatures, *cosigned))

    def proof(self, index: int) -> LogProof:
        """Return the proof of an entry under the checkpoint that followed it at once."""
        tree = lottery.merkle_tree(self.entries[: index + 1])
        return LogProof(index, tuple(lottery.inclusion_proof(tree, index)), self.note(index + 1, self.at[index]))

    def proof_of(self, entry: bytes) -> LogProof:
        """Return the proof of an entry."""
        return self.proof(self.entries.index(entry))


def _private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
