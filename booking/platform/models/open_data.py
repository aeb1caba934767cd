"""What is published about each day."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class OpenDataFile(Base):
    """A file about one day, as it was published; it never changes (a trigger). ``schema_version`` is of its columns."""

    __tablename__ = "open_data_file"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    schema_version: Mapped[str] = mapped_column(String(12))
    media_type: Mapped[str] = mapped_column(String(60))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    published_at: Mapped[datetime]
