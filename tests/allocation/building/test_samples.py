import numpy as np
import pytest

from allocation.building import samples
from allocation.building.samples import LARGER_PARTY_SHARES, ONE_POOL, POOLS, Window, country, pair_columns


def test_the_pairs_written_piece_by_piece_are_those_of_every_office_day_and_band(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(samples, "_WISHES_AT_A_TIME", 7)
    random = np.random.default_rng(1)
    n, days, bands = 40, 6, 2
    wanted, count = random.integers(0, 4, (n, 3)), random.integers(1, 4, n)
    first = random.integers(0, days, n)
    window = Window(
        first, np.minimum(days, first + random.integers(1, 9, n)) - 1, first + 1, random.integers(-1, bands, n)
    )

    found = pair_columns(wanted, count, window, ONE_POOL, days=days, bands=bands)

    expected = [
        (request, (office * days + day) * bands + band, ranks.index(office), day > window.needed_by[request], day)
        for request in range(n)
        for ranks in [wanted[request, : count[request]].tolist()]
        for office in sorted(set(ranks))
        for day in range(window.first[request], window.last[request] + 1)
        for band in range(bands)
        if window.band[request] in (-1, band)
    ]
    names = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")
    assert list(zip(*(found[name].tolist() for name in names), strict=True)) == expected


def test_a_country_of_no_or_one_request_is_a_problem_too() -> None:
    assert [country(n, seed=1, pools=True).requests for n in (0, 1)] == [0, 1]


def test_options_change_nothing_but_what_they_say() -> None:
    plain, rich = country(5_000, seed=4), country(5_000, seed=4, pools=True)

    assert np.array_equal(plain.units, rich.units)
    assert np.array_equal(plain.order, rich.order)
    assert np.array_equal(plain.places, rich.places.reshape(-1, len(POOLS)).sum(1))
    general = rich.pair_bin % len(POOLS) == 0
    assert np.array_equal(plain.pair_request, rich.pair_request[general])
    assert np.array_equal(plain.pair_bin, rich.pair_bin[general] // len(POOLS))
    assert np.array_equal(plain.pair_late, rich.pair_late[general])


def test_a_request_may_use_the_general_pool_and_that_of_its_kind_on_the_same_days() -> None:
    problem = country(5_000, seed=4, pools=True, mixed_durations=True)

    pool = problem.pair_bin % len(POOLS)
    uses = np.zeros((problem.requests, len(POOLS)), np.int64)
    np.add.at(uses, (problem.pair_request, pool), 1)
    assert (uses[:, 0] > 0).all()
    assert np.isin(uses, [0]).sum() + (uses == uses[:, :1]).sum() == uses.size
    assert ((uses[:, 1:4] > 0).sum(1) <= 1).all()
    assert np.array_equal(uses[:, 4] > 0, problem.units > problem.party)


def test_parties_and_durations_have_the_shares_that_were_asked_for() -> None:
    problem = country(20_000, seed=5, parties=0.45, party_shares=LARGER_PARTY_SHARES, mixed_durations=True)

    shares = np.bincount(problem.party, minlength=7)[1:] / problem.requests
    assert shares == pytest.approx([0.55, 0.16, 0.11, 0.09, 0.06, 0.03], abs=0.01)
    assert (problem.units >= problem.party).all()
    assert (problem.units <= 2 * problem.party).all()
    # 0.5 · 0.1 + 0.3 · 0.4 + 0.2 · 0.9 of all people need two units
    assert problem.units.sum() / problem.party.sum() == pytest.approx(1.35, abs=0.02)
    mixed = (problem.units > problem.party) & (problem.units < 2 * problem.party)
    assert mixed.mean() > 0.1
