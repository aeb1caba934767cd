"""Two booking days in order: people register and ask, draws give places, people answer, the next draw reuses places."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Final

import numpy as np
from rich.console import Console
from sqlalchemy import select

from allocation.ahead import STEPS, compile_ahead, is_compiled
from booking.country.core.core import Core
from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.accounts import ReadyAccounts
from booking.entrypoints.demo.actor import Offer, Outcome
from booking.entrypoints.demo.brokers import hoarders
from booking.entrypoints.demo.caught import Caught, catch
from booking.entrypoints.demo.counter_day import opened_for_it
from booking.entrypoints.demo.country import Country, Demand, demand, scarce, set_up, sized, working_days
from booking.entrypoints.demo.crew import Crew, open_crew, open_player
from booking.entrypoints.demo.exchange import play_night
from booking.entrypoints.demo.findings import Drawn, Freed, Judged, drawn, freed, judged, oversold
from booking.entrypoints.demo.links import Linked, find_links, leave_work, tell_by
from booking.entrypoints.demo.market import Market, first_come_first_served
from booking.entrypoints.demo.officers import Reviews, Verdicts
from booking.entrypoints.demo.people import Applicant, PlannedAsk, Population
from booking.entrypoints.demo.progress import COMPILING, SET_UP, Steps, enrol, plan_for
from booking.entrypoints.demo.rows import offers_of, took_part
from booking.entrypoints.demo.stage import Kept, Stage
from booking.entrypoints.demo.timetable import Timetable
from booking.entrypoints.demo.witnesses import Witnesses, open_witnesses
from booking.people.staff.views import verify_audit
from booking.platform.base.clock import SettableClock, SystemClock
from booking.platform.base.release import processors
from booking.platform.models import Request
from booking.platform.models.states import DrawState, RequestState
from booking.scheduling.appointments.expire import lapse_offers
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.schedule import advance_draws
from booking.scheduling.draws.verification import verify_files

FIRST: Final = "day-1"
SECOND: Final = "day-2"
CASES_LEFT: Final = 6
"""Requests under review that stay for the ready officer."""

Asked = tuple[Applicant, PlannedAsk]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the report shows; ``markets`` are first come, first served without and with the gate."""

    people: int
    seed: int
    offices: int
    accounts: Mapping[str, int]
    demand: Demand
    honest: Judged
    hoarders: Judged
    reviews: Reviews
    draws: Sequence[Drawn]
    answers: Mapping[str, int]
    night: Mapping[str, int]
    freed: Freed
    markets: tuple[Market, Market]
    oversold: int
    audited: int
    linked: Linked
    caught: Sequence[Caught]
    contradictions: int
    kept: Kept
    seconds: Mapping[str, float]


def play_days(stage: Stage, console: Console, *, people: int, seed: int, later: bool) -> Findings:
    """Play everything on a new stage.

    Parameters
    ----------
    people
        Honest people who ask; hoarders and their clients come on top.
    seed
        Of the people and all that they do. The draws' own seeds are random, as they must be.
    later
        Whether the pages will be used afterwards: then there are slots for the weeks ahead, everywhere.
    """
    steps = Steps(console, plan_for(people, later=later, compiled=is_compiled()))
    clock = SettableClock(SystemClock().now().replace(second=0, microsecond=0))
    pack = load_pack(stage.settings.country)
    timetable = Timetable.until(clock.now(), pack=pack, days=working_days(people))
    country = sized(pack, timetable, people)
    with steps.step("Making up people"):
        population = Population(country.stage, timetable, seed=seed)
        honest = population.honest(people)
        applicants = honest + hoarders(population, honest)
        country = scarce(country, wanted := demand(country.stage, timetable, applicants))
        enrol(stage.settings, applicants)
    clock.set(timetable.installed)
    with (
        open_crew(stage, processes=max(2, processors())) as crew,
        open_player(stage, clock) as core,
        open_witnesses(core) as witnesses,
    ):
        with steps.step(COMPILING, STEPS) as compiled:
            compile_ahead(lambda _: compiled(1, {}))
        with steps.step(SET_UP):
            set_up(core, country, timetable, seed=seed)
            ready = ReadyAccounts(core, clock, population, seed=seed)
            crew.wait()
        play = _Play(core, clock, crew, witnesses, steps, timetable, applicants, ready, seed=seed)
        play.first_day()
        play.second_day()
        play.now()
        if later:
            leave_work(core, clock, steps, country, timetable, population, ready, seed=seed)
        return play.findings(people, country, wanted)


