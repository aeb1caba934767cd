"""Honest people: how each kind of them comes to ask. They share phones, devices and networks for good reasons."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fraud.attackers import parameters as kinds
from fraud.attackers.agents import DAY, HOUR, HOUSEHOLD, LONG_VALID_DAYS, Account, Ask, Person
from fraud.attackers.country import Country
from fraud.attackers.parameters import Kind

_SLOWEST: Final = 7_200.0


def honest_asks(country: Country, world: kinds.World) -> list[Ask]:
    """Return what all honest people ask in a season."""
    asks: list[Ask] = []
    for name, share in world.shares.items():
        count = round(share * world.people)
        while count > 0:
            made = _MAKERS[name](country, count)
            asks += made
            count -= sum(len(ask.people) for ask in made)
    return asks


def an_ask(country: Country, kind: Kind, account: Account, people: tuple[Person, ...], **seen: Any) -> Ask:
    """Return an ask with what is the same for everybody; a reason is given where a passport is valid for long."""
    long = any(person.passport_days_left > LONG_VALID_DAYS for person in people)
    about = {
        "form_seconds": country.amount(210, 0.7, 20, _SLOWEST),
        "offices": 1 + min(2, int(country.chance.poisson(0.8))),
        "km": country.distance(),
        "reason": long or bool(country.chance.random() < 0.06),  # noqa: PLR2004 -- people explain more than they must
    }
    return Ask(kind=kind, account=account, people=people, **(about | seen))


class Books:
    """The accounts of somebody who asks for many people, mostly on one phone: a new one for each dozen of them."""

    def __init__(self, country: Country, *, helper: bool = False, new: float = 0.1, one_phone: bool = True) -> None:
        self._country, self._helper, self._new, self._one_phone = country, helper, new, one_phone
        self._account: Account | None = None
        self._left = 0

    def account_for(self, people: int, at: float) -> Account:
        """Return an account with room for some more people."""
        if self._account is None or self._left < people:
            account = self._country.account(at, helper=self._helper, new=self._new)
            if self._account is not None and self._one_phone:
                account.phone, account.prefix = self._account.phone, self._account.prefix
            self._account, self._left = account, HOUSEHOLD
        self._left -= people
        return self._account


def _single(country: Country, _count: int) -> list[Ask]:
    """Make somebody who asks alone; many list parents or children as well, and have shown nothing for them yet."""
    at = country.moment()
    account = country.account(at)
    account.household |= country.idle(0.6, 5)
    return [
        an_ask(
            country, kinds.SINGLE, account, country.people(1), at=at,
            device=country.name("device"), network=country.network(),
        )
    ]  # fmt: skip


def _family(country: Country, count: int) -> list[Ask]:
    """Make a family of two to seven on one phone: mostly one request, else one by one, some from two accounts.

    A second account is a spouse's, who lists everybody too, also those who need nothing now, and comes to ask for the
    last when the others are asked for.
    """
    at = country.moment()
    people = country.people(min(count, 2 + min(5, int(country.chance.poisson(1.6)))))
    together = len(people) <= 6 and country.chance.random() < 0.7  # noqa: PLR2004 -- a request has room for six
    parties = [people] if together else [(person,) for person in people]
    account, device, network = country.account(at), country.name("device"), country.network()
    second = country.account(at, new=1.0) if country.chance.random() < 0.2 else account  # noqa: PLR2004 -- a spouse's
    second.phone, second.prefix = account.phone, account.prefix
    if second is not account:
        second.household |= {person.number: person for person in people} | country.idle(1.0, 4)
    asks = []
    for number, party in enumerate(parties):
        whose = second if number == len(parties) - 1 else account
        asks.append(an_ask(country, kinds.FAMILY, whose, party, at=at, device=device, network=network))
        at += country.amount(300, 0.8, 60)
    return asks


def _expatriate(country: Country, count: int) -> list[Ask]:
    at = country.moment()
    people = country.people(min(count, 1 + min(4, int(country.chance.poisson(0.4)))))
    zone = int(country.chance.integers(-9, 8))
    at = (at - zone * HOUR) % (country.days * DAY)
    return [
        an_ask(
            country, kinds.EXPATRIATE, country.account(at, foreign=True), people, at=at, zone_hours=zone,
            device=country.name("device"), network=f"abroad {country.chance.integers(2_000)}",
            km=country.amount(160, 1.3, high=5_000), abroad=True,
        )
    ]  # fmt: skip


def _camp(country: Country, count: int) -> list[Ask]:
    """Make a camp of some hundreds: one mast, a phone for each household, a smartphone for three of them."""
    asks: list[Ask] = []
    network, left = country.name("camp"), min(count, 500)
    while left > 0:
        device = country.name("device")
        at = country.moment(rush=0.3)
        for _ in range(3):
            if left <= 0:
                break
            people = country.people(min(left, 2 + min(4, int(country.chance.poisson(2.0)))))
            left -= len(people)
            account = country.account(at, new=0.6)
            asks.append(an_ask(country, kinds.CAMP, account, people, at=at, device=device, network=network, km=60.0))
            at += country.amount(900, 1.0, 120)
    return asks


def _students(country: Country, count: int) -> list[Ask]:
    """Make a campus: one network, and most ask within the hours after an announcement."""
    network, number = country.name("campus"), min(count, 400)
    announced = country.chance.integers(country.days, size=2) * DAY + 11 * HOUR
    asks = []
    for _ in range(number):
        at = float(country.chance.choice(announced) + country.chance.exponential(1.2 * HOUR))
        asks.append(
            an_ask(
                country, kinds.STUDENT, country.account(at, new=0.7), country.people(1), at=at,
                device=country.name("device"), network=network, form_seconds=country.amount(150, 0.6, 20, _SLOWEST),
            )
        )  # fmt: skip
    return asks


def _shop(country: Country, count: int, kind: Kind, clients: float, own: float, *, helper: bool) -> list[Ask]:
    """Make a shop whose one computer fills in neighbours' forms: in its own accounts, or (chance ``own``) in theirs."""
    number = min(count, max(5, int(country.amount(clients, 0.5))))
    device, network = country.name("device"), country.network()
    accounts = Books(country, helper=helper)
    asks = []
    for at in sorted(country.moment(rush=0.05, night=0.0) for _ in range(number)):
        people = country.people(1 + int(country.chance.random() < 0.2))  # noqa: PLR2004 -- some bring a child
        theirs = country.chance.random() < own
        account = country.account(at, new=0.7) if theirs else accounts.account_for(len(people), at)
        seconds = country.amount(130, 0.6, 20, _SLOWEST)
        asks.append(an_ask(country, kind, account, people, at=at, device=device, network=network, form_seconds=seconds))
    return asks


