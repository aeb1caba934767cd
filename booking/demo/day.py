"""Two booking days in order: people register and ask, draws give places, people answer, the next draw reuses places."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Final

import numpy as np
from rich.console import Console
from sqlalchemy import select

from booking import audit
from booking.clock import SettableClock, SystemClock
from booking.core import Core, open_core
from booking.demo.accounts import Ready, ReadyAccounts
from booking.demo.actor import Offer, Outcome
from booking.demo.brokers import hoarders
from booking.demo.country import Demand, demand, scarce, set_up, working_days
from booking.demo.crew import Crew, open_crew
from booking.demo.findings import Drawn, Judged, drawn, judged, oversold
from booking.demo.market import Market, first_come_first_served
from booking.demo.officers import decide_cases
from booking.demo.people import Applicant, PlannedAsk
from booking.demo.population import Population
from booking.demo.progress import Steps
from booking.demo.stage import Stage
from booking.demo.timetable import Timetable
from booking.drawing.schedule import advance_draws
from booking.drawing.verification import Report, verify_files
from booking.models import Appointment, Draw, Request
from booking.packs.loading import load_pack
from booking.services import draw as draws
from booking.services.expire import lapse_offers
from booking.states import RequestState

_CASES_LEFT: Final = 6
"""Requests under review that stay for the ready officer."""

Asked = tuple[Applicant, PlannedAsk]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the report tells."""

    people: int
    seed: int
    accounts: Mapping[str, int]
    demand: Demand
    honest: Judged
    hoarders: Judged
    reviews: Mapping[tuple[bool, bool], int]
    draws: Sequence[Drawn]
    checks: Sequence[Report]
    answers: Mapping[str, int]
    lapsed: int
    freed_units: int
    market: Market
    oversold: int
    audited: int
    ready: Sequence[Ready]
    seconds: Mapping[str, float]


def play_days(stage: Stage, console: Console, *, people: int, seed: int) -> Findings:
    """Play everything on a new stage.

    Parameters
    ----------
    people
        Honest people who ask; hoarders and their clients come on top.
    seed
        Of the people and all that they do. The draws' own seeds are random, as they must be.
    """
    steps = Steps(console)
    clock = SettableClock(SystemClock().now().replace(second=0, microsecond=0))
    pack = load_pack(stage.settings.country)
    timetable = Timetable.until(clock.now(), pack=pack, days=working_days(pack, people))
    with steps.step("Making up people"):
        population = Population(pack, timetable, seed=seed)
        honest = population.honest(people)
        applicants = honest + hoarders(population, honest)
        wanted = demand(pack, timetable, applicants)
    clock.set(timetable.installed)
    with open_core(stage.settings, database_url=stage.database_url, redis_url=stage.redis_url, clock=clock) as core:
        with steps.step("Setting up the country"):
            set_up(core, scarce(pack, wanted), timetable, seed=seed)
            ready = ReadyAccounts(core, clock, population, seed=seed)
        with open_crew(stage, processes=max(2, os.cpu_count() or 2)) as crew:
            play = _Play(core, clock, crew, steps, timetable, applicants, ready, seed)
            return play.all(people, wanted)


