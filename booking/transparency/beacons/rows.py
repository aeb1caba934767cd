"""Signatures that are awaited, and their parts, in the caller's transaction."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.platform.models import BeaconPart, BeaconRound

WHOLE: Final = 0
"""The index of a signature that is not one witness's part."""


def await_in(session: Session, *, key: bytes, message: bytes, kind: str, sha256: bytes | None, now: datetime) -> None:
    """Await a signature; where it is awaited already, nothing changes."""
    row = {"key": key, "message": message, "kind": kind, "sha256": sha256, "asked_at": now}
    session.execute(insert(BeaconRound).values(row).on_conflict_do_nothing())


def is_awaited_in(session: Session, *, key: bytes, message: bytes) -> bool:
    """Return whether a signature is awaited, or was."""
    return session.get(BeaconRound, (key, message)) is not None


def add_part_in(session: Session, *, key: bytes, message: bytes, index: int, signature: bytes, now: datetime) -> bool:
    """Keep a checked part of a signature that is awaited, and return whether it is new."""
    row = {"key": key, "message": message, "index": index, "signature": signature, "at": now}
    added = session.execute(insert(BeaconPart).values(row).on_conflict_do_nothing().returning(BeaconPart.index))
    return added.first() is not None


def parts_in(session: Session, *, key: bytes, message: bytes) -> dict[int, bytes]:
    """Return the parts of a signature by index."""
    found = select(BeaconPart.index, BeaconPart.signature).where(BeaconPart.key == key, BeaconPart.message == message)
    return {row[0]: row[1] for row in session.execute(found)}
