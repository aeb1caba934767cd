"""What each route may cost: a class of cost for every one, with budgets that hold before any work begins.

Which route is in which class stands in ``route_costs.txt``, and nowhere else. `api.door` enforces it: limits by client
network and by session, and a queue for each class in which networks take turns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Final

from fraud.limiting.limits import Limit

SESSION: Final = "account"
"""The subject of limits on a session: what a door without a database knows of an account."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls of one class may cost in one process.

    Attributes
    ----------
    name, what
        How the class is called in ``route_costs.txt``, metrics and documentation; what its routes do.
    processor_ms, memory_mib
        Of one call: milliseconds of a processor, and memory at its peak.
    at_once, of_network
        Calls that are worked on at the same time, in all and of one client network; 0 for no bound, where a call costs
        less than to wait would.
    waiting, patience
        Calls that wait for their turn, and for how many seconds. Networks take turns; when the queue is full, whoever
        has most in it gives way.
    per_network, per_session
        Calls a second in the long run, and at once thirty times as many.
    until_sent
        The turn lasts until the answer is sent: what is large stays in memory so long.
    elsewhere
        The turn is taken where the work is done, by `api.incoming.upload_threads`.
    """

    name: str
    what: str
    processor_ms: int
    memory_mib: float
    at_once: int
    of_network: int
    waiting: int
    patience: int
    per_network: int
    per_session: int
    until_sent: bool = False
    elsewhere: bool = False

    @property
    def limits(self) -> tuple[Limit, Limit]:
        """The limit of a network, and that of a session."""
        return (
            Limit("network", _WINDOW, self.per_network * _WINDOW.seconds),
            Limit(SESSION, _WINDOW, self.per_session * _WINDOW.seconds),
        )


_WINDOW: Final = timedelta(seconds=30)

STATIC: Final = Cost(
    "static",
    "gives what is ready in memory",
    processor_ms=20,
    memory_mib=2,
    at_once=0,
    of_network=0,
    waiting=0,
    patience=0,
    per_network=300,
    per_session=100,
)
PAGE: Final = Cost(
    "page",
    "reads what one page shows; also an address that nothing has",
    processor_ms=150,
    memory_mib=2,
    at_once=12,
    of_network=4,
    waiting=1_000,
    patience=30,
    per_network=100,
    per_session=20,
)
PROBE: Final = Cost(
    "probe",
    "says how the process is, to who watches over it",
    processor_ms=100,
    memory_mib=2,
    at_once=2,
    of_network=1,
    waiting=60,
    patience=10,
    per_network=10,
    per_session=5,
)
SEARCH: Final = Cost(
    "search",
    "looks through offices, places, documents or words for anyone who asks",
    processor_ms=250,
    memory_mib=4,
    at_once=4,
    of_network=3,
    waiting=60,
    patience=10,
    per_network=40,
    per_session=10,
)
PUBLISHED: Final = Cost(
    "published",
    "sends a published file in pieces, from a copy that all share",
    processor_ms=100,
    memory_mib=1,
    at_once=16,
    of_network=5,
    waiting=100,
    patience=20,
    per_network=40,
    per_session=10,
    until_sent=True,
)
FILE: Final = Cost(
    "file",
    "makes a whole file for one reader: a table, a document",
    processor_ms=400,
    memory_mib=8,
    at_once=3,
    of_network=2,
    waiting=60,
    patience=10,
    per_network=10,
    per_session=3,
    until_sent=True,
)
HASH: Final = Cost(
    "hash",
    "hashes a password",
    processor_ms=1_500,
    memory_mib=68,
    at_once=4,
    of_network=2,
    waiting=60,
    patience=10,
    per_network=10,
    per_session=1,
)
WRITE: Final = Cost(
    "write",
    "checks and stores what somebody sent",
    processor_ms=400,
    memory_mib=2,
    at_once=8,
    of_network=5,
    waiting=600,
    patience=30,
    per_network=60,
    per_session=20,
)
TOGETHER: Final = Cost(
    "together",
    "is judged and stored together with what came at the same time",
    processor_ms=10,
    memory_mib=0.25,
    at_once=64,
    of_network=32,
    waiting=2_000,
    patience=30,
    per_network=60,
    per_session=20,
)
LOOK: Final = Cost(
    "look",
    "shows somebody what is theirs, read together with what others look at",
    processor_ms=10,
    memory_mib=0.06,
    at_once=64,
    of_network=32,
    waiting=1_000,
    patience=30,
    per_network=100,
    per_session=20,
)
CONVERT: Final = Cost(
    "convert",
    "has a file checked and converted by a process apart",
    processor_ms=20_000,
    memory_mib=10,
    at_once=2,
    of_network=1,
    waiting=6,
    patience=20,
    per_network=5,
    per_session=1,
    elsewhere=True,
)
OUTSIDE: Final = Cost(
    "outside",
    "waits for a machine of others: who pays, who signs in elsewhere, whom the register knows",
    processor_ms=400,
    memory_mib=2,
    at_once=4,
    of_network=3,
    waiting=20,
    patience=10,
    per_network=5,
    per_session=1,
)
COSTS: Final = (STATIC, PAGE, PROBE, SEARCH, PUBLISHED, FILE, HASH, WRITE, TOGETHER, LOOK, CONVERT, OUTSIDE)

_LIST: Final = "route_costs.txt"


def declared() -> Iterator[tuple[str, str, Cost]]:
    """Yield method, path and class of each route, as the list has them."""
    by_name: Mapping[str, Cost] = {cost.name: cost for cost in COSTS}
    for line in resources.files(__package__).joinpath(_LIST).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *methods, path = line.split()
            for method in methods:
                yield method, path, by_name[name]


@cache
def cost_of(method: str, path: str) -> Cost:
    """Return the class of a route by its method and the path that it is declared with; PAGE where none is declared."""
    return _by_route().get(("GET" if method == "HEAD" else method, path), PAGE)


@cache
def _by_route() -> Mapping[tuple[str, str], Cost]:
    return {(method, path): cost for method, path, cost in declared()}
