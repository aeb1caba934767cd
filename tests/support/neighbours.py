"""A database and a core that the tests of a file share where they are neighbours: each brings its own people.

One of its own costs a test a copy, a core, and connections that have met no table and planned no statement yet. Whoever
asks about all that there is, or changes what holds for everybody, is alone.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
from sqlalchemy import String, cast, func, update

from booking.country.core.core import Core
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.models import Account
from tests.support.country import START, cheap_settings
from tests.support.databases import Databases
from tests.support.roles import as_app

NEIGHBOURS, ALONE = "neighbours", "alone"
"""The mark of a file whose tests share a database, and of those among them that need one of their own."""
_RENAMED = (
    update(Account)
    .where(~Account.username.contains(":"))
    .values(username=func.left(Account.username, 20) + ":" + cast(Account.id, String))
)


class Surroundings:
    """The clock, the databases and the cores of one test, or of all neighbours of a file until the last has ended."""

    def __init__(self, running: ExitStack, databases: Callable[[], Databases]) -> None:
        self.clock = SettableClock(START)
        self._running = running
        self._databases = databases
        self._urls: dict[Callable[[], str], str] = {}
        self._cores: dict[tuple[str, str], Core] = {}

    def begin_again(self) -> None:
        """Set the clock back, and give whoever was here before another name: most tests want the same one."""
        self.clock.set(START)
        for core in {url: core for (url, _), core in self._cores.items()}.values():
            with core.sessions.begin() as session:
                session.execute(_RENAMED)

    def url(self, make: Callable[[], str]) -> str:
        """Return the address of what ``make`` copies; it is dropped in the end."""
        if make not in self._urls:
            kept = contextmanager(self._databases().until_dropped)
            self._urls[make] = self._running.enter_context(kept(make()))
        return self._urls[make]

    def core(self, url: str, redis_url: str, clock: SettableClock, **changes: object) -> Core:
        """Return a core on a database, with some settings changed; it is closed in the end."""
        key = url, repr(changes)
        if key not in self._cores:
            opened = open_core(cheap_settings(**changes), database_url=as_app(url), redis_url=redis_url, clock=clock)
            self._cores[key] = self._running.enter_context(opened)
        return self._cores[key]


@pytest.fixture(scope="module")
def _neighbourhood(request: pytest.FixtureRequest) -> Iterator[Surroundings]:
    """What the neighbours of a file share."""
    with ExitStack() as running:
        yield Surroundings(running, partial(request.getfixturevalue, "_databases"))


@pytest.fixture
def _surroundings(request: pytest.FixtureRequest) -> Iterator[Surroundings]:
    """What is around this test: for neighbours the same, but at the hour at which each of them begins."""
    marked = request.node.get_closest_marker
    if marked(NEIGHBOURS) is not None and marked(ALONE) is None:
        shared = request.getfixturevalue("_neighbourhood")
        shared.begin_again()
        yield shared
    else:
        with ExitStack() as running:
            yield Surroundings(running, partial(request.getfixturevalue, "_databases"))


@pytest.fixture
def clock(_surroundings: Surroundings) -> SettableClock:
    """A clock that stands at nine on a Sunday morning in Damascus."""
    return _surroundings.clock


@pytest.fixture
def database_url(_surroundings: Surroundings, new_database: Callable[[], str]) -> str:
    """A database of this test, or of its file's neighbours."""
    return _surroundings.url(new_database)


@pytest.fixture
def country_url(_surroundings: Surroundings, new_country: Callable[[], str]) -> str:
    """A database of this test, or of its file's neighbours, with a whole country in it."""
    return _surroundings.url(new_country)


@pytest.fixture
def open_on(_surroundings: Surroundings, redis_url: str, clock: SettableClock) -> Callable[..., Core]:
    """Open a core on a database, with some settings changed."""
    return partial(_surroundings.core, redis_url=redis_url, clock=clock)


@pytest.fixture
def core(open_on: Callable[..., Core], database_url: str) -> Core:
    """A core on an empty database."""
    return open_on(database_url)


@pytest.fixture
def country(open_on: Callable[..., Core], country_url: str) -> Core:
    """A core on a whole country: see ``new_country``."""
    return open_on(country_url)
