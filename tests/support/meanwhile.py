"""What somebody else does between the look and the act of a use case, for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.errors import MawidError
from tests.support.waiting import ended, eventually

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def refused_after(
    core: Core,
    change: Callable[[Session], object],
    act: Callable[[], object],
    *,
    then: Callable[[Session], object] | None = None,
) -> MawidError | None:
    """Let ``act`` look before ``change`` is committed and go on after it; the error by which it is refused, if any.

    ``then`` is what the transaction of ``change`` does once ``act`` waits for it: where that needs what ``act`` holds
    already, PostgreSQL ends one of the two.
    """
    refused: list[MawidError] = []

    def go_on() -> None:
        try:
            act()
        except MawidError as error:
            refused.append(error)

    actor = threading.Thread(target=go_on)
    with core.sessions.begin() as session:
        change(session)
        session.flush()
        let_wait(core, actor)
        if then is not None:
            then(session)
    ended(actor)
    return refused[0] if refused else None


def let_wait(core: Core, actor: threading.Thread) -> None:
    """Start somebody who acts, and return as soon as they wait for a lock, or are done."""
    actor.start()
    eventually(lambda: not actor.is_alive() or _somebody_waits(core), what="who acts neither waits nor ends")


def _somebody_waits(core: Core) -> bool:
    with core.sessions() as session:
        return bool(session.scalar(text(_WAITING)))


def wait_for_a_lock(core: Core) -> None:
    """Return as soon as somebody waits for a lock."""
    eventually(lambda: _somebody_waits(core), what="nobody waits for a lock")


@contextmanager
def right_after(core: Core, words: str, act: Callable[[], object]) -> Iterator[None]:
    """Let ``act`` happen between the first statement with these words and what follows it."""
    engine, waiting = core.sessions.kw["bind"], [act]

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if words in statement and waiting:
            waiting.pop()()

    event.listen(engine, "after_cursor_execute", look)
    yield
    event.remove(engine, "after_cursor_execute", look)
