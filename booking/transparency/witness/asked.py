"""What others ask a witness for: a cosignature (C2SP tlog-witness), or its part of a draw's random value."""

from typing import Any, Final

from booking.platform.base.exact_json import read_line
from booking.transparency.log.notes import NoteError
from booking.transparency.log.proofs import read_proof
from booking.transparency.witness.cosigning import (
    ForkError,
    InconsistentError,
    StaleError,
    UnreadableError,
    UnsignedError,
    read_offer,
    read_signed,
)
from booking.transparency.witness.errors import NotYetError, RefusedError
from booking.transparency.witness.findings import Finding
from booking.transparency.witness.rounds import OtherStatementError
from booking.transparency.witness.watch import Watch

MOST_BYTES: Final = 1 << 18


def add_checkpoint(watch: Watch, content: bytes) -> str:
    """Return the cosignature line of a checkpoint that is brought with its proof.

    Raises
    ------
    UnreadableError
        The body is not as the protocol has it.
    OtherLogError
        It is of another log.
    UnsignedError
        The log did not sign it.
    StaleError
        The proof begins elsewhere than the witness stands; ``size`` says where that is.
    ForkError
        It has the size of the one that was signed, and another root.
    InconsistentError
        The proof does not lead from that one to it.
    """
    offer = read_offer(content, watch.key)
    try:
        return watch.cosign(offer).line
    except (StaleError, ForkError, InconsistentError):
        if (forked := watch.history.contradiction(offer.checkpoint, offer.note)) is not None:
            watch.keep(forked)
        raise


def sign_round(watch: Watch, content: bytes) -> bytes:
    """Return this witness's part for the closing statement, or the result, that is brought with its proof.

    Raises
    ------
    UnreadableError
        The body is not exact JSON with an entry and its proof.
    OtherLogError
        The proof is of another log.
    UnsignedError
        It is not signed by the log, or of another entry.
    NotYetError
        This witness has not seen the entry yet, the window is not over, or too few of the group stand by it.
    RefusedError
        It signed another one for this draw, knows another history, or found the draw wrong.
    """
    try:
        body = read_line(content, most=MOST_BYTES)
        entry, text = _two(body)
        proof = read_proof(text)
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    checkpoint, note = read_signed(str(proof.note).encode(), watch.key)
    try:
        proof.check(entry, [watch.key])
    except NoteError as error:
        raise UnsignedError(str(error)) from None
    if proof.index >= watch.mirror.size:
        watch.look()
    if (forked := watch.history.contradiction(checkpoint, note)) is not None:
        watch.keep(forked)
        raise RefusedError("the proof is of another history than the one that this witness knows")
    if proof.index >= watch.mirror.size:
        raise NotYetError("this witness has not seen the entry in the log yet")
    if checkpoint.size <= watch.mirror.size:
        watch.hearing.saw(checkpoint, note)
    try:
        return watch.part(proof.index, entry)
    except OtherStatementError:
        record = watch.ledger.record_at(proof.index)
        values = {"draw": record.reference if record else "", "what": "statement"}
        watch.keep(Finding("second_round", values, {"entry.json": entry, "proof.txt": text}))
        raise


def _two(body: dict[str, Any]) -> tuple[bytes, bytes]:
    if set(body) != {"entry", "proof"} or not all(isinstance(one, str) for one in body.values()):
        raise ValueError("expected an entry and its proof, both as text")
    return body["entry"].encode(), body["proof"].encode()
