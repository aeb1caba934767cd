"""The life of a draw: announced, opened, closed, run, published, or abandoned. Each step is safe to repeat."""

from booking.scheduling.draws.announce import abandon, announce, open_draw
from booking.scheduling.draws.closing import close
from booking.scheduling.draws.drawing import run
from booking.scheduling.draws.publishing import files, publish

__all__ = ["abandon", "announce", "close", "files", "open_draw", "publish", "run"]
