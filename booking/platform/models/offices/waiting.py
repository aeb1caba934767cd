"""How long people wait, as everyone may read it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base


class WaitingTime(Base):
    """The waits of one kind, measured by a job: ``counted`` that ended since an instant, in seconds.

    ``worst`` is the longest, those that have not ended yet included.
    """

    __tablename__ = "waiting_time"

    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    counted: Mapped[int]
    median: Mapped[float]
    worst: Mapped[float]
    since: Mapped[datetime]
    measured_at: Mapped[datetime]
