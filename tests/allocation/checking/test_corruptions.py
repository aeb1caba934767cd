"""A thousand random corruptions of what was published: none passes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pytest

from allocation import Certificate, Plan, Problem, certify, in_line_order, solve, verify
from allocation.building.samples import country
from allocation.checking.proof import price_bound
from allocation.plan import Mechanism, Status

pytestmark = pytest.mark.slow

CORRUPTIONS = 1_000
SMALL = {"home_offices": 4, "consulates": 0, "days": 4}

Random = np.random.Generator


@dataclass(frozen=True)
class Published:
    problem: Problem
    plan: Plan
    certificate: Certificate

    def content(self) -> list[object]:
        """Everything that is claimed, to tell whether something else is claimed now."""
        parts = (self.problem, self.plan, self.certificate)
        values = [
            getattr(part, field.name)
            for part in parts
            for field in fields(part)
            if field.name not in ("stage_seconds", "versions")
        ]
        return [value.tobytes() if isinstance(value, np.ndarray) else value for value in values]

    def written(self) -> dict[str, dict[str, Any]]:
        return {name: getattr(self, name).to_dict() for name in ("problem", "plan", "certificate")}

    def rejected(self) -> bool:
        return not verify(self.problem, self.plan, self.certificate).ok

    def placed(self, bins: np.ndarray, *, recounted: bool) -> "Published":
        """Another placement; with honest totals, as a careful forger would write them."""
        plan = replace(self.plan, bin_of_request=bins.astype(np.int32))
        if recounted:
            served = bins >= 0
            totals = {"served_requests": np.ones_like(bins), "served_people": self.problem.party}
            totals |= {"served_units": self.problem.units}
            plan = replace(plan, **{name: int(column[served].sum()) for name, column in totals.items()})
        return replace(self, plan=plan)


def publish(problem: Problem, plan: Plan) -> Published:
    return Published(problem, plan, certify(problem, plan))


@pytest.fixture(scope="module")
def everything() -> list[Published]:
    families = country(200, seed=2, **SMALL)
    compensated = replace(families, compensation=1000 + 40 * (families.units - 1))
    problems = [
        country(250, seed=1, parties=0, **SMALL),
        families,
        country(200, seed=3, long_service=0.4, tiers=4, **SMALL),
        compensated,
    ]
    draws = [publish(problem, solve(problem, seconds=1)) for problem in problems]
    return [*draws, publish(compensated, in_line_order(compensated))]


def moved(random: Random, given: Published) -> Published:
    """Some requests into other bins, or served ones out of theirs, or others in, acceptable or not."""
    bins = given.plan.bin_of_request.copy()
    rows = random.choice(bins.size, random.integers(1, 4), replace=False)
    bins[rows] = random.integers(-1, given.problem.bins, rows.size)
    return given.placed(bins, recounted=bool(random.integers(2)))


def moved_where_accepted(random: Random, given: Published) -> Published:
    """One request into another bin that it did ask for: feasible where there is room."""
    bins = given.plan.bin_of_request.copy()
    pair = random.integers(given.problem.pairs)
    bins[given.problem.pair_request[pair]] = given.problem.pair_bin[pair]
    return given.placed(bins, recounted=True)


def dropped(random: Random, given: Published) -> Published:
    """A request that was served is not."""
    bins = given.plan.bin_of_request.copy()
    bins[random.choice(np.flatnonzero(bins >= 0))] = -1
    return given.placed(bins, recounted=bool(random.integers(2)))


def exchanged(random: Random, given: Published) -> Published:
    """Two requests get each other's bin."""
    bins = given.plan.bin_of_request.copy()
    one, other = random.choice(bins.size, 2, replace=False)
    bins[[one, other]] = bins[[other, one]]
    return given.placed(bins, recounted=bool(random.integers(2)))


def exchanged_alike(random: Random, given: Published) -> Published:
    """Two requests of the same size and the same wishes get each other's bin: just as feasible."""
    problem, bins = given.problem, given.plan.bin_of_request.copy()
    pairs = np.split(problem.pair_bin, problem.first_pair[1:-1])
    one = int(random.integers(bins.size))
    could = [
        row
        for row in range(bins.size)
        if problem.units[row] == problem.units[one]
        and (bins[row] < 0 or bins[row] in pairs[one])
        and (bins[one] < 0 or bins[one] in pairs[row])
    ]
    other = one_of(random, could)
    bins[[one, other]] = bins[[other, one]]
    return given.placed(bins, recounted=True)


def bins_exchanged(random: Random, given: Published) -> Published:
    """Everyone in one bin changes places with everyone in another."""
    bins = given.plan.bin_of_request.copy()
    one, other = random.choice(given.problem.bins, 2, replace=False)
    here, there = bins == one, bins == other
    bins[here], bins[there] = other, one
    return given.placed(bins, recounted=False)


def total_changed(random: Random, given: Published) -> Published:
    name = one_of(random, ["served_requests", "served_people", "served_units", "objective"])
    return replace(given, plan=replace(given.plan, **{name: getattr(given.plan, name) + step(random)}))


def bound_changed(random: Random, given: Published) -> Published:
    return replace(given, plan=replace(given.plan, bound=given.plan.bound + step(random)))


def gap_denied(random: Random, given: Published) -> Published:
    """The plan says that it is the best there is, or only that it is not far from it."""
    bound = given.plan.objective + int(random.integers(2))
    status = Status.OPTIMAL if bound == given.plan.objective else Status.BOUNDED
    return replace(given, plan=replace(given.plan, bound=bound, status=status))


