"""Prepare the database before anybody is let in: ``python -m booking.entrypoints.commands.prepare``, which `mawid serve` runs.

In a process of its own, since what watches over processes for months would keep all that this needs for a second.
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
