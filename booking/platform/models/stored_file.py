"""What every file has in common that people send in and we keep as plain pages."""

from datetime import datetime

from sqlalchemy import LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Key


class StoredFile:
    """A file as it is kept: ``pages`` images without metadata, encrypted, in the evidence folder.

    ``sha256`` and ``size`` (bytes) are of the file as it was sent; they stay, so that the same file elsewhere is
    noticed. ``removed_at``: the images are gone, by their owner's wish or because their time was over.
    """

    id: Mapped[Key]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    pages: Mapped[int] = mapped_column(SmallInteger)
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