def price_changed(random: Random, given: Published) -> Published:
    """A price in the plan or in its certificate; or in both, where that proves another bound."""
    prices = given.plan.prices.copy()
    prices[random.integers(prices.size)] += step(random)
    plan, certificate = replace(given.plan, prices=prices), replace(given.certificate, prices=prices)
    if prices.min() >= 0 and price_bound(given.problem, prices) == given.certificate.bound:
        return replace(given, plan=plan) if random.integers(2) else replace(given, certificate=certificate)
    return replace(given, plan=plan, certificate=certificate)


def status_changed(random: Random, given: Published) -> Published:
    return replace(given, plan=replace(given.plan, status=one_of(random, list(Status))))


def mechanism_changed(random: Random, given: Published) -> Published:
    mechanism = one_of(random, list(Mechanism))
    baseline = {"status": Status.BASELINE, "bound": given.plan.objective} if random.integers(2) else {}
    return replace(given, plan=replace(given.plan, mechanism=mechanism, **baseline))


def certificate_changed(random: Random, given: Published) -> Published:
    """One line of the certificate that states a number or a name."""
    certificate = given.certificate
    change: dict[str, Callable[[], Any]] = {
        "objective": lambda: certificate.objective + step(random),
        "bound": lambda: certificate.bound + step(random),
        "plan_bound": lambda: certificate.plan_bound + step(random),
        "mechanism": lambda: one_of(random, list(Mechanism)),
        "status": lambda: one_of(random, list(Status)),
    }
    name = one_of(random, list(change))
    return replace(given, certificate=replace(certificate, **{name: change[name]()}))


def digest_changed(random: Random, given: Published) -> Published:
    name = one_of(random, ["problem_sha256", "plan_sha256"])
    text = getattr(given.certificate, name)
    place = random.integers(len(text))
    text = text[:place] + one_of(random, "0123456789abcdef") + text[place + 1 :]
    return replace(given, certificate=replace(given.certificate, **{name: text}))


def problem_changed(random: Random, given: Published) -> Published:
    """One value of one column; a change that makes no problem at all is refused before."""
    name = one_of(random, [field.name for field in fields(Problem)])
    column = getattr(given.problem, name).copy()
    row = random.integers(column.size)
    if name == "order":
        other = random.integers(column.size)
        column[[row, other]] = column[[other, row]]
    elif name == "pair_late":
        column[row] ^= True
    else:
        column[row] += random.choice([-1, 1])
    return replace(given, problem=replace(given.problem, **{name: column}))


def pair_dropped(random: Random, given: Published) -> Published:
    keep = np.arange(given.problem.pairs) != random.integers(given.problem.pairs)
    names = [field.name for field in fields(Problem) if field.name.startswith("pair_")]
    columns = {name: getattr(given.problem, name)[keep] for name in names}
    return replace(given, problem=replace(given.problem, **columns))


def text_changed(random: Random, given: Published) -> Published:
    """One character of one value in the published JSON."""
    content = given.written()
    part = one_of(random, list(content))
    data = content[part]
    data.pop("versions", None)
    holder, name = one_of(random, list(leaves(data)))
    text = str(holder[name])
    place = random.integers(len(text))
    written = isinstance(holder[name], str)
    text = text[:place] + one_of(random, "0189aAbZ-" if written else "0123456789") + text[place + 1 :]
    holder[name] = text if written else int(text)
    if part == "certificate":
        data["versions"] = dict(given.certificate.versions)
    kinds: Mapping[str, Any] = {"problem": Problem, "plan": Plan, "certificate": Certificate}
    return replace(given, **{part: kinds[part].from_dict(data)})


def leaves(data: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    here = [(data, name) for name, value in data.items() if not isinstance(value, dict)]
    return here + [leaf for value in data.values() if isinstance(value, dict) for leaf in leaves(value)]


def one_of(random: Random, items: Sequence[Any]) -> Any:
    return items[random.integers(len(items))]


def step(random: Random) -> int:
    return int(random.choice([-1, 1]) * random.choice([1, random.integers(1, 100), random.integers(1, 1 << 40)]))


KINDS: list[Callable[[Random, Published], Published]] = [
    moved,
    moved_where_accepted,
    dropped,
    exchanged,
    exchanged_alike,
    bins_exchanged,
    total_changed,
    bound_changed,
    gap_denied,
    price_changed,
    status_changed,
    mechanism_changed,
    certificate_changed,
    digest_changed,
    problem_changed,
    pair_dropped,
    text_changed,
]
MAY_BE_UNREADABLE = {problem_changed, pair_dropped, text_changed}


def test_what_was_published_passes_before_it_is_corrupted(everything: list[Published]) -> None:
    assert [
        verify(given.problem, given.plan, given.certificate).words() for given in everything if given.rejected()
    ] == []


def test_every_one_of_a_thousand_random_corruptions_is_rejected(everything: list[Published]) -> None:
    random = np.random.default_rng(20_261_101)
    original = [given.content() for given in everything]
    tried: Counter[str] = Counter()
    passed: list[str] = []

    for turn in range(100 * CORRUPTIONS):
        if tried.total() == CORRUPTIONS:
            break
        kind, which = KINDS[turn % len(KINDS)], int(random.integers(len(everything)))
        try:
            changed = kind(random, everything[which])
        except ValueError:
            assert kind in MAY_BE_UNREADABLE  # what cannot even be read is rejected too
            tried[kind.__name__] += 1
            continue
        if changed.content() == original[which]:
            continue
        tried[kind.__name__] += 1
        if not changed.rejected():
            passed.append(f"{kind.__name__} of problem {which}")

    assert passed == []
    assert tried.total() == CORRUPTIONS
    assert min(tried[kind.__name__] for kind in KINDS) >= CORRUPTIONS // len(KINDS) // 4, tried
