"""For those who run it: is it alive, is it ready, what does it do."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.deps import CoreDep
from api.health.access import may_read, require_reader
from api.health.codes import CodesCounted
from api.health.desk import WaitingForStaff
from api.health.events import EventsSent
from api.health.gate import GateMeasures, GateSeconds, LimiterCounts, ReplayDifferences
from api.health.jobs import JobsRun
from api.health.notices import NoticesSent
from api.health.public_log import PublicLog
from api.health.register import RegisterMeasures
from api.health.running import Running
from booking.country.core.core import Core
from booking.country.core.key_check import secret_fits
from booking.country.core.measures import add_own
from booking.country.core.register import RegisterState
from booking.country.core.sessions import answering_store
from booking.operations.worker.views import WorkerHealth, WorkerState, read_worker
from booking.people.evidence.apart import missing_guards
from booking.people.evidence.confine import Guard
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.platform.base.errors import NotFoundError, SessionsUnavailableError
from booking.platform.files.place import FilesState
from booking.transparency.log.witnesses import read_witnesses

router = APIRouter(include_in_schema=False)


@router.get("/livez")
def livez() -> PlainTextResponse:
    """Answer: the process lives."""
    return PlainTextResponse("alive")


@router.get("/readyz")
def readyz(request: Request, core: CoreDep) -> JSONResponse:
    """Answer 200 when database and session store answer and the secret fits, 503 with the name of what does not.

    A worker that is silent, a register or a place for files that is away makes it "degraded" and no more: people still
    ask and see their requests, so a load balancer must not take the pages away. Strangers read this too: seconds are in
    `/metrics`, the register is not asked for them, and nobody waits for a look at the place for files. Who may read
    those also reads which guards the converter of files lacks on this machine (null: it does not start), how many
    witnesses the public log has, and whether a proxy is missing in the settings, which is "degraded" to them.
    """
    answers = checks(core) | {"secret": secret_fits(core.sessions, core.vault)}
    worker = worker_of(core)
    ready = all(answers.values())
    register = core.register_calls.state
    files = core.files.state
    away = register is RegisterState.AWAY or files is FilesState.AWAY
    whole = worker is not None and worker.state is WorkerState.WORKING and not away
    status = "unavailable" if not ready else "ok" if whole else "degraded"
    content: dict[str, object] = {
        "ready": ready,
        "status": status,
        "checks": answers,
        "worker": worker and worker.state,
        "register": register,
        "files": files,
    }
    if may_read(request, core.settings):
        content["converter_lacks"] = guards_of_converter()
        content["proxy_not_trusted"] = proxy_not_trusted(request)
        content["log_witnesses"] = len(read_witnesses(core.settings))
        if status == "ok" and content["proxy_not_trusted"]:
            content["status"] = "degraded"
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


def proxy_not_trusted(request: Request) -> bool:
    """Return whether this process's calls come by a proxy that `MAWID_TRUSTED_PROXIES` does not name."""
    return bool(request.app.state.budgets.forwarding.not_believed)


def checks(core: Core) -> dict[str, bool]:
    """Ask each server whether it answers."""
    return {"database": _database_answers(core), "redis": _redis_answers(core)}


def guards_of_converter() -> tuple[Guard, ...] | None:
    """Return what this machine does not offer to hold the converter of files with; None where it does not start."""
    try:
        return missing_guards()
    except EvidenceUnavailableError:
        return None


@router.get("/metrics")
def metrics(request: Request, core: CoreDep) -> Response:
    """Return this process's counts to Prometheus, where it may read them, and they have no address of their own."""
    require_reader(request, core.settings)
    if core.settings.metrics_address is not None:
        raise NotFoundError
    state = request.app.state
    return Response(generate_latest(state.metrics) + generate_latest(state.shared), media_type=CONTENT_TYPE_LATEST)


def make_registry(core: Core) -> CollectorRegistry:
    """Make the registry of what one application measures itself, so that nothing is counted at import."""
    registry = CollectorRegistry()
    add_own(registry, core)
    registry.register(LimiterCounts(core.limiter))
    registry.register(GateSeconds(core.gate_times))
    registry.register(CodesCounted(core.code_counts))
    registry.register(RegisterMeasures(core.register_calls))
    return registry


def make_shared_registry(core: Core) -> CollectorRegistry:
    """Make the registry of what is read from the database: the same in every process."""
    registry = CollectorRegistry()
    registry.register(ReplayDifferences(core))
    registry.register(GateMeasures(core))
    registry.register(WaitingForStaff(core))
    registry.register(NoticesSent(core))
    registry.register(EventsSent(core))
    registry.register(JobsRun(core))
    registry.register(PublicLog(core))
    registry.register(Running(core))
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
