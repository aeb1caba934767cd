"""The gate as a season meets it: the limits on a clock of the season's own, the counted facts, the verdict.

Nothing here reads who somebody really is: limits get subjects, the verdict gets facts.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.attackers.agents import HOUR, Ask
from fraud.facts import Facts
from fraud.features import fact_frame
from fraud.gate import Verdict, judge
from fraud.limiting.limits import LocalLimits, Policy, limits_for
from fraud.oddities import most_with_one_birth_date
from fraud.past.history import REQUEST_COLUMNS, History, in_utc
from fraud.rules.rule_set import RuleSet
from fraud.scoring.artifact import Artifact, Thresholds

START: Final = pd.Timestamp("2025-01-05", tz="UTC")
_FORGETS_NOTHING: Final = 100_000_000
_MICROSECONDS: Final = 1_000_000
ALL: Final = "all"


class SeasonLimits:
    """The cell rates of `fraud.limiting.limits`, whole and for one process, at instants that the season gives."""

    def __init__(self, policy: Policy) -> None:
        self._limits = {
            (action, helper): [(limits.index(limit), limit) for limit in limits_for(limits, helper=helper)]
            for action, limits in policy.items()
            for helper in (False, True)
        }
        self._now = 0.0
        self._cells = LocalLimits(1, lambda: self._now, _FORGETS_NOTHING)

    def attempt(self, action: str, at: float, subjects: Mapping[str, str], *, helper: bool = False) -> float:
        """Charge one attempt to all its subjects, or to none; return the seconds to wait, 0 if allowed."""
        self._now = at
        limits = [one for one in self._limits[action, helper] if subjects.get(one[1].subject)]
        keys = [(action, place, subjects[limit.subject]) for place, limit in limits]
        _, _, _, wait, _ = self._cells.attempt(keys, [limit for _, limit in limits])
        return wait / _MICROSECONDS

    def let_in(self, ask: Ask, at: float, live: Container[int]) -> float:
        """Make the account if it is missing, and let it act for the people; return the seconds to wait."""
        account = ask.account
        if not account.registered:
            wait = self.attempt("register", at, code_subjects(ask, account=False)) or self.attempt(
                "code", at, code_subjects(ask, account=False)
            )
            if wait:
                return wait
            account.registered = True
            ask.registrations += 1
            ask.codes += 1
        for person in ask.people:
            if person.number not in account.household:
                about = {"account": account.name, "person": str(person.number)}
                if wait := self.attempt("register", at, about, helper=account.helper):
                    return wait
                account.admit(person, live, ask.people)
        return 0.0


def request_subjects(ask: Ask) -> dict[str, str]:
    """Return the subjects that a request is limited by, as the core does."""
    return _origin(ask) | {
        "account": ask.account.name,
        "person": f"{ask.account.name} {ask.people[0].number}",
        "phone": ask.account.phone,
    }


def code_subjects(ask: Ask, *, account: bool = True) -> dict[str, str]:
    """Return the subjects that a code for this request's phone is limited by; a new account does not count yet."""
    login = ask.account
    return (
        _origin(ask)
        | phone_subjects(login.phone, login.prefix, login.country)
        | ({"account": login.name} if account else {})
    )


def phone_subjects(phone: str, prefix: str, country: str) -> dict[str, str]:
    """Return the subjects that codes to a phone are limited by."""
    return {"phone": phone, "prefix": prefix, "country": country, "everyone": ALL}


def pumped_subjects(proxy: int, phone: str, prefix: int) -> dict[str, str]:
    """Return the subjects of a code to a number that earns, in one of two countries, by one of many proxies."""
    country = f"country {prefix % 2}"
    network = {"network": f"proxy {proxy}"}
    return network | phone_subjects(f"pumped {phone}", f"{country} pumped {prefix}", country)


def _origin(ask: Ask) -> dict[str, str]:
    return {"network": ask.network, "device": ask.device}


