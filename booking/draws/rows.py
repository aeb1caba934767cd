"""The rows of a draw: found, locked, filled, and each step on the record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, undefer

from allocation import lottery
from booking.base.errors import DrawNotReadyError, NotFoundError
from booking.core import audit
from booking.core.core import Core
from booking.draws.files import MEDIA_TYPES
from booking.draws.formats import DamagedFileError, digest
from booking.draws.freeze import Participant
from booking.models import Draw, DrawEntry, DrawFile

ACTOR: Final = "draw"
ABOUT_SEED: Final = "draw seed"


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


def add_entries(session: Session, draw: Draw, entrants: Sequence[Participant]) -> None:
    """Write who takes part, in leaf order."""
    if entrants:
        session.execute(
            insert(DrawEntry),
            [
                {
                    "draw_id": draw.id,
                    "request_id": each.request_id,
                    "leaf_index": index,
                    "person_draw_id": each.leaf.person,
                    "priority": each.leaf.priority,
                    "link_draw": each.link.draw if each.link else None,
                    "link_list": each.link.list.value if each.link else None,
                    "link_row": each.link.row if each.link else None,
                    "explanation": {},
                }
                for index, each in enumerate(entrants)
            ],
        )


def add_files(session: Session, draw: Draw, contents: Mapping[str, bytes]) -> None:
    """Write files of a draw, each with its hash and the ring of those who may see it."""
    session.add_all(
        DrawFile(
            draw_id=draw.id,
            name=name,
            media_type=MEDIA_TYPES[name],
            content=content,
            sha256=digest(content),
        )
        for name, content in contents.items()
    )


def stored_files(session: Session, draw: Draw) -> dict[str, DrawFile]:
    """Return the files of a draw by name, with their content."""
    rows = session.scalars(
        select(DrawFile).where(DrawFile.draw_id == draw.id).options(undefer(DrawFile.content)).order_by(DrawFile.name)
    )
    return {file.name: file for file in rows}


def record(session: Session, core: Core, draw: Draw, step: str, **details: str | int) -> None:
    """Append a step to the audit log."""
    audit.append(
        session, at=core.clock.now(), actor=ACTOR, action=f"draw.{step}", subject=draw.reference, details=dict(details)
    )


def wait_for(core: Core, at: datetime, words: str) -> None:
    """Raise DrawNotReadyError, with these words, before an instant."""
    if core.clock.now() < at:
        raise DrawNotReadyError(words)


def seed_of(core: Core, draw: Draw) -> bytes:
    """Return the committed seed; raises DamagedFileError where it is another one."""
    seed = bytes.fromhex(core.vault.decrypt(draw.seed_ciphertext, ABOUT_SEED))
    if not lottery.keeps_commitment(seed, draw.seed_commitment):
        raise DamagedFileError(f"the seed of draw {draw.reference} is not the committed one")
    return seed
