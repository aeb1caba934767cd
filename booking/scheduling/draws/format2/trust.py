"""What somebody knows of a log and its witnesses from elsewhere, so that no file has to be believed about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.format2.closing import ANNOUNCED, audit_of, terms_of
from booking.scheduling.draws.format2.tables import ANNOUNCEMENT, PROOFS, RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError, content_of, instant
from booking.transparency.beacons.terms import DrandTerms
from booking.transparency.log.checkpoints import Checkpoint, cosigners, read_checkpoint
from booking.transparency.log.notes import COSIGNATURE, ED25519, NoteError, VerifierKey, read_vkey
from booking.transparency.log.proofs import LogProof, read_proof


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


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Standing:
    """The three entries of a draw, with the proofs that they are in the log."""

    announcement: Mapping[str, Any]
    statement: Mapping[str, Any]
    result: Mapping[str, Any]
    entries: Mapping[str, bytes]
    proofs: Mapping[str, LogProof]

    @property
    def reference(self) -> str:
        """The draw's public name."""
        return str(self.statement["reference"])

    def heads(self) -> list[Checkpoint]:
        """Return the checkpoints of the proofs, in the order of the entries; raises WrongError."""
        keys = [log_key(self.announcement["log"])]
        heads = []
        for name, proof in self.proofs.items():
            try:
                heads.append(proof.check(self.entries[name], keys))
            except NoteError as error:
                raise WrongError(f"{PROOFS[name]}: {error}") from error
        return heads


def read_proofs(files: Mapping[str, bytes]) -> dict[str, LogProof]:
    """Read the proofs, by the file of their entry; raises DamagedFileError."""
    proofs = {}
    for name, proof in PROOFS.items():
        try:
            proofs[name] = read_proof(content_of(files, proof))
        except NoteError as error:
            raise DamagedFileError(f"{proof}: {error}") from error
    return proofs


def repeated(standing: Standing) -> str:
    """Check that statement and result are of the announced draw; raises WrongError."""
    announcement, statement, result = standing.announcement, standing.statement, standing.result
    for name in ANNOUNCED:
        if statement[name] != announcement[name]:
            raise WrongError(f"{STATEMENT}: {name} is not what was announced")
    if result["reference"] != statement["reference"]:
        raise WrongError(f"{RESULT} is of another draw")
    if statement["announcement"]["sha256"] != _hash(standing.entries[ANNOUNCEMENT]):
        raise WrongError(f"{STATEMENT} is about another announcement")
    if result["statement"] != _hash(standing.entries[STATEMENT]):
        raise WrongError(f"{RESULT} is about another statement")
    if instant(result["at"]) < instant(statement["closed_at"]):
        raise WrongError(f"{RESULT} is older than the closing")
    if result["audit"] != audit_of(statement, result["at"]):
        raise WrongError(f"{RESULT}: the round of the audit is not the one that is due")
    return "the statement repeats what was announced, and the result is the one of this statement"


def in_order(standing: Standing) -> str:
    """Check that the log holds the three entries, in their order; raises WrongError."""
    standing.heads()
    announced, stated, given = (standing.proofs[name].index for name in (ANNOUNCEMENT, STATEMENT, RESULT))
    if standing.statement["announcement"]["index"] != announced:
        raise WrongError(f"{STATEMENT} names another place of the announcement in the log")
    if not announced < standing.statement["receipts"]["size"] <= stated < given:
        raise WrongError("the log holds announcement, receipts, statement and result in another order")
    return f"the log holds the announcement at {announced}, the statement at {stated}, the result at {given}"


def cosigned(standing: Standing) -> tuple[str, list[VerifierKey]]:
    """Check that enough witnesses cosigned each entry, the statement in time; raises WrongError.

    Returns the sentence, and who cosigned the statement in time.
    """
    keys, need = witness_keys(standing.announcement["witnesses"]), standing.announcement["need"]
    in_time: list[VerifierKey] = []
    for name, proof in standing.proofs.items():
        try:
            found = cosigners(proof.note, keys)
        except NoteError as error:
            raise WrongError(f"{PROOFS[name]}: {error}") from error
        if name == STATEMENT:
            found = {key: at for key, at in found.items() if _in_time(standing.statement, at)}
            in_time = list(found)
        if len(found) < need:
            late = " before the beacon's value could be known" if name == STATEMENT else ""
            raise WrongError(f"{PROOFS[name]}: {len(found)} witnesses cosigned{late}, {need} are needed")
    if not need:
        return "no cosignature is needed: that nothing was exchanged after the closing is the log's own word", in_time
    names = ", ".join(key.name for key in in_time)
    return f"{len(in_time)} witnesses saw the statement in time, {need} are needed: {names}", in_time


def latest(standing: Standing) -> str:
    """Check that the result is not older than the value of a public beacon; raises WrongError."""
    terms = terms_of(standing.statement)
    if not isinstance(terms, DrandTerms):
        return f"the beacon is the one signature of a group: {terms.need} of {', '.join(terms.of)}"
    due = terms.time_of(terms.round)
    if instant(standing.result["at"]) < due:
        raise WrongError(f"{RESULT} is older than the beacon's round {terms.round}")
    return f"the beacon is round {terms.round} of chain {terms.chain}, which came at {due.isoformat()}"


def fixed_before(standing: Standing) -> str:
    """Check that witnesses cosigned the result before the round that picks the audit's lines; raises WrongError.

    Else whoever made the result could try several, each with another time, until no wrong line is picked.
    """
    terms, need = terms_of(standing.statement), standing.announcement["need"]
    if not isinstance(terms, DrandTerms):
        return "the group of witnesses signs for one result of a draw alone"
    due = terms.time_of(standing.result["audit"]["round"])
    found = cosigners(standing.proofs[RESULT].note, witness_keys(standing.announcement["witnesses"]))
    seen = sum(seconds < due.timestamp() for seconds in found.values())
    if seen < need:
        raise WrongError(
            f"{PROOFS[RESULT]}: {seen} witnesses cosigned before the audit's round came out, {need} are needed: which "
            "lines would be opened could be known when the result was made"
        )
    return f"{seen} witnesses saw the result before the audit's round came out"


def _in_time(statement: Mapping[str, Any], seconds: int) -> bool:
    """Whether a cosignature is from after the closing, and from before the value of a public beacon."""
    terms = terms_of(statement)
    if seconds * _SECOND < (instant(statement["closes_at"]) - _EPOCH) // timedelta(microseconds=1):
        return False
    return not isinstance(terms, DrandTerms) or seconds < terms.genesis + (terms.round - 1) * terms.period


def _hash(entry: bytes) -> str:
    return sha256(entry).hexdigest()


def entries_of(files: Mapping[str, bytes], names: Sequence[str] = tuple(PROOFS)) -> dict[str, bytes]:
    """Return the bytes of the entries: the files without their line feed."""
    return {name: content_of(files, name)[:-1] for name in names}
