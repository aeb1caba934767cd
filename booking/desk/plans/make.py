"""A plan: what of a chain somebody needs, what they hold, and by when each part is asked for. Only arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from booking.country.core.register import Holding
from booking.country.packs.service import PrerequisiteSpec
from booking.people.prerequisites.chain import Part, WorkingDays, chain_of
from booking.people.prerequisites.standing import Subject, fulfilling, is_concerned


class LinkState(StrEnum):
    """Whether a part of the chain is there."""

    HELD = "held"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Link:
    """One part of a plan.

    ``ready`` is the first day on which it can be asked for, ``done`` the first on which its result, or its appointment,
    is there. Asked from ``ask_from`` to ``ask_by`` it is there in time and still valid on the day of the goal.
    ``waits_for`` are parts that must be there before it can be asked for.
    """

    code: str
    state: LinkState
    held: Holding | None = None
    ready: date | None = None
    done: date | None = None
    ask_from: date | None = None
    ask_by: date | None = None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All parts in an order in which they can be done, the goal last.

    ``earliest`` is the first day that the goal can have, ``day`` the one that is planned for: never before it.
    """

    links: tuple[Link, ...]
    earliest: date
    day: date

    @property
    def goal(self) -> Link:
        """What the plan is for."""
        return self.links[-1]


def make_plan(
    goal: str,
    parts: Mapping[str, Part],
    subject: Subject,
    *,
    today: date,
    lead: int,
    calendar: WorkingDays,
    day: date | None = None,
    answers: Mapping[str, str] | None = None,
) -> Plan:
    """Plan the way to a service.

    Parameters
    ----------
    goal
        One of ``parts``.
    today
        The day of planning.
    lead
        Days from asking for an appointment to the first day that one can have.
    day
        The wished day of the goal; None, or one that is too early: the earliest.
    answers
        What the person would answer to questions of forms, by "service.field"; a rule that depends on a question
        without an answer is left out.
    """
    planner = _Planner(parts, subject, today, timedelta(days=lead), calendar, answers or {})
    earliest = planner.earliest(goal)
    chosen = max(day or earliest.done, earliest.done)
    return Plan(tuple(planner.links(goal, chosen)), earliest.done, chosen)


@dataclass(frozen=True, slots=True)
class _Earliest:
    """When a part can be asked for, and is there, at the earliest."""

    ready: date
    done: date


@dataclass(slots=True)
class _Wanted:
    """By when, and from when on, something may be issued."""

    by: date = date.max
    since: date = date.min


class _Planner:
    """Works out a plan: earliest days from what is needed upwards, windows from the goal downwards."""

    def __init__(
        self,
        parts: Mapping[str, Part],
        subject: Subject,
        today: date,
        lead: timedelta,
        calendar: WorkingDays,
        answers: Mapping[str, str],
    ) -> None:
        self._parts, self._subject, self._today = parts, subject, today
        self._lead, self._calendar, self._answers = lead, calendar, answers
        self._known: dict[str, _Earliest] = {}

    def earliest(self, code: str) -> _Earliest:
        """Work out a part from what it needs; a circle, should there be one, is cut where it closes."""
        if code not in self._known:
            self._known[code] = _Earliest(self._today, self._today)
            self._known[code] = self._work_out(self._parts[code])
        return self._known[code]

    def _work_out(self, part: Part) -> _Earliest:
        ready = self._when(part, "when-asking", self._today)
        if part.at_an_office:
            return _Earliest(ready, self._when(part, "on-the-day", ready + self._lead))
        return _Earliest(ready, self._calendar.after(ready, part.processing))

    def _when(self, part: Part, moment: str, day: date) -> date:
        """Return the first day from ``day`` on which all rules of a moment can be fulfilled.

        What is held may run out while something else is waited for, so each later day is looked at again.
        """
        while True:
            lacking = [rule for rule in self._rules(part) if rule.valid == moment and self._lacks(rule, day)]
            later = max([day, *(self.earliest(rule.service or "").done for rule in lacking)])
            if later == day:
                return day
            day = later

    def _rules(self, part: Part) -> list[PrerequisiteSpec]:
        """Return the rules that are about results of services on offer, for these answers."""
        return [rule for rule in part.rules if rule.service in self._parts and self._is_answered(part, rule)]

    def _is_answered(self, part: Part, rule: PrerequisiteSpec) -> bool:
        return rule.when is None or self._answers.get(f"{part.code}.{rule.when.field}") in rule.when.answers

    def _lacks(self, rule: PrerequisiteSpec, day: date) -> bool:
        return is_concerned(rule.concerns, self._subject, day) and fulfilling(rule, self._subject.held, day) is None

    def links(self, goal: str, day: date) -> list[Link]:
        """Go down from the goal: what is lacking on its day, then what is lacking for that."""
        wanted: dict[str, _Wanted] = {goal: _Wanted(by=day)}
        held: dict[str, Holding] = {}
        links = []
        for part in reversed(chain_of(goal, self._parts)):
            if part.code not in wanted:
                found = held.get(part.code)
                links.append(Link(part.code, LinkState.HELD if found else LinkState.NOT_NEEDED, found))
                continue
            mine, earliest = wanted[part.code], self.earliest(part.code)
            ask_by = max(self._ask_by(part, mine.by), earliest.ready)
            waits_for = self._want(part, ask_by, mine, wanted, held)
            links.append(
                Link(
                    code=part.code,
                    state=LinkState.MISSING,
                    ready=earliest.ready,
                    done=day if part.code == goal else earliest.done,
                    ask_from=min(max(earliest.ready, mine.since), ask_by),
                    ask_by=ask_by,
                    waits_for=waits_for,
                )
            )
        return list(reversed(links))

    def _ask_by(self, part: Part, by: date) -> date:
        return by - self._lead if part.at_an_office else self._calendar.before(by, part.processing)

    def _want(
        self, part: Part, ask_by: date, mine: _Wanted, wanted: dict[str, _Wanted], held: dict[str, Holding]
    ) -> tuple[str, ...]:
        """Note what a part lacks, and until when; return what must be there before the part can be asked for."""
        first = []
        for rule in self._rules(part):
            code = rule.service or ""
            asking = rule.valid == "when-asking"
            checked, latest = (self.earliest(part.code).ready, ask_by) if asking else (mine.by, mine.by)
            if not is_concerned(rule.concerns, self._subject, checked):
                continue
            found = fulfilling(rule, self._subject.held, checked)
            if found is not None:
                held.setdefault(code, found)
                continue
            one = wanted.setdefault(code, _Wanted())
            one.by, one.since = min(one.by, latest), max(one.since, self._oldest(rule, latest))
            if asking:
                first.append(code)
        return tuple(first)

    def _oldest(self, rule: PrerequisiteSpec, day: date) -> date:
        """Return the first day of issue with which a result is still good on ``day``."""
        lasts = [days for days in (rule.not_older_than_days, self._parts[rule.service or ""].lasts) if days is not None]
        return day - timedelta(days=min(lasts)) if lasts else date.min
