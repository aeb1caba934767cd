"""That announcement, statement and result stand in the log, in this order, and who cosigned that, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from booking.scheduling.draws.checks import WrongError
from booking.scheduling.draws.format2.facts import ANNOUNCED, audit_of, terms_of
from booking.scheduling.draws.format2.names import ANNOUNCEMENT, PROOFS, RESULT, STATEMENT
from booking.scheduling.draws.format2.trust import log_key, witness_keys
from booking.scheduling.draws.formats import DamagedFileError, content_of, instant
from booking.transparency.beacons.terms import DrandTerms
from booking.transparency.log.checkpoints import Checkpoint
from booking.transparency.log.cosignatures import cosigners
from booking.transparency.log.notes import NoteError, VerifierKey
from booking.transparency.log.proofs import LogProof, read_proof

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
