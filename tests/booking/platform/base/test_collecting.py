"""The interpreter looks for no cycles while anybody wishes so, and for as long as nobody does it is left as it was."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread

import pytest

from booking.platform.base.collecting import uncollected
from tests.support.waiting import ended


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("begin", [gc.enable, gc.disable])
def test_what_was_is_again_when_the_last_one_is_done(begin: Callable[[], None]) -> None:
    begin()
    was_on = gc.isenabled()
    first, second = ExitStack(), ExitStack()

    first.enter_context(uncollected())
    second.enter_context(uncollected())
    first.close()
    assert not gc.isenabled()
    second.close()

    assert gc.isenabled() is was_on


def test_cycles_are_looked_for_again_after_an_error() -> None:
    gc.enable()
    with pytest.raises(LookupError), uncollected():
        raise LookupError
    assert gc.isenabled()


def test_many_threads_at_once_leave_it_as_it_was() -> None:
    gc.enable()

    def work() -> None:
        for _ in range(100):
            with uncollected():
                pass

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)

    assert gc.isenabled()
