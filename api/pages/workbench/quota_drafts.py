"""Pages on a draft of quotas: which row holds for each office, what differs, and what can be done with the draft."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.workbench.quota_rows import weekday_of
from api.pages.workbench.quota_words import Places, change_sentences, pool_name, value_words
from api.pages.workbench.reading import DraftDep, action_of, reason_of, version_of
from booking.country.core.core import Core
from booking.country.policy.quota_table import ORDER, WEEKDAYS, Level, OfficeRef, QuotaTable, Scope
from booking.country.versions.steps import read_versions
from booking.platform.base.errors import MawidError, NotFoundError
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.drafts import row_changes
from booking.scheduling.quotas.versions import QUOTAS, propose
from booking.scheduling.quotas.views import OfficeDays, QuotaDraftView, day_split, office_days, read_draft, read_table

router = APIRouter(prefix="/analyst/quotas/drafts")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the editor: whose row it is, where its values come from, and what they mean on a coming day."""

    scope: Scope
    name: str
    values: list[str]
    inherited_from: str | None
    day: object
    places: list[str]


@router.post("")
def begin(form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Begin a draft from a version; the one that decides where none is named."""
    base = version_of(form.text("based_on")) if form.text("based_on") else None
    title = words.gettext("Draft of %(day)s") % {"day": words.short_day(core.today())}
    draft_id = drafts.begin(core, title=title, by=analyst.account_id, base=base)
    return RedirectResponse(f"/analyst/quotas/drafts/{draft_id}", 303)


@router.get("/{draft_id}")
def edit(request: Request, draft_id: DraftDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a draft; the days and offices to be seen stand in the address."""
    return _editor(request, core, words, read_draft(core, draft_id))


@router.post("/{draft_id}")
def act(
    request: Request, draft_id: DraftDep, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Propose a draft as a version, or throw it away."""
    action = action_of(form, "propose", "drop")
    by, revision = analyst.account_id, form.number("revision")
    try:
        if action == "drop":
            drafts.drop(core, draft_id=draft_id, revision=revision, by=by)
            return RedirectResponse("/analyst/quotas", 303)
        version = propose(core, draft_id=draft_id, revision=revision, by=by, reason=reason_of(form))
    except MawidError as error:
        return _editor(request, core, words, read_draft(core, draft_id), form, error)
    return RedirectResponse(f"/analyst/quotas/{version}", 303)


def _editor(
    request: Request,
    core: Core,
    words: Words,
    draft: QuotaDraftView,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    wanted = as_form(dict(request.query_params))
    weekday, offices = weekday_of(wanted.text("day")), office_days(core)
    where = wanted.text("where") or offices[0].ref.kind
    places = Places([one.office for one in offices], words)
    active = read_versions(core, QUOTAS).active
    against = draft.row.based_on if active is None else active.row.version
    return form_page(
        request,
        "workbench/quota_draft.html",
        form,
        error,
        draft=draft,
        lines=_lines(draft.table, offices, places, weekday, where),
        pools=[pool_name(pool, words) for pool in ORDER],
        day=wanted.text("day"),
        saved=wanted.text("saved"),
        where=where,
        days=[(str(number), words.weekday(number)) for number in _open_weekdays(offices)],
        wheres=_wheres(offices, places),
        against=against,
        differences=change_sentences(row_changes(read_table(core, against), draft.table), places),
        zone=core.pack.country.time_zone,
    )


def _lines(
    table: QuotaTable, offices: list[OfficeDays], places: Places, weekday: int | None, where: str
) -> list[tuple[Line, list[Line]]]:
    """Return a line for each kind and region with those of its offices under it, in the order of the offices."""
    groups: dict[Scope, tuple[OfficeDays, list[Line]]] = {}
    for one in offices:
        ref = one.ref
        if where not in {ref.kind, ref.region}:
            continue
        groups.setdefault(Scope(Level.KIND, ref.kind, weekday), (one, []))
        _, under = groups.setdefault(Scope(Level.REGION, ref.region, weekday), (one, []))
        under.append(_line(table, Scope(Level.OFFICE, ref.code, weekday), ref, places, one))
    if not groups:
        raise NotFoundError
    return [(_line(table, scope, first.ref, places, None), under) for scope, (first, under) in groups.items()]


def _line(table: QuotaTable, scope: Scope, ref: OfficeRef, places: Places, days: OfficeDays | None) -> Line:
    words, holds = places.words, table.holding(scope, ref)
    quota, example = table.rows[holds], days.example(scope.weekday) if days else None
    split = day_split(quota, example[1]) if example else {}
    return Line(
        scope=scope,
        name=places.name(scope),
        values=[value_words(quota, pool, words) for pool in ORDER],
        inherited_from=None if holds == scope else places.full(holds),
        day=example[0] if example else None,
        places=[words.number(split[pool]) for pool in ORDER] if split else [],
    )


def _open_weekdays(offices: list[OfficeDays]) -> list[int]:
    """List the weekdays on which some office is open, as a week runs in the country."""
    found = {day.weekday() for one in offices for day in one.units}
    return sorted(found, key=lambda day: (day + 1) % len(WEEKDAYS))


def _wheres(offices: list[OfficeDays], places: Places) -> list[tuple[str, str]]:
    codes = dict.fromkeys((one.ref.region, one.ref.kind) for one in offices)
    kinds = dict.fromkeys(kind for _, kind in codes)
    return [
        *((kind, places.name(Scope(Level.KIND, kind))) for kind in kinds),
        *((region, places.name(Scope(Level.REGION, region))) for region, _ in codes),
    ]
