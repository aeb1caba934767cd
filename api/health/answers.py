"""What a web process answered since it began: how many calls failed, and which pages are slow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry

SLOW_FROM: Final = "0.25"
"""The bucket up to which an answer is quick, in seconds."""
MOST: Final = 5
_FAILED: Final = 500
Counts: TypeAlias = dict[str, float]
"""Of one handler: ``calls``, the ``sum`` of their seconds, how many were ``quick``, how many ``failed``."""
_COUNTED: Final = ("mawid_http_seconds_sum", "mawid_http_seconds_bucket", "mawid_http_requests_total")


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that answers: its name, its calls, their mean in seconds, how many were slow, how many failed."""

    name: str
    calls: int
    mean: float
    slow: int
    failed: int


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers, and the handlers of which most were slow, or any failed."""

    calls: int
    failed: int
    slowest: tuple[Handler, ...]
    failing: tuple[Handler, ...]


def count(registry: CollectorRegistry) -> dict[str, Counts]:
    """Return what a process counted, by handler; nothing of the database is read for it."""
    samples: dict[str, Counts] = {}
    for metric in registry.restricted_registry(_COUNTED).collect():
        for one in metric.samples:
            counts = samples.setdefault(
                one.labels.get("handler", ""), dict.fromkeys(("calls", "sum", "quick", "failed"), 0.0)
            )
            _count(counts, one.name, one.labels, one.value)
    return {name: counts for name, counts in samples.items() if name and counts["calls"]}


def answers_of(counted: Mapping[str, Counts]) -> Answers:
    """Return which handlers were slow or failed, from their counts."""
    handlers = [_handler(name, counts) for name, counts in counted.items()]
    slow = sorted((one for one in handlers if one.slow), key=lambda one: -one.slow)
    return Answers(
        calls=sum(one.calls for one in handlers),
        failed=sum(one.failed for one in handlers),
        slowest=tuple(slow[:MOST]),
        failing=tuple(sorted((one for one in handlers if one.failed), key=lambda one: -one.failed)[:MOST]),
    )


def _count(counts: Counts, name: str, labels: Mapping[str, str], value: float) -> None:
    if name == "mawid_http_seconds_sum":
        counts["sum"] += value
    elif name == "mawid_http_seconds_bucket" and labels["le"] == SLOW_FROM:
        counts["quick"] += value
    elif name == "mawid_http_requests_total":
        counts["calls"] += value
        counts["failed"] += value if int(labels["status"]) >= _FAILED else 0


def _handler(name: str, counts: Counts) -> Handler:
    calls = int(counts["calls"])
    return Handler(name, calls, counts["sum"] / calls, calls - int(counts["quick"]), int(counts["failed"]))
