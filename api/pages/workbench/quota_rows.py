"""Pages on one row of a draft of quotas: checked while typed, split for a coming day, saved or inherited again."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.workbench.quota_words import Places, pool_name, quota_words
from api.pages.workbench.reading import DraftDep, action_of
from api.problems.fields import field_sentence
from booking.country.core.core import Core
from booking.country.policy.quota_table import ORDER, WEEKDAYS, Level, Quota, QuotaTable, Scope, inherited
from booking.platform.base.errors import InvalidInputError, MawidError, NotFoundError
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.drafts import as_typed, read_quota
from booking.scheduling.quotas.errors import DraftChangedError
from booking.scheduling.quotas.views import OfficeDays, day_split, office_days, read_draft

router = APIRouter(prefix="/analyst/quotas")


def weekday_of(text: str) -> int | None:
    """Read the number of a weekday in an address, "" for every day; raises NotFoundError."""
    if text and text not in {str(day) for day in WEEKDAYS}:
        raise NotFoundError
    return int(text) if text else None


def scope_of(scope: str) -> Scope:
    """Read whose row it is in an address; raises NotFoundError."""
    try:
        return Scope.parse(scope)
    except ValueError:
        raise NotFoundError from None


ScopeDep = Annotated[Scope, Depends(scope_of)]


@router.post("/check")
def check(form: PostedDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> JSONResponse:
    """Show what is wrong with a row while somebody types, or how it splits a day; nothing is kept."""
    covered = _covered(office_days(core), scope_of(form.text("scope")))
    try:
        quota = _typed(form)
    except InvalidInputError as error:
        faults = {one.field: field_sentence(one.field, one.reason, one.values, words) for one in error.errors}
        return JSONResponse({"faults": faults, "split": []})
    split = _split(quota, covered, scope_of(form.text("scope")), words)
    return JSONResponse({"faults": {}, "split": split["places"] if split else []})


@router.get("/drafts/{draft_id}/rows/{scope}")
def edit(
    request: Request, draft_id: DraftDep, scope: ScopeDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Show a row of a draft, its own or the one that it inherits."""
    return _editor(request, core, words, draft_id, scope)


@router.post("/drafts/{draft_id}/rows/{scope}")
def change(
    request: Request,
    draft_id: DraftDep,
    scope: ScopeDep,
    form: PostedDep,
    analyst: AnalystDep,
    core: CoreDep,
    words: WordsDep,
) -> Response:
    """Save a row, let it inherit again, or show how it would split a day; what is refused stays on the page."""
    action = action_of(form, "save", "inherit", "look")
    _covered(office_days(core), scope)
    revision = form.number("revision")
    try:
        quota = None if action == "inherit" else _typed(form)
        if action == "look":
            return _editor(request, core, words, draft_id, scope, form)
        drafts.set_row(core, draft_id=draft_id, revision=revision, scope=scope, quota=quota, by=analyst.account_id)
    except MawidError as error:
        return _editor(request, core, words, draft_id, scope, form, error)
    day = "" if scope.weekday is None else scope.weekday
    return RedirectResponse(f"/analyst/quotas/drafts/{draft_id}?day={day}&saved={scope}#{scope}", 303)


def _typed(form: Form) -> Quota:
    return read_quota(form.text("unit"), {pool.value: form.text(pool.value) for pool in ORDER})


def _editor(
    request: Request,
    core: Core,
    words: Words,
    draft_id: UUID,
    scope: Scope,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    draft, covered = read_draft(core, draft_id), _covered(office_days(core), scope)
    places = Places([one.office for one in covered], words)
    holds = draft.table.holding(scope, covered[0].ref)
    quota = draft.table.rows[holds]
    if form is None:
        shown: Quota | None = quota
    else:
        try:
            shown = _typed(form)
        except InvalidInputError:
            shown = None
    conflict = isinstance(error, DraftChangedError)
    corrects = form is not None and isinstance(error, InvalidInputError)  # saves over what was read
    return form_page(
        request,
        "workbench/quota_row.html",
        form or {"unit": quota.unit.value, **as_typed(quota)},
        error,
        draft=draft,
        revision=form.text("revision") if form is not None and (corrects or error is None) else draft.row.revision,
        scope=scope,
        name=places.full(scope),
        inherited_from=None if holds == scope else places.full(holds),
        inherits=None if _is_last(scope) else _parent(draft.table.rows, scope, covered[0], places),
        pools=[(pool.value, pool_name(pool, words)) for pool in ORDER],
        split=_split(shown, covered, scope, words) if shown else None,
        offices=len(covered),
        nearer=_nearer(draft.table, covered, scope, places),
        theirs=quota_words(quota, words) if conflict else None,
        yours=quota_words(shown, words) if conflict and shown else None,
        zone=core.pack.country.time_zone,
    )


def _is_last(scope: Scope) -> bool:
    return scope.level is Level.KIND and scope.weekday is None


def _parent(rows: Mapping[Scope, Quota], scope: Scope, one: OfficeDays, places: Places) -> str:
    """Return the name of the row that would hold if this one were taken away."""
    return next(places.full(parent) for parent in inherited(scope, one.ref)[1:] if parent in rows)


def _nearer(table: QuotaTable, covered: list[OfficeDays], scope: Scope, places: Places) -> list[str]:
    """Return the offices for which this row does not hold, since a nearer one does."""
    above = inherited(scope, covered[0].ref)
    return [
        places.name(Scope(Level.OFFICE, one.ref.code))
        for one in covered
        if table.scope_of(one.ref, scope.weekday) not in above
    ]


def _covered(offices: list[OfficeDays], scope: Scope) -> list[OfficeDays]:
    """Return the offices that a row may hold for; raises NotFoundError where there is none."""
    found = [
        one
        for one in offices
        if scope.code
        == {Level.KIND: one.ref.kind, Level.REGION: one.ref.region, Level.OFFICE: one.ref.code}[scope.level]
    ]
    if not found:
        raise NotFoundError
    return found


def _split(quota: Quota, covered: list[OfficeDays], scope: Scope, words: Words) -> dict[str, Any] | None:
    """Split the next day of the largest office that the row may hold for; None where none is open."""
    days = [(one, day) for one in covered if (day := one.example(scope.weekday))]
    if not days:
        return None
    one, (first, units) = max(days, key=lambda each: (each[1][1], -each[0].office.id))
    split = day_split(quota, units)
    return {
        "office": one.office,
        "day": first,
        "units": units,
        "places": [[pool.value, pool_name(pool, words), words.number(split[pool])] for pool in ORDER],
    }
