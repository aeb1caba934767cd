"""A season as it happens: asks meet limits, the registers and the gate; draws give places; people react.

Time runs day by day. Within a day every attempt meets the limits and the live requests in the order of time; what is
kept is then judged at once, with facts counted strictly before each request. That changes nothing: what the registers
refuse is known beforehand, checks are passed from the next day on, and no fact depends on a verdict of the same day.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from fraud.attackers.agenda import Agenda
from fraud.attackers.agents import DAY, HOUR, INTENTION, NAMES, Ask, again
from fraud.attackers.checks import answer_check
from fraud.attackers.country import Claims, Country, drawn, people_of
from fraud.attackers.crews import crews
from fraud.attackers.gatehouse import (
    Judge,
    Records,
    SeasonLimits,
    own_facts,
    pumped_subjects,
    request_subjects,
)
from fraud.attackers.honest import honest_asks
from fraud.attackers.hostile import Pumped, hostile_asks, pumped_codes, squats
from fraud.attackers.outcomes import HESITATES, asked_after, kept_ends, outcome, waits_instead
from fraud.attackers.parameters import World
from fraud.facts import FEATURES, hard_refusals
from fraud.gate import Decision
from fraud.limiting.limits import Policy
from fraud.limiting.text import default_limits
from fraud.past.history import History
from fraud.rules.rule_set import RuleSet, default_rules
from fraud.scoring.artifact import Artifact, Thresholds


def intended(country: Country, world: World) -> list[Ask]:
    """Return what everybody means to ask for, before anything happens to them."""
    honest = honest_asks(country, world)
    return honest + hostile_asks(country, world) + squats(country, world, honest) + crews(country, world, honest)


_SEEN: Final = ("device", "network", "form_seconds", "role", "squatted")
_OUTCOME: Final = tuple(name for name in NAMES if name not in {*INTENTION, "first_at"})


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in one season.

    Parameters
    ----------
    asks
        One row an ask; see `log_of`. Facts and verdict are missing where it was not kept.
    facts
        The facts of every kept request, by ``number``: the columns of `fraud.facts.FEATURES`.
    history
        What the facts were counted from.
    pumped, pumped_sent
        Codes that the pumper asked for and got.
    """

    seed: int
    world: World
    asks: pd.DataFrame
    facts: pd.DataFrame
    history: History
    pumped: int
    pumped_sent: int


def log_of(asks: Sequence[Ask]) -> pd.DataFrame:
    """Return a row for each ask, in the order of the first try.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``honest``; ``at`` (seconds of the first try), ``party``, ``person`` (the first), ``known`` (to the
        registers, all of them); ``account``, ``helper`` (its account is a registered one), ``phone``; ``resold`` (a
        place will be given up for a buyer); ``device``, ``network``, ``form_seconds``, ``role``, ``squatted``; and the
        second block of `fraud.attackers.agents.Ask`. ``number`` is -1 where nothing was kept.
    """
    rows = [
        {
            "kind": ask.kind.name,
            "honest": ask.kind.honest,
            "at": ask.first_at,
            "party": len(ask.people),
            "person": ask.people[0].number,
            "known": all(person.known for person in ask.people),
            "account": ask.account.name,
            "helper": ask.account.helper,
            "phone": ask.account.phone,
            "resold": ask.buyer is not None,
            **{name: getattr(ask, name) for name in (*_SEEN, *_OUTCOME)},
        }
        for ask in asks
    ]
    return pd.DataFrame(rows).sort_values("at", kind="stable", ignore_index=True)


CHECK_WITHIN: Final = 3 * DAY
_RUN_OUT: Final = 4  # days after the last draw of those who asked last, for checks that were passed late
_PROXIES: Final = 5_000
_RETURNS: Final = 6


def play(
    seed: int,
    world: World | None = None,
    *,
    model: Artifact | None = None,
    rules: RuleSet | None = None,
    policy: Policy | None = None,
    thresholds: Thresholds | None = None,
) -> Played:
    """Play a season; equal arguments give equal seasons.

    Parameters
    ----------
    model
        Scores the requests; without one, rules alone judge.
    rules, policy
        By default the rules and limits of a new installation.
    thresholds
        By default those that were chosen when the model was trained.
    """
    world = world or World()
    country = Country(seed, world.days)
    asks = intended(country, world)
    pumped = pumped_codes(country, world)
    judge = Judge(rules or default_rules(), model, thresholds)
    limits = SeasonLimits(policy or default_limits().policy)
    return Season(seed, world, country, judge, limits).play(asks, pumped)


