"""Check a plan against what was asked and what was free: the same work for both formats of a draw.

`verify_draw.py` and `second_draw.py`, which stand beside this file, use it. Needs Python 3.11 and numpy. What can be
computed is not believed: what each request accepts and what any plan could be worth at most are worked out again.
"""

from datetime import date
from functools import cache
from hashlib import sha256

import numpy as np
from report_of_draw import report_of
from strict_reading import exact_json, need, numbers

ROOM, NOBODY = -1, np.iinfo(np.int64).max
HIGHEST_WEIGHT, LARGEST_TIGHTENED_BIN = 2**38, 4096


class PlanChecks:
    """What follows from requests, places and the line; a draw adds where it read them."""

    least = 1  # requests of which the report speaks together
    by_size = np.empty(0, np.int64)  # from format 5 on: what each bin asks of each size besides

    def check_wishes(self):
        """Work out which bins each request accepts; see that everyone served is in one of theirs."""
        self.units = np.array([request["units"] for request in self.requests], np.int64)
        self.places = np.array([sum(numbers(each["free"])) for each in self.bins], np.int64)
        self.request, self.place, self.rank = self.acceptable_pairs()
        self.bin = np.array([int(row["bin"] or -1) for row in self.plan], np.int64)
        need((self.bin < len(self.bins)).all(), "plan.csv: a bin that is not there")
        happy = self.bin < 0
        happy[self.request[self.bin[self.request] == self.place]] = True
        need(happy.all(), f"plan.csv: leaf {np.flatnonzero(~happy)[:1]} is where it did not ask to be")
        plan = b"mawid-plan-1\nbin_of_request <i4 %d\n" % self.bin.size + self.bin.astype("<i4").tobytes()
        stated = self.certificate["certificate"].get("plan_sha256")  # in format 1 alone, where everyone sees the plan
        need(stated in (None, sha256(plan).hexdigest()), "certificate.json, plan_sha256: it is about another plan")
        return f"all {(self.bin >= 0).sum()} who are served are at an office, on a day and at a time they asked for"

    def acceptable_pairs(self):
        """Request, bin and rank of the office, for every bin that a request accepts; by request."""
        weekday = np.array([date.fromisoformat(each["day"]).weekday() for each in self.bins], np.int64)
        names = ("office", "band", "pool", "accessible", "day")
        office, band, pool, accessible, day = (np.array([each[name] for each in self.bins], str) for name in names)

        @cache
        def bins_of(code, first, last, weekdays, bands, needs_access):
            rows = np.flatnonzero((office == code) & (day >= first) & (day <= last) & np.isin(band, bands))
            rows = rows[(weekdays >> weekday[rows] & 1) == 1]
            return rows[(accessible[rows] == "1") if needs_access else (pool[rows] == "draw")]

        found = [(np.empty(0, np.int64),) * 3]
        for row, wish in enumerate(self.requests):
            papers = wish.get("holds", ("0001-01-01", "9999-12-31"))
            last = min(papers[1], *(wish[name] or papers[1] for name in ("last_day", "needed_by")))
            for rank, code in enumerate(wish["offices"]):
                own = wish.get("windows", {}).get(code, papers)
                days = max(own[0], papers[0], wish["first_day"]), min(own[1], last)
                bins = bins_of(code, *days, wish["weekdays"], tuple(wish["bands"]), wish["accessible"])
                found.append((np.full(bins.size, row), bins, np.full(bins.size, rank)))
        return tuple(np.concatenate(column) for column in zip(*found, strict=True))

    def check_slots(self):
        """In each bin the parties sit in the order of the line, each where the one before it ended."""
        free = {}  # of each bin, the units of its slots that nobody has yet
        for number, each in enumerate(self.bins):
            free[number] = [
                [slot, units] for slot, units in zip(*map(numbers, (each["slots"], each["free"])), strict=True)
            ]
        for leaf in self.line:
            row, seat, wanted = self.plan[leaf], [], int(self.units[leaf])
            while row["bin"] and wanted:
                left = free[int(row["bin"])]
                need(left, f"plan.csv: leaf {leaf} needs more than its bin has")
                seat.append((left[0][0], min(wanted, left[0][1])))
                wanted -= seat[-1][1]
                left[0][1] -= seat[-1][1]
                del left[: left[0][1] == 0]
            stated = [row["first_slot"], row["units"]]
            due = [str(seat[0][0]), " ".join(str(units) for _, units in seat)] if seat else ["", ""]
            need(stated == due, f"plan.csv: leaf {leaf} does not sit where the one before it ended, or is not whole")
        return "every party is together, in slots that touch each other, and no slot holds more than was free"

    def check_totals(self):
        served = self.bin >= 0
        party = np.array([request["party"] for request in self.requests], np.int64)
        self.weight = self.weights()
        self.objective = sum((self.units * self.weight)[served].tolist())
        people, units = int(party[served].sum()), int(self.units[served].sum())
        totals = {"mechanism": self.mechanism, "served_requests": int(served.sum()), "served_people": people}
        for name, value in (totals | {"served_units": units, "objective": self.objective}).items():
            stated = self.certificate["plan"][name], self.report[name if name != "served_units" else "used"]
            need(stated == (value, value), f"{name} is {value}, certificate.json and report.json state {stated}")
        return f"{people} of {party.sum()} people are served, in {units} units of time"

    def weights(self):
        """What one unit of each request counts: more for those further ahead in line, above all for more draws lost."""
        n, largest = len(self.requests), int(self.units.max(initial=1))
        lost = np.array([request["priority"] for request in self.requests], np.int64)
        levels, level = np.unique(lost if largest > 1 else np.zeros_like(lost), return_inverse=True)
        top, quarters = max(len(levels) - 1, 0), 4 * (2 * largest + 1)
        while quarters > 4 and n * quarters**top // 4**top + n > HIGHEST_WEIGHT:
            quarters -= 1
        base = np.array([n * quarters**t // 4**t for t in range(top + 1)], np.int64)
        extra = self.facts.get("compensation", {})  # for larger parties, which are harder to place; per mille
        compensation = np.array([extra.get(str(units), 1000) for units in self.units.tolist()], np.int64)
        weight = (base[level] + n - 1 - self.position) * compensation // 1000
        need(int(weight.max(initial=0)) * int(self.units.sum()) < 2**62, "what places are worth leaves 64 bits")
        return weight

    def check_in_line(self):
        """Draw again: each in line takes the best bin that still has room: by office, day, band, then own pool."""
        first = {}
        bands = [(each["office"], each["day"], each["band"]) for each in self.bins]
        for band, each in zip(bands, self.bins, strict=True):
            first[band] = min(each["starts_at"], first.get(band, each["starts_at"]))
        start = np.array([first[band] for band in bands])[self.place]  # of the band; it begins with the day
        open_to_all = np.array([each["pool"] == "draw" for each in self.bins])[self.place]
        wanted = self.place[np.lexsort((self.place, open_to_all, start, self.rank, self.request))].tolist()
        starts = np.searchsorted(self.request, np.arange(len(self.requests) + 1)).tolist()
        room = [*self.places.tolist(), 0]  # the last for those who get nothing, as bin -1
        for row in self.line:
            units = int(self.units[row])
            fits = (b for b in wanted[starts[row] : starts[row + 1]] if room[b] >= units)
            given = next(fits, -1)
            need(self.bin[row] == given, f"plan.csv: leaf {row} should be in bin {given}, the best left at its turn")
            room[given] -= units
        return "each in turn got the best that was left, and nobody was passed over"

    def check_envy(self):
        """Nobody of one unit could have a place if people moved and one who weighs less, or nobody, left.

        ``lightest``: the least weight in a bin, or in any bin to which those of one unit in it could move, and so on.
        """
        used = np.bincount(self.bin[self.bin >= 0], self.units[self.bin >= 0], len(self.bins))
        lightest = np.where(self.places > used, ROOM, NOBODY)
        seated = (self.bin >= 0) & (self.units == 1)
        np.minimum.at(lightest, self.bin[seated], self.weight[seated])
        may_move = seated[self.request]
        moves = np.unique(self.bin[self.request[may_move]] * 2**32 + self.place[may_move])
        source, target = moves // 2**32, moves % 2**32
        before = None
        while not np.array_equal(before, lightest):
            before = lightest.copy()
            np.minimum.at(lightest, source, before[target])
        waits = self.bin[self.request] < 0
        envies = waits & (self.units[self.request] == 1) & (lightest[self.place] < self.weight[self.request])
        need(not envies.any(), f"leaf {self.request[envies][:1]} was passed over for someone behind it in line")
        fits = waits & (self.units[self.request] <= (self.places - used)[self.place])
        need(not fits.any(), f"leaf {self.request[fits][:1]} has no place although one it asked for is free")
        return "nobody of one unit was passed over for someone behind them in line, and no usable place is empty"

    def check_bound(self):
        """At any prices of places, no plan is worth more than all places at their price plus what each could gain."""
        stated, plan = self.certificate["certificate"], self.certificate["plan"]
        prices, highest = self.prices, self.weight.max(initial=0)
        need(((prices >= 0) & (prices <= highest)).all(), "certificate.json: a price is above every weight")
        size = self.units[self.request]
        fits = size <= self.places[self.place]
        sizes = np.unique(self.units).tolist()
        price = self.prices_by_size(sizes)
        cheapest = np.full(len(self.requests), NOBODY)
        np.minimum.at(cheapest, self.request[fits], price[self.place[fits], np.searchsorted(sizes, size[fits])])
        proven = sum(np.maximum(self.units * self.weight - cheapest, 0).tolist())
        asked = [{} for _ in self.bins]  # for each bin, how many of each size ask for it
        for kind, count in zip(*np.unique(self.place[fits] * 2**15 + size[fits], return_counts=True), strict=True):
            asked[kind >> 15][int(kind & 2**15 - 1)] = int(count)
        for b, row in enumerate(price.tolist()):
            of_units = prices[b] * np.array(sizes, np.int64)
            if (price[b] == of_units).all():
                proven += usable(int(self.places[b]), asked[b]) * int(prices[b])
            else:
                need(self.places[b] <= LARGEST_TIGHTENED_BIN, f"certificate.json: bin {b} is too large for by_size")
                proven += dearest(int(self.places[b]), asked[b], dict(zip(sizes, row, strict=True)))
        need(stated["bound"] == proven, f"certificate.json: the prices prove {proven}, not {stated['bound']}")
        same = plan["bound"] == stated["plan_bound"] == self.report["bound"]
        need(same and self.objective <= plan["bound"] <= proven, "the bound does not fit the plan")
        best = "optimal" if self.certificate["plan"]["bound"] == self.objective else "bounded"
        status = best if self.mechanism == "exchange" else "baseline"
        for name, value in {"mechanism": self.mechanism, "objective": self.objective, "status": status}.items():
            stated = [part[name] for part in (self.certificate["certificate"], self.certificate["plan"], self.report)]
            need(stated == [value] * 3, f"{name} is {value}, certificate.json and report.json state {stated}")
        missing = proven - self.objective
        need(missing == 0 or self.mechanism != "exchange" or self.units.max() > 1, "a better set could be served")
        return f"no other plan under the same rules is better by more than {missing / (proven or 1):.4%}"

    def prices_by_size(self, sizes):
        """What each bin asks of a request of each size: the price of its units, and what by_size adds or takes off."""
        price, highest = np.outer(self.prices, sizes), int(self.weight.max(initial=0))
        if not self.by_size.size:
            return price
        need(self.by_size.size == price.size, "certificate.json, by_size: not one for each bin and size")
        need((abs(self.by_size.astype(object)) <= 2**61).all(), "certificate.json, by_size: it leaves 64 bits")
        price += self.by_size.reshape(price.shape)
        need(
            ((price >= 0) & (price <= highest * np.array(sizes))).all(),
            "certificate.json, by_size: a price is below zero or above every request of its size",
        )
        return price

    def check_report(self):
        right = exact_json(self.report) == exact_json(report_of(self))
        need(right, "report.json: not what the other files give")
        return "the report, and the chances of each group in it, are what the other files give"


def usable(places, asked):
    """Most units of a bin that whole parties can fill: three places that only pairs ask for are worth two."""
    total = sum(size * count for size, count in asked.items())
    if total <= places or asked.get(1, 0) >= max(asked) - 1 or places > LARGEST_TIGHTENED_BIN:
        return min(total, places)
    sums = 1  # bit s is set where some of them together take s units
    for size, count in asked.items():
        for _ in range(min(count, places // size)):
            sums |= sums << size & (2 << places) - 1
    return sums.bit_length() - 1


def dearest(places, asked, price):
    """The most that whole parties who fit into a bin together pay there, of no more of a size than ask for it."""
    best = [0] * (places + 1)
    for size, count in asked.items():
        for _ in range(min(count, places // size)):
            for room in range(places, size - 1, -1):
                best[room] = max(best[room], best[room - size] + price[size])
    return best[places]