def own_facts(ask: Ask, *, helpers_device: bool) -> dict[str, Any]:
    """Return the facts of a request apart from its history, and what its history is looked up by.

    What was done at a registered helper's device says nothing about who asks there.
    """
    household = ask.account.household.values()
    return {
        "request": ask.number,
        "at": START + pd.Timedelta(round(ask.at * _MICROSECONDS), unit="us"),
        "account": ask.account.name,
        "device": "" if helpers_device else ask.device,
        "network": ask.network,
        "phone": ask.account.phone,
        "moves": ask.moves,
        "people_by_account": len(household),
        "account_age_hours": max(0.0, ask.at - ask.account.made_at) / HOUR,
        "form_seconds": ask.form_seconds,
        "hour_of_day": ask.hour,
        "odd_names": 0,
        "odd_numbers": 0,
        "people_with_one_birth_date": most_with_one_birth_date(person.born for person in household),
        "party_size": len(ask.people),
        "offices_ranked": ask.offices,
        "km_to_nearest_office": ask.km,
        "asks_from_abroad": ask.abroad,
        "phone_is_registered_helper": ask.account.helper,
        "reason_given": ask.reason,
        "passport_days_left": min((person.passport_days_left for person in ask.people if person.known), default=-1),
        "identity_level": min(ask.account.level(person) for person in ask.people),
        "unproven_by_account": len(ask.account.unproven),
        "claims_ended_365d": ask.account.claims_ended,
        "asks_by_telephone": False,
    }


class Records:
    """What the gate has kept so far, and the facts counted from it."""

    def __init__(self) -> None:
        self._requests: list[pd.DataFrame] = []
        self._people: list[tuple[int, int]] = []
        self._outcomes: list[tuple[int, float, str]] = []
        self._looked_up: list[pd.DataFrame] = []

    def keep(self, rows: Sequence[Mapping[str, Any]], people: Sequence[tuple[int, int]]) -> pd.DataFrame:
        """Keep the requests of a day, in the order of time, and give the facts of each as they were before it."""
        today = pd.DataFrame(rows)
        self._requests.append(today)
        self._people += dict.fromkeys(people)
        looked_up = today[[*REQUEST_COLUMNS, "moves"]].assign(at=in_utc(today["at"]))
        self._looked_up = [pd.concat([*self._looked_up, looked_up], ignore_index=True)]
        return fact_frame(self._counted(), today)

    def end(self, request: int, at: float, kind: str) -> None:
        """Keep how an appointment ended."""
        self._outcomes.append((request, at, kind))

    def history(self) -> History:
        """Return everything kept so far."""
        return History.of(pd.concat(self._requests, ignore_index=True), self._people_of_requests(), self._ends())

    def _counted(self) -> History:
        """Return what is counted of `history`; it came in the order of time, and nothing has to be looked for twice."""
        ends = self._ends().sort_values(["at", "request"], kind="stable", ignore_index=True)
        put_right = ends.iloc[:0].assign(ended=ends["at"].iloc[:0])
        return History(self._looked_up[0], self._people_of_requests(), ends, put_right)

    def _people_of_requests(self) -> pd.DataFrame:
        pairs: npt.NDArray[np.int64] = np.array(self._people, dtype=np.int64).reshape(-1, 2)
        return pd.DataFrame({"request": pairs[:, 0], "person": pairs[:, 1]})

    def _ends(self) -> pd.DataFrame:
        request, seconds, kind = zip(*self._outcomes, strict=True) if self._outcomes else ((), (), ())
        after = pd.to_timedelta(np.array(seconds, dtype=np.float64), unit="s")
        return pd.DataFrame(
            {"request": np.array(request, dtype=np.int64), "kind": list(kind), "at": (START + after).as_unit("us")}
        )


class Judge:
    """Rules, model and thresholds: what a request's facts are judged by."""

    def __init__(self, rules: RuleSet, model: Artifact | None, thresholds: Thresholds | None) -> None:
        self._rules, self._model, self._thresholds = rules, model, thresholds

    def verdict(self, ask: Ask, facts: Mapping[str, Any]) -> Verdict:
        """Judge a request by `fraud.gate.judge`, as the live gate does."""
        return judge(
            hard=ask.hard(),
            facts=Facts(**facts),
            limits=None,
            rules=self._rules,
            model=self._model,
            thresholds=self._thresholds,
        )
