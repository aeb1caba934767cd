"""An insider who owns the database cuts the audit log: what our own word finds, and what only an outsider's finds."""

from hashlib import sha256

import pytest
from sqlalchemy import delete, select, text

from allocation.lottery import merkle_root
from booking.country.core import audit
from booking.country.core.audit import BrokenChainError
from booking.people.staff.views import verify_audit
from booking.platform.models import AuditEntry, LogCheckpoint, LogEntry
from booking.transparency.log.audit_heads import check_outside, log_audit_head, root_of_entries_in
from booking.transparency.log.log import append_in, sequence
from booking.transparency.log.notes import NoteError, sign
from booking.transparency.log.views import checkpoint_text
from tests.support.roles import past_the_roles


def act(core, *actions):
    with core.sessions.begin() as session:
        for action in actions:
            audit.append(session, at=core.clock.now(), actor="karim", action=action, subject="1")


def cut(core, keep):
    """Switch every guard off and remove what came after an entry: what is left is a perfect chain."""
    with past_the_roles(core) as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text("DELETE FROM audit_entry WHERE sequence > :keep"), {"keep": keep})


@pytest.fixture
def kept(core):
    """What a witness kept of an installation in which five things were done."""
    act(core, *"abcde")
    log_audit_head(core)
    sequence(core)
    return checkpoint_text(core).encode()


def test_a_whole_log_is_what_outsiders_saw(core, kept):
    act(core, "f")
    log_audit_head(core)
    sequence(core)

    assert verify_audit(core) == 6
    seen, compared = check_outside(core, kept)
    assert (seen.size, compared.heads, compared.last) == (1, 1, 5)


def test_a_cut_chain_is_found_by_the_public_log(core, kept):
    cut(core, 3)
    act(core, "nothing happened", "really")
    with core.sessions() as session:
        assert audit.verify(session) == 5  # the chain alone is perfect
    with pytest.raises(BrokenChainError, match=r"entry 5 of the audit log.* is another now"):
        verify_audit(core)
    cut(core, 3)
    with pytest.raises(BrokenChainError, match=r"entry 5 of the audit log.* is missing"):
        verify_audit(core)


def test_who_writes_both_logs_anew_is_found_by_what_an_outsider_kept(core, kept):
    cut(core, 3)
    act(core, "nothing happened", "really")
    with past_the_roles(core) as session:
        for table in (LogCheckpoint, LogEntry):
            session.execute(text(f"ALTER TABLE {table.__tablename__} DISABLE TRIGGER USER"))
            session.execute(delete(table))
    log_audit_head(core)
    sequence(core)

    assert verify_audit(core) == 5  # by our own word all is well
    with pytest.raises(BrokenChainError, match="not those that outsiders saw"):
        check_outside(core, kept)
    with past_the_roles(core) as session:
        session.execute(text("TRUNCATE log_entry"))
    with pytest.raises(BrokenChainError, match="has 0 entries, and outsiders saw 1"):
        check_outside(core, kept)


def test_a_checkpoint_of_somebody_else_proves_nothing(core, kept):
    forged = sign(kept.decode().partition("\n\n")[0] + "\n", "localhost:8000/log", core.vault.signing_key("another"))
    for content in (str(forged).encode(), b"", kept.replace(b"localhost", b"elsewhere")):
        with pytest.raises(NoteError):
            check_outside(core, content)


def test_the_root_is_found_from_the_entries_alone(core):
    receipts = [sha256(bytes([number])).hexdigest() for number in range(11)]
    with core.sessions.begin() as session:
        for receipt in receipts:
            append_in(session, "receipt", {"receipt": receipt}, receipt)
    sequence(core)
    leaves = [b'{"receipt":"%s","type":"receipt"}' % receipt.encode() for receipt in receipts]
    with core.sessions() as session:
        for size in range(12):
            assert root_of_entries_in(session, size) == merkle_root(leaves[:size])
        assert session.scalar(select(LogCheckpoint.size)) == 11
        assert session.scalar(select(AuditEntry.sequence)) is None
