"""What an administrator sees: is it healthy, is the audit log whole, and who did what."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AdministratorDep, AuditorDep, CoreDep, IdentifierDep, words_of
from api.health.checks import checks, guards_of_converter, proxy_not_trusted, worker_of
from api.pages.admin.health_rows import Rows
from api.pages.admin.job_words import JOBS
from api.pages.shared.answers import read_day
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.rendering import page
from booking.country.core.audit import BrokenChainError
from booking.country.core.core import Core
from booking.country.core.key_check import secret_fits
from booking.country.core.security import By
from booking.country.export.reidentify import reidentify
from booking.desk.telephone.connected import last_calls
from booking.operations.health.queues import Room, list_queues, list_runs, read_draws, read_room, read_versions
from booking.operations.worker.views import list_failed
from booking.people.staff.views import Search, search_audit, verify_audit
from booking.platform.base.errors import FieldError, InvalidInputError, SessionsUnavailableError
from booking.platform.base.fields import known_username
from booking.platform.base.references import read_reference
from booking.scheduling.draws.views import list_missing_audits
from booking.transparency.log.views import show_log

router = APIRouter(prefix="/admin")


@router.get("")
def overview(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """Show health, and lead on."""
    return _overview(request, core)


@router.get("/audit/check")
def verify(request: Request, _auditor: AuditorDep, core: CoreDep) -> Response:
    """Check the whole audit log."""
    verified, broken = None, ""
    try:
        verified = verify_audit(core)
    except BrokenChainError as error:
        broken = str(error)
    return _overview(request, core, verified=verified, broken=broken)


@router.get("/audit")
def search_form(request: Request, _auditor: AuditorDep) -> Response:
    """Ask what to look for; nothing is shown unasked, for each look is on record."""
    return form_page(request, "admin/audit.html", found=None)


@router.post("/audit")
def search_post(request: Request, form: PostedDep, auditor: AuditorDep, core: CoreDep) -> Response:
    """Show what was found. A form, not an address: names stay out of logs and histories."""
    try:
        found = search_audit(core, by=auditor.account_id, search=_search(form))
    except FieldError as error:
        return form_page(request, "admin/audit.html", form, error, found=None)
    return form_page(request, "admin/audit.html", form, found=found, zone=core.pack.country.time_zone)


@router.get("/re-identify")
def reidentify_form(request: Request, _administrator: IdentifierDep) -> Response:
    """Ask which case, and why."""
    return form_page(request, "admin/reidentify.html", found=None)


@router.post("/re-identify")
def reidentify_post(request: Request, form: PostedDep, administrator: IdentifierDep, core: CoreDep) -> Response:
    """Show whose case it is. A form, not an address: names stay out of logs and histories."""
    require_fresh_proof(core, administrator, form)
    try:
        found = reidentify(core, by=administrator.account_id, case=form.text("case"), reason=form.text("reason"))
    except InvalidInputError as error:
        return form_page(request, "admin/reidentify.html", form, error, found=None)
    return form_page(request, "admin/reidentify.html", found=found)


def _overview(request: Request, core: Core, *, verified: int | None = None, broken: str = "") -> Response:
    words, zone, now = words_of(request), core.pack.country.time_zone, core.clock.now()
    worker, rows = worker_of(core), Rows(words, zone, now)
    known = worker is not None  # the database answers
    versions = read_versions(core) if known else None
    return page(
        request,
        "admin/overview.html",
        guards=guards_of_converter(),
        unnamed_proxy=proxy_not_trusted(request),
        register=core.register_calls.state,
        log=show_log(core) if known else None,
        checks=checks(core) | {"secret": secret_fits(core.sessions, core.vault)},
        worker=worker,
        failed=list_failed(core) if known else [],
        missing_audits=list_missing_audits(core) if known else [],
        runs=list_runs(core) if known else [],
        queues=list(rows.queues(list_queues(core))) if known else [],
        draws=list(rows.draws(read_draws(core))) if known else [],
        machine=list(
            rows.machine(core.settings, _room(core), versions.database_bytes if versions else None, core.files.state)
        ),
        telephone=list(rows.telephone(core.settings, _last_calls(core))),
        versions=list(rows.versions(versions)) if versions else [],
        together=request.app.state.answers.read(),
        job_words=JOBS,
        zone=zone,
        verified=verified,
        broken=broken,
    )


def _last_calls(core: Core) -> Mapping[By, datetime] | None:
    """Return when phones called last; None where that cannot be read."""
    with suppress(SessionsUnavailableError):
        return last_calls(core)
    return None


def _room(core: Core) -> Room | None:
    with suppress(OSError):
        return read_room(core.settings)
    return None


def _search(form: Form) -> Search:
    on, before = read_day("day", form.text("day")), form.numbers("before")
    subject = form.text("subject").strip()
    with suppress(FieldError):  # an id is not a reference, and is looked for as it is
        subject = read_reference(subject)
    return Search(
        actor=known_username(form.text("actor")),
        action=form.text("action").strip(),
        subject=subject,
        day=on,
        before=before[0] if before else None,
    )
