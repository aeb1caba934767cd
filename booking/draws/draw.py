"""The life of a draw: announced, opened, closed, run, published, or abandoned. Each step is safe to repeat."""

from booking.draws.announce import abandon, announce, open_draw
from booking.draws.closing import close
from booking.draws.drawing import run
from booking.draws.publishing import files, publish

__all__ = ["abandon", "announce", "close", "files", "open_draw", "publish", "run"]