class _Play:
    """The state of the play: who asked what, by reference."""

    def __init__(
        self,
        core: Core,
        clock: SettableClock,
        crew: Crew,
        steps: Steps,
        timetable: Timetable,
        applicants: Sequence[Applicant],
        ready: ReadyAccounts,
        seed: int,
    ) -> None:
        self.core, self.clock, self.crew, self.steps, self.timetable = core, clock, crew, steps, timetable
        self.applicants = {applicant.key: applicant for applicant in applicants}
        self.ready, self.seed = ready, seed
        self.asks: dict[int, Asked] = {ask.key: (one, ask) for one in applicants for ask in one.asks}
        self.asked: dict[str, Asked] = {}
        self.outcomes: list[Outcome] = []
        self.reviews: dict[tuple[bool, bool], int] = {}
        self.drawn: list[Drawn] = []
        self.checks: list[Report] = []

    def all(self, people: int, wanted: Demand) -> Findings:
        timetable = self.timetable
        with self.steps.step("Accounts are opened", len(self.applicants)) as tell:
            accounts = self.crew.register(self.applicants.values(), tell)

        first = self._announce("day-1", timetable.opens, timetable.closes, timetable.last_day)
        self._ask("First day: people ask", before=timetable.closes)
        self._review(timetable.closes - timedelta(minutes=30), leave=0)
        files = self._draw(first, timetable.closes, timetable.drawn)
        offers = self._offers(first)

        second = self._announce("day-2", timetable.drawn, timetable.closes_again, timetable.later_day)
        with self.steps.step("Offers are answered", len(offers)) as tell:
            answers = self.crew.respond(self._answers(offers), tell)
        self.clock.set(timetable.lapsed)
        lapsed = lapse_offers(self.core)
        self._ask("Second day: others ask", before=timetable.ends)
        self.clock.set(timetable.closes_again - timedelta(hours=2))
        self.ready.citizen_asks()
        self._review(timetable.closes_again - timedelta(minutes=30), leave=_CASES_LEFT)
        self._draw(second, timetable.closes_again, timetable.ends)

        with self.steps.step("The same day, first come first served"):
            market = first_come_first_served(files, self._tried_on_first_day(), seed=self.seed)
        self.clock.set(SystemClock().now())
        advance_draws(self.core)
        advance_draws(self.core)
        self.ready.expatriate_asks()
        with self.core.sessions() as session:
            audited = audit.verify(session)
        return Findings(
            people=people,
            seed=self.seed,
            accounts=accounts,
            demand=wanted,
            honest=judged(self.outcomes, self.applicants, hoards=False),
            hoarders=judged(self.outcomes, self.applicants, hoards=True),
            reviews=self.reviews,
            draws=self.drawn,
            checks=self.checks,
            answers=answers,
            lapsed=lapsed,
            freed_units=0,
            market=market,
            oversold=oversold(self.core),
            audited=audited,
            ready=self.ready.ready,
            seconds=self.steps.seconds,
        )

    def _announce(self, reference: str, opens: datetime, closes: datetime, last: date) -> str:
        self.clock.set(opens - timedelta(minutes=1))
        draws.announce(
            self.core,
            reference=reference,
            opens_at=opens,
            closes_at=closes,
            horizon_first=self.timetable.first_day,
            horizon_last=last,
        )
        self.clock.set(opens)
        draws.open_draw(self.core, reference)
        return reference

    def _ask(self, name: str, *, before: datetime) -> None:
        done = {outcome.ask for outcome in self.outcomes}
        due = [asked for key, asked in self.asks.items() if key not in done and asked[1].at < before]
        with self.steps.step(name, len(due)) as tell:
            outcomes = self.crew.ask(due, tell)
        self.outcomes += outcomes
        self.asked |= {outcome.reference: self.asks[outcome.ask] for outcome in outcomes if outcome.reference}

    def _review(self, at: datetime, *, leave: int) -> None:
        self.clock.set(at)
        with self.core.sessions() as session:
            waiting = session.scalars(
                select(Request.reference)
                .where(Request.state == RequestState.UNDER_REVIEW)
                .order_by(Request.created_at, Request.reference)
            ).all()
        waiting = sorted((one for one in waiting if one in self.asked), key=lambda one: self.asked[one][1].key)
        due = waiting[: len(waiting) - leave] if leave else waiting
        with self.steps.step("Officers decide reviews", len(due) or 1):
            owners = {reference: self.asked[reference][0] for reference in due}
            counts = decide_cases(self.core, due, owners, self.ready.officer, seed=self.seed)
        for key, count in counts.items():
            self.reviews[key] = self.reviews.get(key, 0) + count

    def _draw(self, reference: str, closes: datetime, published: datetime) -> dict[str, bytes]:
        with self.steps.step(f"Draw {reference}: close, draw, publish"):
            began = perf_counter()
            self.clock.set(closes)
            draws.close(self.core, reference)
            draws.run(self.core, reference, workers=2)
            self.clock.set(published)
            draw = draws.publish(self.core, reference)
            seconds = perf_counter() - began
        with self.steps.step(f"Draw {reference}: verify its files"):
            files = {name: file.content for name, file in draws.files(self.core, reference).items()}
            self.checks.append(verify_files(files))
        self.drawn.append(drawn(self.core, draw, seconds, self.asked))
        return files

    def _offers(self, reference: str) -> list[tuple[str, Offer]]:
        with self.core.sessions() as session:
            rows = session.execute(
                select(Request.reference.label("request"), Appointment.reference, Appointment.confirm_by)
                .join(Request, Request.id == Appointment.request_id)
                .join(Draw, Draw.id == Appointment.draw_id)
                .where(Draw.reference == reference)
            ).all()
        return [
            (
                row.request,
                Offer(self.asked[row.request][0].key, self.asked[row.request][1].key, row.reference, row.confirm_by),
            )
            for row in rows
            if row.request in self.asked
        ]

    def _answers(self, offers: Iterable[tuple[str, Offer]]) -> list[tuple[Applicant, PlannedAsk, Offer, datetime]]:
        """Say when each offer is answered; drawn in the order of the requests' keys, so the seed decides it."""
        rng = np.random.default_rng([self.seed, 11])
        window = self.timetable.lapsed - self.timetable.drawn - timedelta(hours=3)
        delays = {key: float(rng.beta(1.2, 2.5)) for key in sorted(self.asks)}
        return [
            (*self.asked[request], offer, self.timetable.drawn + timedelta(minutes=20) + window * delays[offer.ask])
            for request, offer in offers
        ]

    def _tried_on_first_day(self) -> list[Asked]:
        words = {outcome.ask: outcome.word for outcome in self.outcomes}
        return [
            (applicant, ask)
            for key, (applicant, ask) in sorted(self.asks.items())
            if ask.at < self.timetable.closes and (applicant.kind.hoards or words[key] != "refuse")
        ]
