"""How a database recognises the secret with which it was first used."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.models.base import Base


class KeyCheck(Base):
    """A keyed value of one secret (`booking.core.key_check`), which gives nothing away to anyone without the secret."""

    __tablename__ = "key_check"

    secret: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
