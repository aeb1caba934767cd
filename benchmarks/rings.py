"""Rings: who is found, who is wrongly found, how probable things come true, and seconds for a million bookings.

Run with ``./run bench rings``. Judged on ten seeds that nothing was tuned on, of three worlds
(`benchmarks.ring_worlds`): invented neighbourhoods, seasons against the gate, the demonstration's people. The
accounts to be found are attackers' own in communities that are large enough; *all* counts those as well who share
nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.ring_worlds import JUDGED_ON, demonstration, neighbourhood, season
from fraud.rings.find import find_rings, look
from fraud.rings.roles import Role, is_protected
from fraud.rings.score import judged, probability, shipped

BOOKINGS, RINGS, SEEDS, ROUNDS = 1_000_000, 500, (3, 4, 5), 3
BEFORE_FEWEST, BEFORE_SHARING, BEFORE_HUB = 8, 3.0, 51
BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in one world of one seed: numbers of accounts."""

    flagged: int
    right: int
    linkable: int
    own: int
    organisers: int
    organisers_own: int
    attackers: int
    attackers_led: int
    clients_flagged: int
    before_flagged: int
    before_right: int
    probabilities: pd.DataFrame


def judge(bookings: pd.DataFrame) -> Judged:
    """Find rings in bookings of which all is known, and compare."""
    seen, found = look(bookings), find_rings(bookings)
    own = bookings.groupby("account")["own"].any()
    accounts = seen.signs.accounts
    truth = own.reindex(seen.accounts[accounts.index]).to_numpy(bool)
    _, odds = judged(seen.signs, shipped())
    chances = np.where(is_protected(accounts), 0.0, probability(odds))
    # an attacker's ring is a community that is mostly its own accounts
    led = accounts.assign(own=truth).groupby("community")["own"].mean() >= 1 / 2
    flagged = found.members[found.members["role"] != Role.CLIENT]
    leads = found.members[found.members["role"] == Role.ORGANISER]
    of = pd.Series(accounts["community"].to_numpy(), index=seen.accounts[accounts.index])
    role = bookings.groupby("account")["role"].first() if "role" in bookings else pd.Series("", index=own.index)
    before = before_members(bookings)
    return Judged(
        flagged=len(flagged),
        right=int(own.reindex(flagged["account"]).sum()),
        linkable=int(truth.sum()),
        own=int(own.sum()),
        organisers=len(leads),
        organisers_own=int(own.reindex(leads["account"]).sum()),
        attackers=int(led.sum()),
        attackers_led=len(set(of.reindex(leads["account"])) & set(led.index[led])),
        clients_flagged=int((role.reindex(flagged["account"]) == Role.CLIENT).sum()),
        before_flagged=len(before),
        before_right=int(own.reindex(before).sum()),
        probabilities=pd.DataFrame({"probability": chances, "own": truth}),
    )


def before_members(bookings: pd.DataFrame) -> "pd.Index[str]":
    """Return the accounts in rings as they were found before: all that devices and phones connect (union-find)."""
    edges = []
    for kind in ("device", "phone"):
        pairs = bookings.loc[bookings[kind] != "", ["account", kind]].drop_duplicates()
        on_it = pairs.groupby(kind)["account"].transform("size")
        kept = pairs[(on_it > 1) & (on_it < BEFORE_HUB)]
        edges.append(pd.DataFrame({"account": kept["account"], "what": kind + " " + kept[kind].astype(str)}))
    every = pd.concat(edges, ignore_index=True)
    component = pd.Series(_components(every), index=every.index)
    sizes = every.groupby(component)["account"].nunique()
    sharing = every.groupby([component, "what"]).size().groupby(level=0).mean()
    large = sizes.index[(sizes >= BEFORE_FEWEST) & (sharing >= BEFORE_SHARING)]
    return pd.Index(every.loc[component.isin(large), "account"].unique())


def _components(edges: pd.DataFrame) -> np.ndarray:
    account, accounts = pd.factorize(edges["account"])
    what, _ = pd.factorize(edges["what"])
    size = len(accounts) + int(what.max(initial=0)) + 1
    graph = coo_matrix((np.ones(len(edges)), (account, what + len(accounts))), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][account])


