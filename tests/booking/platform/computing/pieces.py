"""Pure functions as heavy work is made of, and some that are not, which break the machine that does them."""

import os
import signal
from pathlib import Path


def doubled(number: int) -> int:
    return 2 * number


def inverted(number: int) -> float:
    return 1 / number


def dies_once(folder: str, number: int) -> int:
    """Kill the process that does piece 3 for the first time, in the middle of it."""
    if number == 3:
        try:
            (Path(folder) / "died").touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def dies_always(asked_by: int, number: int) -> int:
    if os.getpid() != asked_by:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def kills_scheduler(scheduler: int, number: int) -> int:
    """Kill the scheduler while the second piece is done."""
    if number == 1:
        os.kill(scheduler, signal.SIGKILL)
    return 2 * number
