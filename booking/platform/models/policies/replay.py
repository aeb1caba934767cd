"""What replays of the gate's verdicts found."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from booking.platform.models.base import Base, Json


class ReplayRun(Base):
    """The last replay of one day: how many verdicts were repeated and, by fact, how many came out otherwise.

    ``skipped`` verdicts cannot be repeated, for they do not say what they saw or were made with other facts.
    """

    __tablename__ = "replay_run"

    day: Mapped[date] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]
    repeated: Mapped[int]
    skipped: Mapped[int]
    differences: Mapped[Json]