class _Play:
    """The state of the play: who asks what, what came of it, requests by reference."""

    def __init__(
        self,
        core: Core,
        clock: SettableClock,
        crew: Crew,
        witnesses: Witnesses,
        steps: Steps,
        timetable: Timetable,
        applicants: Sequence[Applicant],
        ready: ReadyAccounts,
        *,
        seed: int,
    ) -> None:
        self.core, self.clock, self.crew, self.steps, self.timetable = core, clock, crew, steps, timetable
        self.applicants = {applicant.key: applicant for applicant in applicants}
        self.witnesses, self.ready, self.seed = witnesses, ready, seed
        self.asks: dict[int, Asked] = {ask.key: (one, ask) for one in applicants for ask in one.asks}
        self.asked: dict[str, Asked] = {}
        self.outcomes: list[Outcome] = []
        self.verdicts = Verdicts(core, ready.officer, ready.reviewer, seed=seed)
        self.drawn: list[Drawn] = []
        self.files: dict[str, bytes] = {}
        self.accounts: Mapping[str, int] = {}
        self.answers: Mapping[str, int] = {}
        self.night: Mapping[str, int] = {}

    def first_day(self) -> None:
        """Accounts are opened in the weeks before; people ask, the gate and officers judge, the draw gives places."""
        timetable = self.timetable
        with self.steps.step("Weeks before: accounts", len(self.applicants)) as tell:
            self.accounts = self.crew.register(self.applicants.values(), tell)
        self._announce(FIRST, timetable.opens, timetable.closes, timetable.last_day)
        self._ask("First day: people ask", before=timetable.closes)
        self._review(timetable.closes - timedelta(minutes=30), leave=0)
        self.files = self._draw(FIRST, timetable.closes, timetable.drawn)

    def second_day(self) -> None:
        """Offers are answered or lapse, others ask meanwhile, and the next draw gives what came back."""
        timetable = self.timetable
        self._announce(SECOND, timetable.drawn, timetable.closes_again, timetable.later_day)
        offers = [one for one in offers_of(self.core, FIRST) if one[0] in self.asked]
        with self.steps.step("Second day: offers are answered", len(offers)) as tell:
            self.answers = self.crew.respond(self._answers(offers), tell)
            tell_by(self.core, self.clock, timetable.lapsed)
            lapse_offers(self.core)
        everybody = sorted(self.asked, key=lambda one: self.asked[one][1].key)
        self.night = play_night(self.core, self.clock, self.witnesses, self.steps, timetable, everybody, seed=self.seed)
        self._ask("Second day: others ask", before=timetable.ends)
        self.clock.set(timetable.closes_again - timedelta(hours=2))
        self.ready.citizen_asks()
        self._review(timetable.closes_again - timedelta(minutes=30), leave=CASES_LEFT)
        self._draw(SECOND, timetable.closes_again, timetable.ends)

    def now(self) -> None:
        """Come to the present: the next draw is announced and open, and something waits for each ready account."""
        self.clock.set(SystemClock().now())
        advance_draws(self.core)
        advance_draws(self.core)
        self.ready.expatriate_asks()
        self.ready.leave_cases()
        self.verdicts.leave_appeals([one.reference for one in self.outcomes if one.word == "refuse" and one.reference])

    def findings(self, people: int, country: Country, wanted: Demand) -> Findings:
        """Sum everything up, with the same day under first come, first served beside it."""
        with self.steps.step("The same day, first come first served"):
            tried = self._tried_on_first_day()
            passed = {self.asked[one][1].key for one in took_part(self.core, FIRST) if one in self.asked}
            markets = (
                first_come_first_served(self.files, tried, seed=self.seed),
                first_come_first_served(self.files, [one for one in tried if one[1].key in passed], seed=self.seed),
            )
        return Findings(
            people=people,
            seed=self.seed,
            offices=len(country.stage.offices),
            accounts=self.accounts,
            demand=wanted,
            honest=judged(self.outcomes, self.applicants, hoards=False),
            hoarders=judged(self.outcomes, self.applicants, hoards=True),
            reviews=self.verdicts.made,
            draws=self.drawn,
            answers=self.answers,
            night=self.night,
            freed=freed(self.core, FIRST, SECOND),
            markets=markets,
            oversold=oversold(self.core),
            audited=verify_audit(self.core),
            caught=catch(self.core, self.witnesses.folders[0]),
            contradictions=self.witnesses.contradictions(),
            linked=find_links(self.core, self.applicants.values(), self.steps),
            kept=Kept(self.ready.ready, opened_for_it(country.whole, self.clock.now())),
            seconds=self.steps.seconds,
        )

    def _announce(self, reference: str, opens: datetime, closes: datetime, last: date) -> None:
        self.clock.set(opens - timedelta(minutes=1))
        draws.announce(
            self.core,
            reference=reference,
            opens_at=opens,
            closes_at=closes,
            horizon_first=self.timetable.first_day,
            horizon_last=last,
        )
        self.witnesses.look()
        self.clock.set(opens)
        draws.open_draw(self.core, reference)

    def _ask(self, name: str, *, before: datetime) -> None:
        done = {outcome.ask for outcome in self.outcomes}
        due = [asked for key, asked in self.asks.items() if key not in done and asked[1].at < before]
        with self.steps.step(name, len(due)) as tell:
            outcomes = self.crew.ask(due, tell)
        self.outcomes += outcomes
        self.asked |= {outcome.reference: self.asks[outcome.ask] for outcome in outcomes if outcome.reference}

    def _review(self, at: datetime, *, leave: int) -> None:
        """Have officers decide what waits, in the order of the requests' keys, but for the last ``leave``."""
        self.clock.set(at)
        with self.core.sessions() as session:
            waiting = set(session.scalars(select(Request.reference).where(Request.state == RequestState.UNDER_REVIEW)))
        due = [(reference, asked[0]) for reference, asked in self.asked.items() if reference in waiting]
        due = due[: max(0, len(due) - leave)]
        with self.steps.step("Officers decide reviews", len(due) or None) as tell:
            self.verdicts.decide(due, tell)

    def _draw(self, reference: str, closes: datetime, published: datetime) -> dict[str, bytes]:
        with self.steps.step(f"Draw {reference}: close, draw, publish"):
            began = perf_counter()
            self.clock.set(closes)
            draws.close(self.core, reference)
            self.witnesses.look_until(lambda: draws.run(self.core, reference).state is DrawState.DRAWN)
            self.clock.set(published)
            for _ in range(2):  # each signs what it sees, and then gives its part for what all signed
                self.witnesses.look()
            draw = draws.publish(self.core, reference)
            seconds = perf_counter() - began
        with self.steps.step(f"Draw {reference}: verify its files") as tell:
            files = {name: file.content for name, file in draws.files(self.core, reference).items()}
            report = verify_files(files)
            passed = sum(right for right, _ in report.checks)
            tell(0, {"checks passed": passed, "failed": len(report.checks) - passed})
        self.steps.note(report.words() if reference == FIRST or not report.ok else "")
        checks = passed, len(report.checks)
        self.drawn.append(drawn(self.core, draw, seconds=seconds, checks=checks, asked=self.asked))
        return files

    def _answers(
        self, offers: Iterable[tuple[str, str, datetime]]
    ) -> list[tuple[Applicant, PlannedAsk, Offer, datetime]]:
        """Return when each offer is answered; drawn for every request in the order of keys, so the seed decides it."""
        rng = np.random.default_rng([self.seed, 11])
        window = self.timetable.lapsed - self.timetable.drawn - timedelta(hours=3)
        delays = {key: window * float(rng.beta(1.2, 2.5)) for key in sorted(self.asks)}
        answers = []
        for request, appointment, confirm_by in offers:
            applicant, ask = self.asked[request]
            at = self.timetable.drawn + timedelta(minutes=20) + delays[ask.key]
            answers.append((applicant, ask, Offer(ask.key, appointment, confirm_by), at))
        return answers

    def _tried_on_first_day(self) -> list[Asked]:
        """Return what was tried in the first window, but for forms that an honest person sent again corrected."""
        words = {outcome.ask: outcome.word for outcome in self.outcomes}
        return [
            (applicant, ask)
            for key, (applicant, ask) in sorted(self.asks.items())
            if ask.at < self.timetable.closes and (applicant.kind.hoards or words[key] != "refuse")
        ]
