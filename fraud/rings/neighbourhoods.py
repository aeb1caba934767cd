"""Invented neighbourhoods: honest people who share devices and phones for good reasons, and rings with their clients.

Every amount is an assumption that can be argued with, no measurement of any country. Kinds overlap on purpose: some
rings type slowly and by day, some shops keep accounts of their own, some students come in one hour. It is another
world than `fraud.attackers` and the demonstration, which do not know who runs a ring: weights are learned here (and
on seasons' training seeds), and judged there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from fraud.rings.roles import Role

DAYS: Final = 28
_DAY, _HOUR = 86_400.0, 3_600.0
_RELEASE_HOUR: Final = 8
_FULL: Final = 12  # people for whom an account may act


@dataclass(slots=True)
class _Account:
    name: str
    phone: str
    made_at: float


@dataclass(slots=True)
class _World:
    chance: np.random.Generator
    rows: list[tuple[object, ...]] = field(default_factory=list)
    names: int = 0

    def name(self, what: str) -> str:
        self.names += 1
        return f"{what} {self.names}"

    def account(self, at: float, *, new: float, phone: str = "") -> _Account:
        ago = self.chance.uniform(120, 900) if self.chance.random() < new else self.chance.exponential(40 * _DAY) + _DAY
        return _Account(self.name("account"), phone or self.name("phone"), at - ago)

    def moment(self, *, rush: float) -> float:
        day = int(self.chance.integers(DAYS)) * _DAY
        if self.chance.random() < rush:
            return float(day + _RELEASE_HOUR * _HOUR + self.chance.exponential(900))
        return float(day + np.clip(self.chance.normal(14.5, 4), 6, 23.9) * _HOUR)

    def amount(self, median: float, spread: float) -> float:
        return float(median * np.exp(spread * self.chance.standard_normal()))

    def between(self, low: int, high: int) -> int:
        return int(self.chance.integers(low, high + 1))

    def ask(
        self, who: tuple[str, str, int], account: _Account, device: str, at: float, seconds: float, party: int = 1
    ) -> None:
        """Note one booking of somebody new."""
        kind, role, ring = who
        age = (at - account.made_at) / _HOUR
        self.rows.append(
            (account.name, device, account.phone, at, self.name("person"), party, seconds, age, kind, role, ring)
        )

    def household(
        self, who: tuple[str, str, int], at: float, device: str, seconds: float, *, new: float = 0.35
    ) -> None:
        """Have a household of its own account and phone ask for its own people: together, or one by one."""
        account, size = self.account(at, new=new), 1 + min(5, int(self.chance.poisson(1.2)))
        if self.chance.random() < 0.7:  # noqa: PLR2004 - most ask together
            self.ask(who, account, device, at, self.amount(seconds, 0.6), size)
            return
        # Some have a spouse with another account on the same phone, who asks for the last.
        second = self.account(at, new=new, phone=account.phone) if self.chance.random() < 0.3 else account  # noqa: PLR2004
        for place in range(size):
            whose = second if place == size - 1 else account
            self.ask(who, whose, device, at + place * 300, self.amount(seconds, 0.6))


COLUMNS: Final = ("account", "device", "phone", "at", "person", "party", "seconds", "age_hours", "kind", "role", "ring")


def neighbourhoods(seed: int, *, size: int = 10) -> pd.DataFrame:
    """Make a month of bookings.

    Parameters
    ----------
    size
        How many of each kind of place, and of rings, there are.

    Returns
    -------
    pandas.DataFrame
        The columns of `fraud.rings.find.find_rings`; and the truth: ``kind``, ``role`` ("" outside rings) and ``ring``
        (-1 outside).
    """
    world = _World(np.random.default_rng([seed, 7]))
    for _ in range(size * 60):
        _family(world)
    for make in (_cafe, _campus, _shop, _charity, _camp):
        for _ in range(size):
            make(world)
    rings: tuple[Callable[[_World, int], None], ...] = (_office, _office, _hoarder, _crew, _script)
    for number in range(size * len(rings) // 2):
        rings[number % len(rings)](world, number)
    frame = pd.DataFrame(world.rows, columns=list(COLUMNS))
    return frame.sort_values("at", kind="stable", ignore_index=True)


def _family(world: _World) -> None:
    """Make a family on one phone, some with a spouse's account; one in ten sells its device to the next family."""
    at, device = world.moment(rush=0.15), world.name("device")
    account = world.account(at, new=0.35)
    second = world.account(at, new=0.5, phone=account.phone) if world.chance.random() < 0.2 else account  # noqa: PLR2004
    for place in range(1 + min(5, int(world.chance.poisson(1.2)))):
        whose = second if place == 0 else account
        world.ask(("family", "", -1), whose, device, at + place * 300, world.amount(210, 0.7))
    if world.chance.random() < 0.1:  # noqa: PLR2004
        world.household(("family", "", -1), min(at + 10 * _DAY, DAYS * _DAY), device, 210)


def _cafe(world: _World) -> None:
    devices = [world.name("device") for _ in range(world.between(2, 6))]
    for _ in range(world.between(10, 60)):
        world.household(("cafe", "", -1), world.moment(rush=0.2), str(world.chance.choice(devices)), 200)


