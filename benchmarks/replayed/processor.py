"""Processor time of the servers that a benchmark started. No benchmark by itself: others load it."""

import os
from collections import defaultdict
from pathlib import Path


def spent(*processes: int, but: int | None = None) -> dict[str, float]:
    """Return the seconds of processor time that processes and all below them have used so far, by program.

    What has ended is counted with the process that waited for it, so nothing is lost between two looks at servers that
    lived on. Of this process itself nothing is counted.

    Parameters
    ----------
    processes
        By default all that this process started.
    but
        Who calls the servers, and is none: neither it nor what is below it is counted.
    """
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, tuple[str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields, number = rest.split(), int(folder.name)
        children[int(fields[1])].append(number)
        used[number] = name, sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    found, waiting = defaultdict[str, float](float), [*processes] or children[os.getpid()]
    while waiting:
        number = waiting.pop()
        if number != but and number in used:
            name, seconds = used[number]
            found["postgres" if "postgres" in name else name] += seconds
            waiting += children[number]
    return dict(found)


def total(*processes: int, but: int | None = None) -> float:
    """Return the seconds of all programs together, as `spent` finds them."""
    return sum(spent(*processes, but=but).values())
