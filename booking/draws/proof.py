"""The proof, for one person, that their request is under the root that was published at closing."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from allocation import lottery
from booking.base.db import Sessions
from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.draws.files import REQUESTS, read_requests
from booking.models import Draw, DrawEntry, DrawFile, Request


@dataclass(frozen=True, slots=True)
class Proof:
    """For a receipt page: ``leaf``, at ``index`` among ``size``, and its ``siblings`` hash up to ``root``."""

    draw: str
    leaf: bytes
    index: int
    size: int
    siblings: tuple[bytes, ...]
    root: bytes

    def holds(self) -> bool:
        """Whether the proof leads to the root (RFC 9162, section 2.1.3.2)."""
        return lottery.is_included(self.leaf, self.index, self.size, self.siblings, self.root)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values; hashes in hexadecimal digits."""
        return {
            "draw": self.draw,
            "leaf": self.leaf.decode(),
            "index": self.index,
            "size": self.size,
            "siblings": [sibling.hex() for sibling in self.siblings],
            "root": self.root.hex(),
        }


def inclusion_proof(core: Core, *, reference: str, draw: str | None = None) -> Proof:
    """Prove that a request took part in a draw that is closed, drawn or published.

    Parameters
    ----------
    reference
        The request's.
    draw
        The draw's; the request's last one where none is given.

    Raises
    ------
    NotFoundError
        There is no such request, or it took part in no such draw.
    """
    with core.sessions() as session:
        statement = (
            select(Draw.id, Draw.reference, Draw.root, DrawEntry.leaf_index)
            .join(DrawEntry, DrawEntry.draw_id == Draw.id)
            .join(Request, Request.id == DrawEntry.request_id)
            .where(Request.reference == reference)
            .where(Draw.id == Request.draw_id if draw is None else Draw.reference == draw)
        )
        row = session.execute(statement).one_or_none()
    if row is None or row.root is None:
        raise NotFoundError
    leaves, tree = _tree(core.sessions, row.id)
    return Proof(
        draw=row.reference,
        leaf=leaves[row.leaf_index],
        index=row.leaf_index,
        size=len(leaves),
        siblings=tuple(lottery.inclusion_proof(tree, row.leaf_index)),
        root=row.root,
    )


@lru_cache(maxsize=2)
def _tree(sessions: Sessions, draw_id: UUID) -> tuple[list[bytes], list[list[bytes]]]:
    """Build a draw's tree once for many receipts: its file never changes after closing."""
    with sessions() as session:
        content = session.scalars(
            select(DrawFile.content).where(DrawFile.draw_id == draw_id, DrawFile.name == REQUESTS)
        ).one()
    leaves = [leaf.record() for leaf in read_requests(content)]
    return leaves, lottery.merkle_tree(leaves)
