"""Processor time of the servers that a benchmark started. No benchmark by itself: others load it."""

import os
from collections import defaultdict
from pathlib import Path


def spent_by_servers() -> dict[str, float]:
    """Return the seconds of processor time that all descendants of this process have used, by what they run.

    What has ended is counted with the process that waited for it.
    """
    children: dict[int, list[tuple[int, str, float]]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = rest.split()
        seconds = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        children[int(fields[1])].append((int(folder.name), name, seconds))
    spent, waiting = defaultdict[str, float](float), [os.getpid()]
    while waiting:
        for process, name, seconds in children[waiting.pop()]:
            spent["postgres" if "postgres" in name else name] += seconds
            waiting.append(process)
    return dict(spent)
