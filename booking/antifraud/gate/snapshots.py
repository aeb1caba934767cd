"""Which transactions a statement could see: PostgreSQL's pg_snapshot, read from the text that a verdict keeps."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All transactions below ``oldest`` are seen, all from ``next_one`` on are not, and neither are the ``running``."""

    oldest: int
    next_one: int
    running: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read "xmin:xmax:xip,xip,…"; raises ValueError where it is anything else.

        >>> Snapshot.read("10:14:10,12")
        Snapshot(oldest=10, next_one=14, running=(10, 12))
        """
        oldest, next_one, running = text.split(":")
        return cls(int(oldest), int(next_one), tuple(int(number) for number in running.split(",") if number))

    def hides(self, transactions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return for each transaction whether what it wrote could not be seen yet."""
        return (transactions >= self.next_one) | np.isin(transactions, self.running)