def planted(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Make a million bookings with 500 rings of 20 to 120 accounts, each of which asks for several people.

    Each ring has 3 to 8 devices, and 70 % of its accounts are on ten phones. Of the honest, 15 % share a device and
    10 % a phone with anyone at all (families and chance): harsher than families alone. Returns for each booking its
    ring, or -1; each row is one account's, and asks for one person.
    """
    rng = np.random.default_rng(seed)
    account = np.arange(BOOKINGS)
    device = np.where(rng.random(BOOKINGS) < 0.85, account, rng.integers(0, 850_000, BOOKINGS))
    phone = np.where(rng.random(BOOKINGS) < 0.9, account, rng.integers(0, 900_000, BOOKINGS))
    ring = np.full(BOOKINGS, -1)
    for number in range(RINGS):
        members = rng.choice(BOOKINGS, rng.integers(20, 121), replace=False)
        members = members[ring[members] < 0]
        ring[members] = number
        device[members] = 2_000_000 + number * 10 + rng.integers(0, rng.integers(3, 9), len(members))
        on_phones = members[rng.random(len(members)) < 0.7]
        phone[on_phones] = 3_000_000 + number * 20 + rng.integers(0, 10, len(on_phones))
    inside = ring >= 0
    frame = pd.DataFrame({"account": account, "device": device, "phone": phone, "person": account})
    frame["at"] = rng.uniform(0, 90 * 86_400, BOOKINGS)
    frame["party"] = np.where(inside, 1, rng.choice([1, 2, 3, 4], BOOKINGS))
    frame["seconds"] = np.exp(rng.normal(np.where(inside, 3.8, 5.3), 0.6))
    frame["age_hours"] = rng.exponential(900, BOOKINGS)
    return frame, ring


def main() -> None:
    """Print a table a world, the calibration, and the seconds."""
    worlds: dict[str, Callable[[int], pd.DataFrame]] = {
        "neighbourhoods": neighbourhood,
        "seasons": season,
        "demonstration": demonstration,
    }
    everywhere = []
    for name, make in worlds.items():
        found = [judge(make(seed)) for seed in JUDGED_ON]
        everywhere += [one.probabilities for one in found]
        _told(name, found)
    _calibration(pd.concat(everywhere, ignore_index=True))
    for seed in SEEDS:
        _seconds(seed)


def _told(name: str, found: list[Judged]) -> None:
    def total(of: str) -> int:
        return sum(getattr(one, of) for one in found)

    precision = [_share(one.right, one.flagged) for one in found]
    recall = [_share(one.right, one.linkable) for one in found]
    before = _share(total("before_right"), total("before_flagged")), _share(total("before_right"), total("linkable"))
    print(
        f"{name}: precision {np.mean(precision):.3f} (worst {min(precision):.3f}), recall {np.mean(recall):.3f} "
        f"(worst {min(recall):.3f}) of {total('linkable')} accounts; {_share(total('right'), total('own')):.3f} of all "
        f"{total('own')} of attackers; organisers right {total('organisers_own')} of {total('organisers')}, rings led "
        f"{total('attackers_led')} of {total('attackers')}, clients marked {total('clients_flagged')}; "
        f"before: precision {before[0]:.3f}, recall {before[1]:.3f}",
        flush=True,
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _calibration(known: pd.DataFrame) -> None:
    brier = float(((known["probability"] - known["own"]) ** 2).mean())
    print(
        f"accounts in communities: {len(known)}, {known['own'].mean():.3f} of them attackers'; Brier score {brier:.4f}"
    )
    bins = pd.cut(known["probability"], BINS, include_lowest=True)
    for at, part in known.groupby(bins, observed=True):
        print(
            f"  told {at}: {len(part)} accounts, mean {part['probability'].mean():.3f}, true {part['own'].mean():.3f}"
        )


def _seconds(seed: int) -> None:
    bookings, ring = planted(seed)
    seconds, processor = [], []
    for _ in range(ROUNDS):
        start, began = time.perf_counter(), time.process_time()
        found = find_rings(bookings)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - began)
    flagged = found.members["account"].to_numpy()
    right = np.count_nonzero(ring[flagged] >= 0)
    print(
        f"a million bookings, seed {seed}: {min(seconds):.2f} s, processor {min(processor):.2f} s, "
        f"{len(found.rings)} rings for {RINGS}; accounts: precision {right / max(len(flagged), 1):.3f}, "
        f"recall {right / np.count_nonzero(ring >= 0):.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