def _cafe(country: Country, count: int) -> list[Ask]:
    """Make an internet café: some tens of neighbours, each in their own account, at eight computers of one line."""
    number = min(count, max(5, int(country.amount(45, 0.4))))
    devices, network = [country.name("device") for _ in range(8)], country.network()
    asks = []
    for at in sorted(country.moment(rush=0.1, night=0.1) for _ in range(number)):
        device = str(country.chance.choice(devices))
        account = country.account(at, new=0.6)
        asks.append(an_ask(country, kinds.CAFE, account, country.people(1), at=at, device=device, network=network))
    return asks


def _registered(country: Country, count: int) -> list[Ask]:
    return _shop(country, count, kinds.HELPER, 60, 0.1, helper=True)


def _unregistered(country: Country, count: int) -> list[Ask]:
    return _shop(country, count, kinds.SHOP, 22, 0.5, helper=False)


_MAKERS: Final[Mapping[str, Callable[[Country, int], list[Ask]]]] = MappingProxyType(
    {
        kinds.SINGLE.name: _single,
        kinds.FAMILY.name: _family,
        kinds.EXPATRIATE.name: _expatriate,
        kinds.CAMP.name: _camp,
        kinds.STUDENT.name: _students,
        kinds.HELPER.name: _registered,
        kinds.SHOP.name: _unregistered,
        kinds.CAFE.name: _cafe,
    }
)
