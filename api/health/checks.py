"""For those who run it: is it alive, is it ready, what does it do."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from typing_extensions import override

from api.deps import CoreDep
from api.health.access import require_reader
from api.health.desk import WaitingForStaff
from api.health.gate import GateSeconds, LimiterCounts
from api.health.jobs import JobsRun
from api.health.notices import NoticesSent
from booking.base.errors import SessionsUnavailableError
from booking.core.code_counts import CodeCounts
from booking.core.core import Core
from booking.core.key_check import secret_fits
from booking.core.sessions import answering_store
from booking.models import GateMeasure, ReplayRun
from booking.worker.views import WorkerHealth, WorkerState, read_worker

router = APIRouter(include_in_schema=False)


@router.get("/livez")
def livez() -> PlainTextResponse:
    """Answer: the process lives."""
    return PlainTextResponse("alive")


@router.get("/readyz")
def readyz(core: CoreDep) -> JSONResponse:
    """Answer 200 when database and session store answer and the secret fits, 503 with the name of what does not.

    A worker that is silent makes it "degraded" and no more: people still ask and see their requests, so a load
    balancer must not take the pages away. Strangers read this too: seconds are in `/metrics`.
    """
    answers = checks(core) | {"secret": secret_fits(core.sessions, core.vault)}
    worker = worker_of(core)
    ready = all(answers.values())
    working = worker is not None and worker.state is WorkerState.WORKING
    status = "unavailable" if not ready else "ok" if working else "degraded"
    content = {"ready": ready, "status": status, "checks": answers, "worker": worker and worker.state}
    return JSONResponse(content, 200 if ready else 503)


@router.get("/readyz/worker")
def readyz_worker(core: CoreDep) -> JSONResponse:
    """Answer 200 when jobs are run in time, else 503: for monitors, not for load balancers."""
    worker = worker_of(core)
    working = worker is not None and worker.state is WorkerState.WORKING
    return JSONResponse({"worker": worker and worker.state}, 200 if working else 503)


def worker_of(core: Core) -> WorkerHealth | None:
    """Read how the workers are; None while the database is away."""
    try:
        return read_worker(core)
    except SQLAlchemyError:
        return None


def checks(core: Core) -> dict[str, bool]:
    """Ask each server whether it answers."""
    return {"database": _database_answers(core), "redis": _redis_answers(core)}


@router.get("/metrics")
def metrics(request: Request, core: CoreDep) -> Response:
    """Return this process's counts to Prometheus, where it may read them."""
    require_reader(request, core.settings)
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


class CodesCounted(Collector):
    """One-time codes sent and held back by this process: sum over all processes to watch the bill."""

    def __init__(self, counts: CodeCounts) -> None:
        self._counts = counts

    @override
    def collect(self) -> list[Metric]:
        """Return codes by what became of them, and the alert: codes sent while the day's budget was nearly used."""
        sent, held_back, warnings = self._counts.read()
        codes = CounterMetricFamily(
            "mawid_codes", "One-time codes, sent or held back by a limit.", labels=["outcome", "limit"]
        )
        codes.add_metric(["sent", ""], sent)
        for subject, count in held_back.items():
            codes.add_metric(["held_back", subject], count)
        alert = CounterMetricFamily("mawid_code_budget_alerts", "Codes sent beyond the warning of the day's budget.")
        alert.add_metric([], warnings)
        return [codes, alert]


class ReplayDifferences(Collector):
    """What the latest replay of the gate's verdicts found: anything but zero is a fault to look into."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return the verdicts of the latest replay, and those that came out otherwise by what differed."""
        repeated = GaugeMetricFamily("mawid_replay_verdicts", "Verdicts that the latest replay repeated.")
        differing = GaugeMetricFamily("mawid_replay_differences", "Verdicts that came out otherwise.", labels=["what"])
        try:
            with self._core.sessions() as session:
                run = session.scalar(select(ReplayRun).order_by(ReplayRun.finished_at.desc()).limit(1))
        except SQLAlchemyError:
            return []  # /readyz tells that the database does not answer
        if run is not None:
            repeated.add_metric([], run.repeated)
            for what, count in run.differences.items():
                differing.add_metric([what], count)
        return [repeated, differing]


class GateMeasures(Collector):
    """What jobs measured about the gate last, read when it is asked for; nothing while the database is down."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @override
    def collect(self) -> list[Metric]:
        """Return one gauge: the stability index of each fact, the calibration gap of each band of scores."""
        family = GaugeMetricFamily("mawid_gate", "Measured about the gate by a job.", labels=["measure", "subject"])
        try:
            with self._core.sessions() as session:
                for row in session.scalars(select(GateMeasure)):
                    family.add_metric([row.name, row.subject], row.value)
        except SQLAlchemyError:
            return []
        return [family]


def make_registry(core: Core) -> CollectorRegistry:
    """Make the registry of one application, so that nothing is counted at import."""
    registry = CollectorRegistry()
    registry.register(LimiterCounts(core.limiter))
    registry.register(GateSeconds(core.gate_times))
    registry.register(CodesCounted(core.code_counts))
    registry.register(ReplayDifferences(core))
    registry.register(GateMeasures(core))
    registry.register(WaitingForStaff(core))
    registry.register(NoticesSent(core))
    registry.register(JobsRun(core))
    return registry


def _database_answers(core: Core) -> bool:
    try:
        with core.sessions() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis_answers(core: Core) -> bool:
    try:
        with answering_store():
            return bool(core.redis.ping())
    except SessionsUnavailableError:
        return False
