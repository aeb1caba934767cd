"""Pages on the versions of quotas: what decides, who proposed and activated what, what differs, the way back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from api.pages.workbench.quota_words import Places, change_sentences, pool_name, value_words
from api.pages.workbench.reading import reason_of, version_of
from booking.base.errors import MawidError
from booking.catalogue import views as directory
from booking.core.core import Core
from booking.policy.quota_table import ORDER, QuotaTable
from booking.quotas import versions as steps
from booking.quotas.changes import in_order, row_changes
from booking.quotas.errors import StrandedPlacesError
from booking.quotas.trials import trials_of_shares
from booking.quotas.views import list_drafts, read_steps, read_table, read_versions

router = APIRouter(prefix="/analyst/quotas")


@router.get("")
def versions(request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """List the drafts and the versions."""
    return _list(request, core, words)


@router.post("")
def back(request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Bring back, in one step, what decided before."""
    try:
        done = steps.roll_back(core, by=analyst.account_id, keep_taken=_keeps(form), reason=reason_of(form))
    except MawidError as error:
        return _list(request, core, words, form, error)
    return RedirectResponse(f"/analyst/quotas/{done.version}", 303)


@router.get("/{version}")
def look(request: Request, version: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a version."""
    return _show(request, core, words, version_of(version))


@router.post("/{version}")
def move(
    request: Request, version: str, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Activate a version, give it up, or bring it back."""
    number, by = version_of(version), analyst.account_id
    try:
        reason, keep = reason_of(form), _keeps(form)
        action = form.text("action")
        if action == "activate":
            steps.activate(core, version=number, by=by, keep_taken=keep, reason=reason)
        elif action == "reject":
            steps.reject(core, version=number, by=by, reason=reason)
        elif action == "back":
            steps.roll_back(core, by=by, to=number, keep_taken=keep, reason=reason)
    except MawidError as error:
        return _show(request, core, words, number, form, error)
    return RedirectResponse(f"/analyst/quotas/{number}", 303)


@router.get("/{version}/against/{other}")
def compare(
    request: Request, version: str, other: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Say what differs between two versions."""
    before, after = version_of(other), version_of(version)
    return page(
        request,
        "workbench/quota_difference.html",
        before=before,
        after=after,
        differences=differences(core, words, read_table(core, before), read_table(core, after)),
    )


def differences(core: Core, words: Words, before: QuotaTable, after: QuotaTable) -> list[str]:
    """Say what differs between two tables, a sentence a row."""
    return change_sentences(row_changes(before, after), Places(directory.list_offices(core), words))


def rows_in_words(table: QuotaTable, places: Places) -> list[list[str]]:
    """Return every row of a table: whose it is, on which days, and each pool's value."""
    return [
        [
            places.name(scope),
            places.when(scope),
            *(value_words(table.rows[scope], pool, places.words) for pool in ORDER),
        ]
        for scope in sorted(table.rows, key=in_order)
    ]


def _keeps(form: Form) -> bool:
    return form.text("keep") == "yes"


def _list(
    request: Request, core: Core, words: Words, form: Form | None = None, error: MawidError | None = None
) -> Response:
    found = read_versions(core)
    active = found.active
    return form_page(
        request,
        "workbench/quotas.html",
        form,
        error,
        versions=found,
        drafts=list_drafts(core),
        rows=[]
        if active is None
        else rows_in_words(read_table(core, active.row.version), Places(directory.list_offices(core), words)),
        pools=[pool_name(pool, words) for pool in ORDER],
        stranded=_stranded(error),
        zone=core.pack.country.time_zone,
    )


def _show(
    request: Request,
    core: Core,
    words: Words,
    version: int,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    found = read_versions(core)
    line, table = found.line(version), read_table(core, version)
    against = found.active.row.version if found.active and not line.row.active else None
    places = Places(directory.list_offices(core), words)
    return form_page(
        request,
        "workbench/quota_version.html",
        form,
        error,
        line=line,
        steps=read_steps(core, version),
        trials=trials_of_shares(core, version),
        against=against,
        differences=None
        if against is None
        else change_sentences(row_changes(read_table(core, against), table), places),
        rows=rows_in_words(table, places),
        pools=[pool_name(pool, words) for pool in ORDER],
        stranded=_stranded(error),
        zone=core.pack.country.time_zone,
    )


def _stranded(error: MawidError | None) -> list[tuple[str, str, object, str, int, int]]:
    """Return the office-days of which more is taken than the policy would leave."""
    if not isinstance(error, StrandedPlacesError):
        return []
    return [(row.office_ar, row.office_en, row.day, row.pool.value, row.taken, row.places) for row in error.rows]
