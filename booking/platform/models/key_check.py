"""How a database recognises its secrets, and the key that outlives them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class KeyCheck(Base):
    """A secret with which something is or was sealed, by a keyed value that leads back to nothing.

    One is in use; ``lasting`` is the key from which hashes and signatures come, sealed by that one (NULL: it is the
    secret itself, as in a database from before there was such a key). ``secret`` is the key's id, or the setting's name
    in such a database. Of one that was replaced, ``free_from`` says since when nothing needs it (NULL: something does).
    """

    __tablename__ = "key_check"
    __table_args__ = (
        Index("uq_key_check_present", text("(present)"), unique=True, postgresql_where=text("present")),
        CheckConstraint("present = (replaced_at IS NULL)", name="replaced_whole"),
        CheckConstraint("free_from IS NULL OR NOT present", name="needed_while_in_use"),
        CheckConstraint("lasting IS NULL OR present", name="lasting_with_present"),
    )

    secret: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    lasting: Mapped[bytes | None] = mapped_column(LargeBinary)
    present: Mapped[bool]
    created_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    free_from: Mapped[datetime | None]
