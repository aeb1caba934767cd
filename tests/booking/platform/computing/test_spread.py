import pytest

from booking.platform.base.settings_servers import ComputingSettings
from booking.platform.computing import spread as spreading
from booking.platform.computing.errors import ClusterLostError
from booking.platform.computing.spread import Computing
from tests.booking.platform.computing.pieces import doubled, inverted

ALONE = ComputingSettings()
ELSEWHERE = ComputingSettings(dask_address="tcp://127.0.0.1:1", dask_open_on_this_machine=True)


class StandIn:
    """A cluster that does pieces until it is lost."""

    def __init__(self, pieces: int, ahead: int = 2) -> None:
        self.left, self.ahead, self.closed, self.taken_back = pieces, ahead, False, []

    def send(self, work, piece):
        return work, piece

    def result(self, ticket, look):
        look()
        if not self.left:
            raise ClusterLostError("it is lost")
        self.left -= 1
        work, piece = ticket
        return work(piece)

    def take_back(self, tickets):
        self.taken_back += [piece for _, piece in tickets]

    def close(self):
        self.closed = True


@pytest.fixture
def cluster(monkeypatch):
    def make(pieces, **how):
        made = StandIn(pieces, **how)
        monkeypatch.setattr(spreading, "connect", lambda _: made)
        return made

    return make


def test_without_a_scheduler_pieces_are_done_one_by_one_when_they_are_asked_for():
    read = []

    with Computing(ALONE, alone_for=0).opened() as spread:
        results = spread(doubled, (read.append(n) or n for n in range(3)))
        assert (next(results), read) == (0, [0])
        assert list(results) == [2, 4]


def test_what_takes_less_than_its_time_alone_asks_nobody(monkeypatch):
    monkeypatch.setattr(spreading, "connect", lambda _: pytest.fail("it was asked"))

    with Computing(ELSEWHERE, alone_for=60).opened() as spread:
        assert list(spread(doubled, range(5))) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("pieces", [0, 1, 4, 10])
def test_what_a_lost_cluster_leaves_is_done_here_in_order(cluster, pieces):
    lost = cluster(pieces)

    with Computing(ELSEWHERE, alone_for=0).opened() as spread:
        assert list(spread(doubled, range(10))) == [2 * n for n in range(10)]
        assert lost.closed == (pieces < 10)
        assert list(spread(doubled, range(3))) == [0, 2, 4]
    assert lost.closed


def test_pieces_are_read_no_further_ahead_than_workers_need(cluster):
    cluster(100, ahead=3)
    read = []

    with Computing(ELSEWHERE, alone_for=0).opened() as spread:
        results = spread(doubled, (read.append(n) or n for n in range(100)))
        assert next(results) == 0
        assert read == [0, 1, 2, 3]


def test_whoever_looks_ends_it_and_what_was_asked_for_is_taken_back(cluster):
    asked = cluster(100)
    looks = iter([None, None])

    def look():
        if next(looks, "over") == "over":
            raise InterruptedError

    with Computing(ELSEWHERE, alone_for=0).opened() as spread:
        results = spread(doubled, range(10), look=look)
        assert [next(results), next(results)] == [0, 2]
        with pytest.raises(InterruptedError):
            next(results)
    assert asked.taken_back == [2, 3, 4]


def test_what_is_done_here_may_be_done_in_a_way_of_its_own(cluster):
    cluster(2)

    with Computing(ELSEWHERE, alone_for=0).opened() as spread:
        assert list(spread(doubled, range(4), here=lambda n: -n)) == [0, 2, -2, -3]


def test_an_error_of_the_work_is_raised_as_it_is():
    with Computing(ALONE).opened() as spread, pytest.raises(ZeroDivisionError):
        list(spread(inverted, [1, 0]))


def test_a_scheduler_that_is_not_there_costs_a_moment_and_nothing_else():
    pytest.importorskip("distributed", reason="the extra mawid[cluster] is not installed")

    with Computing(ELSEWHERE, alone_for=0).opened() as spread:
        assert list(spread(doubled, range(3))) == [0, 2, 4]
