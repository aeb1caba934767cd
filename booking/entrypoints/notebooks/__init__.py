"""Notebooks on this installation's data: open the database for a kernel, fill a demonstration, run all of them.

A notebook begins with ``core = open_data()``. See docs/notebooks.md.
"""

from booking.entrypoints.notebooks.opening import NoDataError, open_data, what_is_there
from booking.entrypoints.notebooks.reader import languages_read, read_in

__all__ = ["NoDataError", "languages_read", "open_data", "read_in", "what_is_there"]
