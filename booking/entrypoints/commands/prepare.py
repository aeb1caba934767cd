"""Prepare the database before anybody is let in.

`mawid serve` runs it as ``python -m booking.entrypoints.commands.prepare``, in a process of its own: the
supervisor runs for months and would keep the memory that this needs for a second.
"""

import logging
import sys

from booking.entrypoints.commands.told import in_one_line
from booking.opening import command_core
from booking.platform.base import logs


def main() -> None:
    """Migrate, and look whether keys and country pack are sound; what is wrong is said in one line, with status 1."""
    logs.configure(level=logging.WARNING)
    try:
        with command_core(upgrade=True):
            pass
    except Exception as error:
        said = in_one_line(error)
        if said is None:
            raise
        sys.exit(said)


if __name__ == "__main__":
    main()
