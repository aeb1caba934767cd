"""The two logs: the audit log's chain, and the public log as it was signed."""

from collections.abc import Iterator
from typing import Final

from booking.country.core import audit
from booking.country.core.audit import BrokenChainError
from booking.operations.doctor.findings import Finding, Patient, core_of, fault
from booking.transparency.log.audit_check import compare_audit_in, root_of_entries_in
from booking.transparency.log.checkpoints import read_checkpoint
from booking.transparency.log.log import log_keys, newest_in, size_in
from booking.transparency.log.notes import NoteError

_CHANGED: Final = (
    "keep a copy of the database, ask who could write to it, and compare: `mawid audit verify --checkpoint FILE`"
)


def look_at_audit(patient: Patient) -> Iterator[Finding]:
    """Find an audit log whose chain is broken, or that is not what the public log says of it."""
    with core_of(patient).sessions() as session:
        try:
            audit.verify(session)
            compare_audit_in(session)
        except BrokenChainError as error:
            yield fault(f"the audit log was changed: {error}", _CHANGED)


def look_at_log(patient: Patient) -> Iterator[Finding]:
    """Find a public log that is not what was signed: every entry is hashed again, no tile is believed."""
    core = core_of(patient)
    with core.sessions() as session:
        newest = newest_in(session)
        if newest is None:
            return
        try:
            signed, _ = read_checkpoint(newest.note.encode(), log_keys(core))
        except NoteError as error:
            yield fault(f"the newest checkpoint of the public log is not ours: {error}", _CHANGED)
            return
        if (size := size_in(session)) < signed.size:
            yield fault(f"the public log has {size} entries, and {signed.size} were signed", _CHANGED)
        elif root_of_entries_in(session, signed.size) != signed.root:
            yield fault(f"the first {signed.size} entries of the public log are not those that were signed", _CHANGED)
