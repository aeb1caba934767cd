"""The rows of a draw: found, locked, filled, and each step on the record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, exists, insert, select, text
from sqlalchemy.orm import Session

from allocation import lottery
from booking.country.catalogue.draw_content import content_in, parts_of
from booking.country.core import audit
from booking.country.core.core import Core
from booking.platform.base.errors import DrawNotReadyError, NotFoundError
from booking.platform.models import Draw, DrawFile, DrawFilePart, LogEntry
from booking.platform.models.requests.draw import Ring
from booking.scheduling.draws import files as format1
from booking.scheduling.draws.format2 import names
from booking.scheduling.draws.formats import DamagedFileError, digest

ACTOR: Final = "draw"
PLACES: Final = "places.tree"
"""The hashes of the tree over the places, level by level from the leaves up, so that one path is read at once."""
_MEDIA_TYPES: Final = {**format1.MEDIA_TYPES, **names.MEDIA_TYPES, PLACES: "application/octet-stream"}
ABOUT_SEED: Final = "draw seed"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a draw, whole."""

    ring: Ring
    sha256: str
    content: bytes


def found(session: Session, reference: str) -> Draw:
    """Return a draw; raises NotFoundError."""
    draw = session.scalar(select(Draw).where(Draw.reference == reference))
    if draw is None:
        raise NotFoundError(f"no draw {reference}")
    return draw


def locked(session: Session, reference: str) -> Draw:
    """Return a draw, locked until commit; raises NotFoundError."""
    draw = session.scalar(select(Draw).where(Draw.reference == reference).with_for_update())
    if draw is None:
        raise NotFoundError(f"no draw {reference}")
    return draw


def require_format(session: Session, draw: Draw) -> None:
    """Refuse a draw that says it is of format 1, which is in no log, though the log announces it.

    Raises
    ------
    DamagedFileError
        Somebody wrote that into the database, to be rid of the log.
    """
    if draw.format == 1 and session.scalar(_past_the_log().where(Draw.id == draw.id)) is not None:
        raise DamagedFileError(f"draw {draw.reference} is in the log, and cannot be of format 1")


def list_past_the_log(core: Core) -> list[str]:
    """List the draws that `require_format` refuses."""
    with core.sessions() as session:
        return list(session.scalars(_past_the_log().order_by(Draw.reference)))


def _past_the_log() -> Select[str]:
    announced = exists().where(LogEntry.kind == "announcement", LogEntry.key == Draw.reference)
    return select(Draw.reference).where(Draw.format == 1, announced)


def add_files(session: Session, draw: Draw, contents: Mapping[str, bytes], *, ring: Ring | None = None) -> None:
    """Write files of a draw, each with its hash and the ring of those who may see it, a part of a large one at a time.

    ``ring``: where it is another one than names say.
    """
    for name, content in contents.items():
        (_, begin), *parts = parts_of(content)
        about = {"media_type": _MEDIA_TYPES[name], "size": len(content), "sha256": digest(content)}
        seen_by = (_ring(name) if draw.format > 1 else Ring.EVERYONE) if ring is None else ring
        session.execute(
            insert(DrawFile).values(draw_id=draw.id, name=name, ring=seen_by, content=bytes(begin), **about)
        )
        for start, part in parts:
            session.execute(insert(DrawFilePart).values(draw_id=draw.id, name=name, start=start, content=bytes(part)))


def _ring(name: str) -> Ring:
    if name in names.FOR_OBSERVERS:
        return Ring.OBSERVERS
    return Ring.EVERYONE if name in (*names.FOR_EVERYONE, names.AUDIT) else Ring.NOBODY


def in_the_log(file: bytes) -> dict[str, Any]:
    """Return what an entry's file says beside its type, as the log takes it."""
    entry: dict[str, Any] = json.loads(file)
    del entry["type"]
    return entry


def stored_files(session: Session, draw: Draw, only: Sequence[str] = ()) -> dict[str, StoredFile]:
    """Return the files of a draw by name, with their content; where some are named, those of them that are there."""
    wanted = select(DrawFile.name, DrawFile.ring, DrawFile.sha256).where(DrawFile.draw_id == draw.id)
    if only:
        wanted = wanted.where(DrawFile.name.in_(only))
    found = session.execute(wanted.order_by(DrawFile.name)).all()
    return {name: StoredFile(Ring(ring), sha256, content_in(session, draw.id, name)) for name, ring, sha256 in found}


def record(session: Session, core: Core, draw: Draw, step: str, **details: str | int) -> None:
    """Append a step to the audit log."""
    audit.append(
        session, at=core.clock.now(), actor=ACTOR, action=f"draw.{step}", subject=draw.reference, details=dict(details)
    )


def patient(session: Session) -> None:
    """Let the statements of this transaction take minutes, and memory to join in: they go over everyone in a draw."""
    session.execute(text("SET LOCAL statement_timeout = '20min'; SET LOCAL work_mem = '256MB'"))


def wait_for(core: Core, at: datetime, words: str) -> None:
    """Raise DrawNotReadyError, with these words, before an instant."""
    if core.clock.now() < at:
        raise DrawNotReadyError(words)


def seed_of(core: Core, draw: Draw) -> bytes:
    """Return the committed seed; raises DamagedFileError where it is another one."""
    seed = bytes.fromhex(core.vault.decrypt(draw.seed_ciphertext, ABOUT_SEED))
    return committed(draw, seed, draw.seed_commitment)


def committed(draw: Draw, seed: bytes | None, commitment: bytes) -> bytes:
    """Return a seed of a draw; raises DamagedFileError where it is not the one that the commitment is to."""
    if seed is None or not lottery.keeps_commitment(seed, commitment):
        raise DamagedFileError(f"the seed of draw {draw.reference} is not the committed one")
    return seed
