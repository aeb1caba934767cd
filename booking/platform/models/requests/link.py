"""Where a request stood in an earlier draw: the row from which its priority in the next one follows."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column


class Linked:
    """Columns that name a row of a draw, all of them or none: its reference, the list, and the row in it.

    ``link_list`` is "line" for a request that took part, and "turns" for a turn that was kept beside the line.
    """

    link_draw: Mapped[str | None] = mapped_column(String(24))
    link_list: Mapped[str | None] = mapped_column(String(8))
    link_row: Mapped[int | None] = mapped_column(Integer)
