"""Try a draft of rules on requests of the past: what it would have done, against what is known of them now.

The facts are those that each verdict stored, so the answer is exact: the draft sees what the gate saw then. A verdict
that is older than a fact says nothing of it: whether a rule with that fact would have fired is unknown.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.facts import BY_NAME, LATER, FactError, Facts
from fraud.rules.changes import facts_of
from fraud.rules.rule_set import ALL_RULES, RuleSet
from fraud.scoring.evaluate import wilson

HONEST: Final = ("served", "appeal_upheld", "cleared")
"""Known now to be no hoarder: came and was served, was right in an appeal, was accepted by an officer."""

FRAUD: Final = ("confirmed_fraud", "refused_by_officer")
OTHER: Final = ("no_show", "cancelled", "lapsed", "open")
KNOWN: Final = (*FRAUD, *HONEST, *OTHER)
GROUPS: Final = ("office", "service", "age_band", "residence")
SMALLEST_GROUP: Final = 5
EXAMPLES: Final = 5
_DECISIONS: Final = ("accept", "challenge", "review")
_EXCEPTIONS: Final = frozenset({"exceptions"})


class BacktestError(Exception):
    """The history lacks a column or holds an unknown word; the message says which."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a draft would have done.

    ``requests`` (n rows) has ``draft`` and ``active`` (accept, challenge or review: by rules alone), ``fired`` (the
    draft's rules that fire), ``unknown`` (those that cannot be asked, for a fact of theirs was not recorded then) and
    the columns of the history; ``left_out`` requests know other facts than these.
    """

    requests: pd.DataFrame
    rules: tuple[tuple[str, str], ...]
    left_out: int

    def changes(self) -> pd.DataFrame:
        """Count requests by what the active rules say (rows) and what the draft says (columns)."""
        table = pd.crosstab(self.requests["active"], self.requests["draft"])
        return table.reindex(index=list(_DECISIONS), columns=list(_DECISIONS), fill_value=0)

    def by_rule(self) -> pd.DataFrame:
        """Count for each rule of the draft how often it fires, alone, on whom (known fraud, known honest, others).

        ``unknown`` are the requests of which it cannot be said.
        """
        rows = []
        for name, then in self.rules:
            fires = self.requests[np.array([name in fired for fired in self.requests["fired"]], dtype=bool)]
            alone = sum(len(fired) == 1 for fired in fires["fired"])
            known = [int(fires["known"].isin(words).sum()) for words in (FRAUD, HONEST, OTHER)]
            unknown = sum(name in names for names in self.requests["unknown"])
            rows.append((name, then, len(fires), alone, *known, unknown))
        columns = ["rule", "then", "fires", "alone", "fraud", "honest", "others", "unknown"]
        return pd.DataFrame(rows, columns=columns).set_index("rule")

    def by_known(self) -> pd.DataFrame:
        """Count what is known now, and how many of these the draft and the active rules trouble."""
        return self._troubled(self.requests["known"]).reindex([*KNOWN], fill_value=0)

    def by_group(self, column: str, together: str = "") -> pd.DataFrame:
        """Count by office, service, age band or residence; groups of fewer than five people are counted together.

        ``together`` is what their row is called, by default how many they are.
        """
        people = self.requests.groupby(column)["person"].nunique()
        small = self.requests[column].isin(people[people < SMALLEST_GROUP].index)
        together = together or f"{self.requests.loc[small, column].nunique()} groups of fewer than {SMALLEST_GROUP}"
        table = self._troubled(self.requests[column].astype(str).mask(small, together))
        # Even together they may be so few that they give someone away.
        few = self.requests.loc[small, "person"].nunique() < SMALLEST_GROUP
        return table.drop(together) if few and small.any() else table

    def false_positives(self) -> pd.DataFrame:
        """Estimate the share of honest people who are troubled, with Wilson's 95 % interval, by draft and active rules.

        It looks at those who are known to be honest now. Whom the gate of that time kept from being served, is in the
        estimate only if an officer or an appeal cleared them.
        """
        honest = self.requests[self.requests["known"].isin(HONEST)]
        rows = {name: _interval(int((honest[name] != "accept").sum()), len(honest)) for name in ("draft", "active")}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["troubled", "honest", "share", "low", "high"])

    def examples(self) -> pd.DataFrame:
        """Show the latest few requests that the draft would trouble and the active rules do not, references masked."""
        latest = self.newly(EXAMPLES)
        columns = latest.assign(
            reference=latest["reference"].map(masked), fired=latest["fired"].map(", ".join), day=latest["at"].dt.date
        )
        return columns[["reference", "day", "draft", "fired", "known"]].set_index("reference")

    def newly(self, most: int) -> pd.DataFrame:
        """Return the latest few requests that the draft would trouble and the active rules do not, the latest last."""
        newly = self.requests[(self.requests["draft"] != "accept") & (self.requests["active"] == "accept")]
        return newly.sort_values("at", kind="stable").tail(most)

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return all tables by name, in the order in which they are read."""
        return {
            "what would change": self.changes(),
            "rules": self.by_rule(),
            "what is known now": self.by_known(),
            "false positives": self.false_positives(),
            **{f"by {column.replace('_', ' ')}": self.by_group(column) for column in GROUPS},
            "examples": self.examples(),
        }

    def _troubled(self, groups: pd.Series) -> pd.DataFrame:
        counts = {"requests": pd.Series(1, index=self.requests.index)}
        for rules in ("draft", "active"):
            for decision in ("challenge", "review"):
                counts[f"{rules} {decision}"] = (self.requests[rules] == decision).astype(int)
        return pd.DataFrame(counts).groupby(groups).sum()


def backtest(history: pd.DataFrame, draft: RuleSet, active: RuleSet) -> Backtest:
    """Judge a history by a draft and by the active rules.

    Parameters
    ----------
    history
        A row a request: a column for each fact (nan for one of `fraud.facts.LATER` that was not recorded), reference,
        person (who asks: any key), at (instants), known (one of ``KNOWN``), office, service, age_band, residence;
        optionally exceptions (names of rules that did not apply).

    Raises
    ------
    BacktestError
        A column is missing, or ``known`` holds another word.
    """
    return backtest_all([history], draft, active)


def backtest_all(
    frames: Iterable[pd.DataFrame], draft: RuleSet, active: RuleSet, *, spread: "Judging" = map
) -> Backtest:
    """Judge a history that comes in frames, as `backtest` does; raises as it does.

    Parameters
    ----------
    frames
        At least one. Only facts and exceptions of each are passed on to ``spread``, nobody's name or reference.
    spread
        How the frames are judged, such as ``map`` of a pool of processes: in order, some at a time.
    """
    rest: deque[pd.DataFrame] = deque()
    judged, left_out = [], 0
    for verdicts in spread(partial(_judge, draft, active), (_facts_of(frame, rest) for frame in frames)):
        frame = rest.popleft()
        judged.append(verdicts.beside(frame[verdicts.kept]))
        left_out += len(frame) - len(judged[-1])
    rules = tuple((rule.name, rule.then) for rule in draft.rules)
    return Backtest(judged[0] if len(judged) == 1 else pd.concat(judged, ignore_index=True), rules, left_out)


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """What draft and active rules say of a frame: ``kept`` bool (n,), of the others one entry for each that is kept."""

    kept: NDArray[np.bool_]
    draft: list[str]
    active: list[str]
    fired: list[tuple[str, ...]]
    unknown: list[tuple[str, ...]]

    def beside(self, requests: pd.DataFrame) -> pd.DataFrame:
        """Return the requests that are kept with these as columns."""
        judged = requests.assign(draft=self.draft, active=self.active)
        judged["fired"] = pd.Series(self.fired, index=judged.index, dtype=object)
        judged["unknown"] = pd.Series(self.unknown, index=judged.index, dtype=object)
        return judged


Judging = Callable[[Callable[[pd.DataFrame], _Verdicts], Iterable[pd.DataFrame]], Iterable[_Verdicts]]
"""Judges one frame after the other, or some at a time, and gives the verdicts in order, as `map` does."""


def _facts_of(history: pd.DataFrame, rest: deque[pd.DataFrame]) -> pd.DataFrame:
    """Return what rules look at; what a backtest tells beside it is kept in ``rest``. Raises BacktestError."""
    needed = (*BY_NAME, "reference", "person", "at", "known", *GROUPS)
    missing = [name for name in needed if name not in history]
    if missing:
        raise BacktestError(f"the history has no column {', '.join(missing)}")
    unknown = sorted(set(history["known"]) - set(KNOWN))
    if unknown:
        raise BacktestError(f"known has unknown words: {', '.join(map(str, unknown))}")
    rest.append(history.drop(columns=list(BY_NAME)))
    return history[[*BY_NAME, *_EXCEPTIONS.intersection(history)]]


def _judge(draft: RuleSet, active: RuleSet, history: pd.DataFrame) -> _Verdicts:
    found = _Verdicts(np.zeros(len(history), np.bool_), [], [], [], [])
    draft_asks, active_asks = _Asked(draft), _Asked(active)
    exceptions = history["exceptions"] if "exceptions" in history else [()] * len(history)
    values = history[list(BY_NAME)].itertuples(index=False, name=None)
    for place, (row, names) in enumerate(zip(values, exceptions, strict=True)):
        try:
            facts, not_recorded = Facts.from_stored(dict(zip(BY_NAME, row, strict=True)))
        except FactError:  # an older verdict, of other facts or other bounds
            continue
        found.kept[place] = True
        names_fired = draft_asks.fired(facts, not_recorded, frozenset(names))
        found.fired.append(tuple(name for name, _ in names_fired))
        found.unknown.append(draft_asks.unknown(not_recorded))
        found.draft.append(_hardest(names_fired))
        found.active.append(_hardest(active_asks.fired(facts, not_recorded, frozenset(names))))
    return found


def masked(reference: str) -> str:
    """Leave of a reference what its case is recognised by in a list, and not enough to look it up.

    >>> masked("KX7Q-29MD")
    'KX*****MD'
    """
    return reference[:2] + "*" * max(0, len(reference) - 4) + reference[-2:]


class _Asked:
    """A rule set, asked about verdicts of the past: a rule is asked only where all of its facts were recorded."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        later = {rule.name: LATER.intersection(facts_of([rule])) for rule in rules.rules}
        self._later = {name: facts for name, facts in later.items() if facts}

    def unknown(self, not_recorded: frozenset[str]) -> tuple[str, ...]:
        """Return the names of rules that cannot be asked."""
        return tuple(name for name, facts in self._later.items() if not facts.isdisjoint(not_recorded))

    def fired(self, facts: Facts, not_recorded: frozenset[str], exceptions: frozenset[str]) -> list[tuple[str, str]]:
        """Return names and outcomes of the rules that fire and that nobody was excepted from."""
        if ALL_RULES in exceptions:
            return []
        passed_over = exceptions.union(self.unknown(not_recorded)) if not_recorded else exceptions
        return [(rule.name, rule.then) for rule in self._rules.judge(facts) if rule.name not in passed_over]


def _hardest(fired: list[tuple[str, str]]) -> str:
    return max((then for _, then in fired), key=_DECISIONS.index, default="accept")


def _interval(troubled: int, honest: int) -> tuple[int, int, float, float, float]:
    return troubled, honest, troubled / honest if honest else math.nan, *wilson(troubled, honest)