def _campus(world: _World) -> None:
    """Make a room of computers where students ask in the hours after an announcement, many in new accounts."""
    devices = [world.name("device") for _ in range(world.between(3, 10))]
    announced = world.between(0, DAYS - 1) * _DAY + 11 * _HOUR
    for _ in range(world.between(20, 150)):
        at = announced + float(world.chance.exponential(1.2 * _HOUR))
        account = world.account(at, new=0.7)
        world.ask(("campus", "", -1), account, str(world.chance.choice(devices)), at, world.amount(150, 0.6))


def _shop(world: _World) -> None:
    """Make a shop that is not registered: customers in their own accounts, and some in one or two of the shop's."""
    device, own = world.name("device"), float(world.chance.choice([1.0, 0.7, 0.5]))
    shop, left = world.account(0.0, new=0.0), _FULL
    for at in sorted(world.moment(rush=0.05) for _ in range(world.between(8, 35))):
        if world.chance.random() < own:
            world.household(("shop", "", -1), at, device, 130, new=0.6)
            continue
        if left == 0:
            shop, left = world.account(at, new=0.3, phone=shop.phone), _FULL
        world.ask(("shop", "", -1), shop, device, at, world.amount(130, 0.6))
        left -= 1


def _charity(world: _World) -> None:
    """Make volunteers who help on two tablets, each with an account for those who have no phone."""
    devices = [world.name("device") for _ in range(2)]
    helping = [world.account(0.0, new=0.0) for _ in range(world.between(1, 3))]
    for _ in range(world.between(15, 50)):
        at, device = world.moment(rush=0.05), str(world.chance.choice(devices))
        if world.chance.random() < 0.75:  # noqa: PLR2004
            world.household(("charity", "", -1), at, device, 160, new=0.6)
        else:
            who = helping[world.between(0, len(helping) - 1)]
            world.ask(("charity", "", -1), who, device, at, world.amount(160, 0.6), world.between(1, 4))


def _camp(world: _World) -> None:
    for _ in range(world.between(5, 20)):
        device, at = world.name("device"), world.moment(rush=0.3)
        for place in range(world.between(2, 5)):
            world.household(("camp", "", -1), at + place * 900, device, 220, new=0.6)


def _office(world: _World, number: int) -> None:
    """Make a broker's office: one to three organisers, tools on pooled phones, and clients in accounts of their own.

    A careful one types slowly, through the day, in older accounts; every second careful one buys a phone for each.
    """
    careful = world.chance.random() < 0.4  # noqa: PLR2004
    seconds, rush = (world.amount(110, 0.2), 0.1) if careful else (world.amount(45, 0.3), 0.6)
    devices = [world.name("device") for _ in range(world.between(1, 5))]
    phones = [world.name("phone") for _ in range(world.between(1, 5))]
    grouped = world.chance.random() < 0.3  # noqa: PLR2004 - strangers as if they were families
    new, apart = 0.1 if careful else 0.6, careful and world.chance.random() < 0.5  # noqa: PLR2004
    for role, many, fewest, most in (
        (Role.ORGANISER, world.between(1, 3), 7, _FULL),
        (Role.TOOL, world.between(2, 24), 1, 9),
    ):
        for _ in range(many):
            first = world.moment(rush=rush)
            account = world.account(first, new=new, phone="" if apart else str(world.chance.choice(phones)))
            for _ in range(world.between(fewest, most)):
                at = max(first, world.moment(rush=rush))
                party = world.between(1, 4) if grouped else 1
                who, device = ("office", role, number), str(world.chance.choice(devices))
                world.ask(who, account, device, at, world.amount(seconds, 0.6), party)
    for _ in range(world.between(0, 15)):
        who = ("office", Role.CLIENT, number)
        world.household(who, world.moment(rush=rush), str(world.chance.choice(devices)), seconds, new=0.5)


def _hoarder(world: _World, number: int) -> None:
    device, phone = world.name("device"), world.name("phone")
    most = world.between(1, 3)  # borrowed names in one request
    for _ in range(world.between(3, 7)):
        first = world.moment(rush=0.5)
        account = world.account(first, new=0.5, phone=phone)
        for place in range(world.between(7, _FULL) // most):
            who, at = ("hoarder", Role.ORGANISER, number), first + place * 400
            world.ask(who, account, device, at, world.amount(60, 0.6), most)


def _crew(world: _World, number: int) -> None:
    """Make paid hands: each types on a device of their own, with phones from one drawer."""
    phones = [world.name("phone") for _ in range(world.between(1, 3))]
    for _ in range(world.between(3, 9)):
        device, first = world.name("device"), world.moment(rush=0.3)
        account = world.account(first, new=0.5, phone=str(world.chance.choice(phones)))
        people = world.between(4, 10)
        role = Role.ORGANISER if people > 6 else Role.TOOL  # noqa: PLR2004 - more than a family
        for place in range(people):
            at = min(first + place * world.amount(6 * _HOUR, 1.0), DAYS * _DAY)
            world.ask(("crew", role, number), account, device, at, world.amount(90, 0.5))


def _script(world: _World, number: int) -> None:
    devices, phone, morning = [world.name("device") for _ in range(2)], world.name("phone"), world.between(0, DAYS - 1)
    for _ in range(world.between(8, 60)):
        at = morning * _DAY + _RELEASE_HOUR * _HOUR + float(world.chance.exponential(300))
        account = world.account(at, new=1.0, phone=phone)
        for place in range(world.between(1, _FULL)):
            role = Role.TOOL
            world.ask(
                ("script", role, number),
                account,
                str(world.chance.choice(devices)),
                at + place * 4,
                world.amount(3, 0.5),
            )