class Season:
    """The state of one season: who is live, what waits for a check, an officer, a draw, and what is still to come."""

    def __init__(self, seed: int, world: World, country: Country, judge: Judge, limits: SeasonLimits) -> None:
        self._seed, self._world, self._country, self._judge, self._limits = seed, world, country, judge, limits
        self._chance = np.random.default_rng([seed, 2])
        self._returns = np.random.default_rng([seed, _RETURNS])
        self._agenda = Agenda()
        self._later = self._agenda.later
        self._records = Records()
        self._asks: list[Ask] = []
        self._claims = Claims(seed, world)
        self._helpers_devices: set[str] = set()
        self._today: list[tuple[Ask, dict[str, Any]]] = []
        self._facts: list[pd.DataFrame] = []
        self._kept = 0
        self._cases: list[Ask] = []
        self._waiting: list[Ask] = []
        self._returned = 0
        self._codes_sent = 0

    def play(self, asks: list[Ask], pumped: Pumped) -> Played:
        """Play all days, and the draws after them, until every request is decided."""
        for ask in asks:
            self._claims.claim(ask.account)  # whom it lists before anybody asks
            self._want(ask)
        for at, prefix in zip(pumped.at.tolist(), pumped.prefix.tolist(), strict=True):
            self._later(at, partial(self._pump, prefix))
        for day in range(self._world.days + self._world.patience + _RUN_OUT):
            self._pass_day(day)
        log, facts, history = log_of(self._asks), pd.concat(self._facts), self._records.history()
        return Played(self._seed, self._world, log, facts, history, len(pumped.at), self._codes_sent)

    def _pass_day(self, day: int) -> None:
        end = (day + 1) * DAY
        self._agenda.run(end)
        self._judge_today(end)
        self._decide_cases(end)
        self._draw(day, end)

    def _want(self, ask: Ask) -> None:
        if ask.at < self._world.days * DAY:
            self._asks.append(ask)
            self._later(ask.at, partial(self._try, ask))

    def _try(self, ask: Ask, at: float) -> None:
        """Try to register where needed and to ask; what the limits and the live requests leave is kept."""
        ask.at = at
        ask.tries += 1
        ask.first_at = at if ask.first_at < 0 else ask.first_at
        wait = self._limits.let_in(ask, at, self._claims.live) or self._limits.attempt(
            "ask", at, request_subjects(ask), helper=ask.account.helper
        )
        if wait:
            self._hold_back(ask, at, wait)
        elif not self._claims.prove(ask):
            ask.state = "unproven"
            self._come_back(ask, at)
        elif self._claims.in_the_way(ask):
            ask.state, ask.blocked = "already live", True
            self._come_back(ask, at)
        else:
            self._keep(ask)

    def _keep(self, ask: Ask) -> None:
        ask.number, self._kept = self._kept, self._kept + 1
        if not hard_refusals(ask.hard()):
            self._claims.hold(ask)
        if ask.account.helper:
            self._helpers_devices.add(ask.device)
        self._today.append((ask, own_facts(ask, helpers_device=ask.device in self._helpers_devices)))

    def _come_back(self, ask: Ask, at: float) -> None:
        """Let those who come in person be seen at a counter in some days; without proofs they just try again."""
        habits, world = ask.kind.habits, self._world
        when = at + self._chance.exponential(world.counter_days * DAY)
        if not habits.visits or when >= world.days * DAY:
            return
        if world.proofs:
            ask.counter += 1
            self._later(when, partial(self._come, ask))
        elif ask.tries <= habits.patience:
            self._later(when, partial(self._try, ask))

    def _come(self, ask: Ask, at: float) -> None:
        """See the people at a counter: requests of others in their names end, and they ask again."""
        self._claims.see(ask)
        for other in self._claims.in_the_way(ask):
            if other.state == "drawn":
                self._returned += len(other.people)
            other.state = "contested"
            self._claims.free(other)
        self._try(ask, at)

    def _hold_back(self, ask: Ask, at: float, wait: float) -> None:
        ask.limited += 1
        if ask.limited > ask.kind.habits.patience:
            ask.state = "limited"
        elif ask.kind.habits.rotates:
            ask.device, ask.network = "", self._country.network()
            self._later(at + 5, partial(self._try, ask))
        else:
            self._later(at + wait + self._chance.exponential(HOUR / 4), partial(self._try, ask))

    def _judge_today(self, end: float) -> None:
        if not self._today:
            return
        rows = [row for _, row in self._today]
        people = [(ask.number, person.number) for ask, _ in self._today for person in ask.people]
        facts = self._records.keep(rows, people)
        self._facts.append(facts.set_axis([ask.number for ask, _ in self._today]))
        columns = [facts[name].tolist() for name in FEATURES]
        for (ask, _), *seen in zip(self._today, *columns, strict=True):
            if ask.state == "contested" or ask.moves:
                continue  # nobody judges what only waits for another place
            verdict = self._judge.verdict(ask, dict(zip(FEATURES, seen, strict=True)))
            ask.decision = verdict.decision.value
            ask.reasons = " ".join(reason.code for reason in verdict.reasons)
            ask.score = math.nan if verdict.score is None else verdict.score
            if verdict.decision is Decision.ACCEPT:
                self._accept(ask)
            elif verdict.decision is Decision.CHALLENGE:
                ask.state = "challenged"
                self._later(end + self._chance.exponential(HOUR), partial(self._check, ask, end + CHECK_WITHIN))
            elif verdict.decision is Decision.REVIEW:
                ask.state = "under review"
                self._cases.append(ask)
            else:
                ask.state = "refused"
        self._today = []

    def _accept(self, ask: Ask) -> None:
        ask.state = "accepted"
        self._waiting.append(ask)

    def _check(self, ask: Ask, until: float, at: float) -> None:
        if ask.state != "challenged":
            return
        passed, wait = answer_check(ask, self._limits, self._chance, at)
        if passed:
            self._accept(ask)
        elif wait and at + wait < until:
            self._later(at + wait, partial(self._check, ask, until))
        else:
            self._leave(ask, "unpassed", at)

    def _decide_cases(self, end: float) -> None:
        self._cases = [ask for ask in self._cases if ask.state == "under review"]
        for ask in self._cases[: self._world.cases]:
            if self._chance.random() < ask.kind.habits.caught:
                ask.officer = "refused"
                self._leave(ask, "refused", end, again_too=False)
            else:
                ask.officer = "accepted"
                self._accept(ask)
        self._cases = self._cases[self._world.cases :]

    def _draw(self, day: int, end: float) -> None:
        self._waiting = [ask for ask in self._waiting if ask.state == "accepted"]
        places = self._world.places + self._returned
        served = drawn(self._waiting, places=places, seed=self._seed, day=day)
        self._returned = places - people_of(served) if day < self._world.days else 0
        for ask in served:
            ask.state, ask.drawn_day = "drawn", day
            step, at = outcome(ask, end, self._chance, self._returns, self._world.moving)
            self._later(at, partial(self._end, ask, step))
        losers, self._waiting = [ask for ask in self._waiting if ask.state != "drawn"], []
        for ask in losers:
            ask.draws += 1
            if ask.draws >= self._world.patience:
                self._keep_ends(ask, "cancelled", end)
                self._leave(ask, "not drawn", end)
            else:
                self._waiting.append(ask)

    def _end(self, ask: Ask, how: str, at: float) -> None:
        if ask.state != "drawn":
            return
        self._claims.free(ask)
        ask.state = how
        if how not in {"served", "no_show"}:
            self._returned += len(ask.people)
        if how == "moved":
            self._wait_instead(ask, at)
            return
        self._keep_ends(ask, how, at)
        self._ask_after(ask, how, at)

    def _wait_instead(self, ask: Ask, at: float) -> None:
        """Let the people of a place that was moved wait for another one; an attacker may only want to be rid of it."""
        other = waits_instead(ask, at)
        self._asks.append(other)
        self._keep(other)
        self._accept(other)
        if not (ask.kind.honest or ask.kind.habits.redrawn):
            self._later(at + HESITATES, partial(self._drop, other))

    def _drop(self, ask: Ask, at: float) -> None:
        if ask.state == "accepted":
            self._keep_ends(ask, "cancelled", at)
            self._claims.free(ask)
            ask.state = "withdrawn"
            self._ask_after(ask, "cancelled", at)

    def _keep_ends(self, ask: Ask, how: str, at: float) -> None:
        """Keep how a request's place ended, and those from which it was moved."""
        for kind in kept_ends(ask, how):
            self._records.end(ask.number, at, kind)

    def _ask_after(self, ask: Ask, how: str, at: float) -> None:
        for later in asked_after(ask, how, at, self._country, self._returns, self._world.returning):
            self._want(later)

    def _leave(self, ask: Ask, state: str, at: float, *, again_too: bool = True) -> None:
        """Let a request end without a place; some ask once more."""
        ask.state = state
        self._claims.free(ask)
        if again_too and self._chance.random() < ask.kind.habits.again:
            self._want(again(ask, at + self._chance.uniform(HOUR, DAY)))

    def _pump(self, prefix: int, at: float) -> None:
        """Ask for a code to a number that earns, with another address and account each time."""
        subjects = pumped_subjects(int(self._chance.integers(_PROXIES)), f"{self._agenda.put_off} {at}", prefix)
        if not (self._limits.attempt("register", at, subjects) or self._limits.attempt("code", at, subjects)):
            self._codes_sent += 1
