"""The measures of all processes of this machine, gathered for Prometheus when it asks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from typing_extensions import override

from booking.platform.base.measures import ENDING, FOLDER, OWN, SHARED, ask

PROCESS: Final = "process"
"""The label that says whose measure it is: each process counts by itself, from nought, and ends with its counts."""


def gather(state_dir: Path) -> bytes:
    """Return all measures in Prometheus' text form: each process' own with its name, what all share once.

    A process that was killed leaves a socket at which nobody answers: it is removed.
    """
    gathered = _Gathered()
    for file in sorted((state_dir / FOLDER).glob(f"*{ENDING}")):
        name = file.name.removesuffix(ENDING)
        try:
            gathered.add(_families(ask(file, OWN)), process=name)
            if not gathered.has_shared:
                shared = ask(file, SHARED)
                gathered.add(_families(shared))
                gathered.has_shared = bool(shared)
        except ConnectionRefusedError:
            file.unlink(missing_ok=True)
        except OSError:
            gathered.silent.append(name)
    registry = CollectorRegistry()
    registry.register(gathered)
    return generate_latest(registry)


def _families(text: bytes) -> Iterable[Metric]:
    return text_string_to_metric_families(text.decode())


class _Gathered(Collector):
    """Families of several processes, each once, with all their samples."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._processes: list[str] = []
        self.silent: list[str] = []
        self.has_shared = False

    def add(self, families: Iterable[Metric], *, process: str = "") -> None:
        """Add what one process told, under its name where that is given."""
        if process:
            self._processes.append(process)
        for one in families:
            known = self._families.setdefault(one.name, Metric(one.name, one.documentation, one.type))
            for sample in one.samples:
                labels = {PROCESS: process, **sample.labels} if process else sample.labels
                known.samples.append(sample._replace(labels=labels))

    @override
    def collect(self) -> Iterable[Metric]:
        """Return what was added, and which processes answered."""
        answered = GaugeMetricFamily("mawid_process_answers", "1: the process told its measures.", labels=[PROCESS])
        for name in self._processes:
            answered.add_metric([name], 1)
        for name in self.silent:
            answered.add_metric([name], 0)
        return [*self._families.values(), answered]
