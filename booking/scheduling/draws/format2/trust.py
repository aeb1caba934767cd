"""What somebody knows of a log and its witnesses from elsewhere, so that no file has to be believed about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from booking.scheduling.draws.checks import WrongError
from booking.transparency.log.checkpoints import Checkpoint, read_checkpoint
from booking.transparency.log.notes import COSIGNATURE, ED25519, NoteError, VerifierKey, read_vkey


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys as text (vkeys): the log's, and of witnesses who must all have cosigned; a checkpoint from outside."""

    log: str | None = None
    witnesses: Sequence[str] = ()
    checkpoint: bytes | None = None
    mirror: Path | None = None
    """A folder with a copy of all entries, such as a witness's."""


NOBODY: Final = Trust()
"""Nothing is known from elsewhere: the report names the keys to compare."""


def log_key(text: str) -> VerifierKey:
    """Read the log's key; raises NoteError."""
    return read_vkey(text, kind=ED25519)


def witness_keys(texts: Sequence[str]) -> list[VerifierKey]:
    """Read the keys of witnesses; raises NoteError."""
    return [read_vkey(text, kind=COSIGNATURE) for text in texts]


def known_log(named: str, trust: Trust) -> str:
    """Say whose log it is; raises WrongError where it is not the one that is known."""
    key = log_key(named)
    if trust.log is None:
        return f"the log is {key.name}; compare its key with the one that it shows itself: {named}"
    if trust.log != named:
        raise WrongError(f"the files name the log's key {named}, known is {trust.log}")
    return f"the log is {key.name}, with the key that is known"


def known_witnesses(named: Sequence[str], cosigned: Sequence[VerifierKey], trust: Trust) -> str:
    """Say who the witnesses are; raises WrongError where one that is known did not cosign the statement in time."""
    if not trust.witnesses:
        if not named:
            return "no witness is named: that the log shows everyone the same is its own word"
        return f"compare the witnesses' keys with those that they publish themselves: {', '.join(named)}"
    missing = [text for text in trust.witnesses if text not in {key.text for key in cosigned}]
    if missing:
        raise WrongError(f"the statement is not cosigned in time by the witness that is known: {', '.join(missing)}")
    return f"all {len(trust.witnesses)} known witnesses cosigned the statement in time"


def outside_head(checkpoint: bytes, named: str) -> Checkpoint:
    """Read a checkpoint from outside; raises WrongError where it is none of this log."""
    try:
        return read_checkpoint(checkpoint, [log_key(named)])[0]
    except NoteError as error:
        raise WrongError(f"the checkpoint from outside: {error}") from error


def same_log(checkpoint: bytes, named: str, heads: Sequence[Checkpoint]) -> str:
    """Compare the checkpoints of proofs with one from outside.

    Raises
    ------
    WrongError
        It cannot be read, is of another log, or shows another root at the same size: the log has two faces.
    """
    outside = outside_head(checkpoint, named)
    for head in heads:
        if head.size == outside.size and head.root != outside.root:
            raise WrongError(
                f"the log has two faces: at {head.size} entries the files show another root than the checkpoint from "
                "outside; keep both, each is signed"
            )
    if outside in heads:
        return f"the checkpoint from outside is one that the files show, of {outside.size} entries"
    sizes = ", ".join(str(head.size) for head in heads)
    return (
        f"the checkpoint from outside is of {outside.size} entries, the files show {sizes}: with a copy of the log "
        "(--log) it is checked that one continues the other"
    )
