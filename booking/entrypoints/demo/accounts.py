"""Ready accounts: one for each kind of user, with passwords that can be read out."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from booking.country.core.core import Core
from booking.country.core.register import open_national_number
from booking.country.core.security import Origin
from booking.desk.helpers.register import register_helper
from booking.entrypoints.demo.actor import PASSWORD, do_what_was_asked, last_code, pass_check
from booking.entrypoints.demo.people import Population, family_name, first_name
from booking.entrypoints.demo.progress import add_proven
from booking.entrypoints.demo.stage import Ready
from booking.people.accounts.codes import Purpose
from booking.people.accounts.household import add_member
from booking.people.accounts.opening import confirm_phone, register
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.people.staff.create import create_staff
from booking.platform.base.clock import SettableClock
from booking.platform.models import Helper, HouseholdMember
from booking.platform.models.states import Door, RequestState, Role
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.wish import Also, Wish

_WORDS: Final = (
    *("amber", "basil", "cedar", "dune", "ember", "fig", "grove", "harbor", "iris", "jasmine", "kite", "lemon"),
    *(
        "maple",
        "nectar",
        "olive",
        "pearl",
        "quince",
        "river",
        "saffron",
        "thyme",
        "umber",
        "violet",
        "willow",
        "zephyr",
    ),
)
OFFICE: Final = "damascus"
_CONSULATE: Final = "berlin"
_SHOP: Final = "مكتبة الياسمين"
_REVOKES: Final = "justice"
_CASES: Final = 3
_MOST_STRANGERS: Final = 10
_ACCOUNTS_OF_A_PHONE: Final = 3
_STRANGERS_BORN: Final = 1979


@dataclass(frozen=True, slots=True)
class _Applicant:
    account_id: UUID
    origin: Origin
    door: Door
    members: tuple[int, ...]


class ReadyAccounts:
    """Opens the ready accounts, and asks for the citizen and the expatriate.

    Parameters
    ----------
    core
        A player's (`booking.entrypoints.demo.crew.open_player`).
    clock
        The core's.
    population
        Gives national numbers that nobody else has.
    seed
        The same seed gives the same passwords.
    """

    def __init__(self, core: Core, clock: SettableClock, population: Population, *, seed: int) -> None:
        self._core, self._clock, self._population = core, clock, population
        self._rng = np.random.default_rng([seed, 5])
        opened = population.timetable.opens - timedelta(days=40)
        self._clock.set(opened)
        self.ready: list[Ready] = []
        self._citizen = self._applicant(
            "citizen", Door.HOME, phone="+963944990001", people=_CITIZENS, finds="a place to confirm"
        )
        self._expatriate = self._applicant(
            "expatriate", Door.ABROAD, phone="+491709900002", people=_EXPATRIATES, finds="a request for the next draw"
        )
        self.officer = self._staff(
            "officer", Role.OFFICER, "/desk", "requests, urgent cases, questions, people to check in", OFFICE
        )
        self._staff("analyst", Role.ANALYST, "/analyst", "figures, rules, the model", None)
        self._staff("analyst-2", Role.ANALYST, "/analyst", "activating what the first one proposes", None)
        self._administrator = self._staff("administrator", Role.ADMINISTRATOR, "/admin", "health, the audit log", None)
        self._staff("administrator-2", Role.ADMINISTRATOR, "/admin", "confirming what the first one proposes", None)
        self._staff("supervisor", Role.SUPERVISOR, "/desk", "the same desk, second approvals, questions", OFFICE)
        self.reviewer = self._staff("reviewer", Role.REVIEWER, "/desk", "requests and appeals of every office", None)
        self._shop_helps()
        self._agencies_handle(seed)

    def citizen_asks(self) -> str:
        """Ask for the citizen and her mother, who needs a counter without steps; return the reference."""
        return self._ask(self._citizen, (OFFICE, "rif-dimashq"), accessible=True)

    def expatriate_asks(self) -> str:
        """Ask for the expatriate, whose visit is for a power of attorney too; return the reference."""
        also = (Also("power-of-attorney-abroad", self._expatriate.members[:1]),)
        return self._ask(self._expatriate, (_CONSULATE, "bonn"), accessible=False, also=also)

    def leave_cases(self) -> None:
        """Leave something for officers to decide: requests under review, and whether two people are one."""
        self._strangers_are_asked_for()
        self._somebody_is_added_again()

    def _strangers_are_asked_for(self) -> None:
        """Have one phone ask for one stranger after the other, until officers have enough to look at.

        A small population has few hoarders, of whom none may be left under review.
        """
        now, waiting = self._clock.now(), 0
        self._clock.set(now - timedelta(hours=1))
        for account in range(_ACCOUNTS_OF_A_PHONE):
            name = f"quick-service-{account + 1}"
            people = tuple(self._stranger(account) for _ in range(_MOST_STRANGERS))
            hoarder = self._open(name, Door.HOME, phone="+963944990020", people=people)
            for member in hoarder.members:
                self._clock.advance(timedelta(seconds=30))
                wish = self._wish(hoarder, (member,), (OFFICE,), accessible=False)
                origin = replace(hoarder.origin, seconds=6.0)
                asked = ask(self._core, account_id=hoarder.account_id, wish=wish, origin=origin)
                waiting += asked.state is RequestState.UNDER_REVIEW
                if waiting == _CASES:
                    self._clock.set(now)
                    return

    def _somebody_is_added_again(self) -> None:
        """Have a relative add the citizen's mother too, in Latin letters and with the last digit mistyped."""
        with self._core.sessions() as session:
            mother = session.get_one(HouseholdMember, self._citizen.members[1]).person
        number = open_national_number(self._core.vault, mother)
        relative = self._open("relative", Door.ABROAD, phone="+491709900003", people=())
        add_member(
            self._core,
            account_id=relative.account_id,
            name="Suad Al-Khayaliya",
            national_number=f"{number[:-1]}{(int(number[-1]) + 1) % 10}",
            birth_date=mother.birth_date,
            relation="parent",
        )

    def _stranger(self, account: int) -> tuple[str, str, date]:
        """Make somebody up; all of an account are born on one day, as if they were typed in a hurry."""
        born = date(_STRANGERS_BORN + account, 4 + account, 4 + account)
        return f"{first_name(self._rng, 'ar')} {family_name(self._rng, 'ar')}", "other", born

    def _ask(self, who: _Applicant, offices: tuple[str, ...], *, accessible: bool, also: tuple[Also, ...] = ()) -> str:
        wish = replace(self._wish(who, who.members[:2], offices, accessible=accessible), also=also)
        asked = ask(self._core, account_id=who.account_id, wish=wish, origin=who.origin)
        if asked.state is RequestState.CHALLENGED:
            pass_check(self._core, who.account_id, asked.reference, who.origin)
        return asked.reference

    def _wish(self, who: _Applicant, people: tuple[int, ...], offices: tuple[str, ...], *, accessible: bool) -> Wish:
        bands = frozenset(band.code for band in self._core.pack.country.bands)
        return Wish("passport-renewal", people, offices, bands, who.door, accessible=accessible)

    def _applicant(
        self, name: str, door: Door, *, phone: str, people: tuple[tuple[str, str, date], ...], finds: str
    ) -> _Applicant:
        password = self._password()
        applicant = self._open(name, door, phone=phone, people=people, password=password)
        self.ready.append(Ready(name, password, "/me", finds))
        return applicant

    def _open(
        self, name: str, door: Door, *, phone: str, people: tuple[tuple[str, str, date], ...], password: str = PASSWORD
    ) -> _Applicant:
        origin = Origin("10.99.0.1" if door is Door.HOME else "10.99.1.1", f"ready-{name}", 240.0)
        account_id = register(
            self._core, username=name, password=password, phone=phone, language="ar", door=door, origin=origin
        )
        confirm_phone(self._core, account_id=account_id, code=last_code(self._core, account_id, "confirm_phone"))
        members = tuple(
            add_proven(
                self._core,
                account_id=account_id,
                name=person,
                number=self._population.number("14", "ending"),
                born=born,
                relation=relation,
            )
            for person, relation, born in people
        )
        return _Applicant(account_id, origin, door, members)

    def _staff(self, name: str, role: Role, page: str, finds: str, office: str | None) -> UUID:
        password = self._password()
        account_id = create_staff(
            self._core,
            username=name,
            password=password,
            phone=f"+9639449900{10 + len(self.ready)}",
            roles=[role],
            office_code=office,
            language="ar",
            by=None,
        )
        self.ready.append(Ready(name, password, page, finds))
        return account_id

    def _shop_helps(self) -> None:
        """Register a shop; it chooses its password with a code, as every helper does."""
        password, origin = self._password(), Origin("10.99.0.2", "ready-helper", 240.0)
        helper_id = register_helper(
            self._core,
            by=self._administrator,
            username="helper",
            phone=f"+9639449900{10 + len(self.ready)}",
            organisation=_SHOP,
            licence="D-1",
            office_code=OFFICE,
            caps={"per_day": "20", "per_month": "200", "at_once": "10"},
            language="ar",
        )
        with self._core.sessions() as session:
            account_id = session.get_one(Helper, helper_id).account_id
        visit = request_reset(self._core, username="helper", origin=origin)
        do_what_was_asked(self._core)
        code = last_code(self._core, account_id, Purpose.RESET_PASSWORD)
        reset_password(self._core, username="helper", code=code, password=password, origin=origin, visit=visit)
        self.ready.append(Ready("helper", password, "/helper", "asking for people who cannot, with their consent"))

    def _agencies_handle(self, seed: int) -> None:
        """Give every agency with online services somebody who handles them, and one a supervisor; one password."""
        words = np.random.default_rng([seed, 9]).choice(_WORDS, size=3, replace=False).tolist()
        password = "-".join(words)
        agencies = sorted({one.agency for one in self._core.pack.services if one.online})
        colleagues = [(f"case-{agency}", Role.CASEWORKER, agency) for agency in agencies]
        if _REVOKES in agencies:
            colleagues.append(("case-supervisor", Role.CASE_SUPERVISOR, _REVOKES))
        for number, (name, role, agency) in enumerate(colleagues):
            create_staff(
                self._core,
                username=name,
                password=password,
                phone=f"+9639449901{number:02}",
                roles=[role],
                office_code=None,
                language="ar",
                by=None,
                agency_code=agency,
            )
        if colleagues:
            finds = (
                f"online requests of an agency; with the same password: {', '.join(one[0] for one in colleagues[1:])}"
            )
            self.ready.append(Ready(colleagues[0][0], password, "/desk/online", finds))

    def _password(self) -> str:
        words = self._rng.choice(_WORDS, size=3, replace=False).tolist()
        return "-".join([*words, str(self._rng.integers(10, 100))])


_CITIZENS: Final = (
    ("أمل الخيالية", "self", date(1988, 3, 14)),
    ("سعاد الخيالية", "parent", date(1951, 9, 2)),
    ("كريم الخيالي", "child", date(2016, 6, 21)),
)
_EXPATRIATES: Final = (("ليلى الافتراضية", "self", date(1985, 11, 5)), ("سامر الافتراضي", "spouse", date(1983, 1, 30)))
