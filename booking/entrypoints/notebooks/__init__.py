"""Notebooks on this installation's data: open the database for a kernel, fill a demonstration, run all of them.

A notebook begins with ``core = open_data()``. See docs/notebooks.md.
"""

from booking.entrypoints.notebooks.article import languages_read, read_in
from booking.entrypoints.notebooks.executing import NoDataError, open_data, what_is_there

__all__ = ["NoDataError", "languages_read", "open_data", "read_in", "what_is_there"]
