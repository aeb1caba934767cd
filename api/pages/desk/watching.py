"""How officers decide urgent cases: for supervisors by colleague, office, reason and helper; for officers their own."""

import csv
import io
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, UrgentOfficerDep, WatcherDep, WordsDep
from api.i18n import Words
from api.pages.desk.decided import decided
from api.pages.desk.funnel_drawing import HEIGHT, WIDTH, draw_funnel
from api.pages.shared.answers import read_day
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import TakingOutDep
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from booking.antifraud.watching.cases import answer, list_questions, look_at_question
from booking.antifraud.watching.limits import By, spread
from booking.antifraud.watching.views import Period, own_figures, period, watch
from booking.country.catalogue.views import list_offices
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError

router = APIRouter(prefix="/desk/watch")

COLUMNS: Final = ("name", "decided", "approved", "share", "standing", "median_seconds", "ninetieth_percentile_seconds")


@router.get("")
def approvals(
    *,
    request: Request,
    officer: WatcherDep,
    core: CoreDep,
    words: WordsDep,
    by: str = "",
    first: str = "",
    last: str = "",
) -> Response:
    """Show a funnel plot of approvals with its table."""
    chosen, error = _period(core, first, last)
    seen = watch(core, officer_id=officer.account_id, by=_by(by), period=chosen)
    return form_page(
        request,
        "desk/watching.html",
        _typed(chosen),
        error,
        seen=seen,
        names=_names(core, words, seen.by, [one.key for one in seen.lines], [one.name for one in seen.lines]),
        questions=list_questions(core, officer_id=officer.account_id),
        zone=core.pack.country.time_zone,
        funnel=draw_funnel(seen.lines, seen.peers, seen.totals) if seen.totals.decided else None,
        width=WIDTH,
        height=HEIGHT,
    )


@router.get("/figures.csv")
def download(
    *, officer: WatcherDep, _fresh: TakingOutDep, core: CoreDep, by: str = "", first: str = "", last: str = ""
) -> Response:
    """Return the same table as a file."""
    chosen, error = _period(core, first, last)
    if error is not None:
        raise error
    seen = watch(core, officer_id=officer.account_id, by=_by(by), period=chosen, downloaded=True)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((seen.by.value, *COLUMNS[1:]))
    for one in seen.lines:
        share, standing = f"{one.share:.4f}", one.standing(seen.totals.share).value
        writer.writerow((one.name, one.decided, one.approved, share, standing, round(one.median), round(one.ninetieth)))
    name = f"approvals-by-{seen.by.value}-{chosen.first}-{chosen.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/me")
def mine(*, request: Request, officer: UrgentOfficerDep, core: CoreDep, first: str = "", last: str = "") -> Response:
    """Show an officer's own figures among those of all others, who have no names here."""
    chosen, error = _period(core, first, last)
    seen = own_figures(core, officer_id=officer.account_id, period=chosen)
    own = [] if seen.mine is None else [seen.mine]
    return form_page(
        request,
        "desk/watching_me.html",
        _typed(chosen),
        error,
        seen=seen,
        spread=spread(seen.peers),
        funnel=draw_funnel(own, seen.peers, seen.totals) if own and seen.peers else None,
        width=WIDTH,
        height=HEIGHT,
    )


@router.get("/cases/{reference}")
def question(
    request: Request, reference: ReferenceDep, officer: WatcherDep, core: CoreDep, words: WordsDep
) -> Response:
    """Show a question about approvals, open or answered."""
    return _question_page(request, core, words, officer.account_id, reference)


@router.post("/cases/{reference}")
def answer_question(
    request: Request, reference: ReferenceDep, form: PostedDep, officer: WatcherDep, core: CoreDep, words: WordsDep
) -> Response:
    """Keep the answer."""
    with show_again(lambda error: _question_page(request, core, words, officer.account_id, reference, form, error)):
        answer(core, officer_id=officer.account_id, reference=reference, **decided(form))
    return told(core.settings, "/desk/watch", "case-answered")


def _by(text: str) -> By:
    return By(text) if text in set(By) else By.OFFICER


def _period(core: Core, first: str, last: str) -> tuple[Period, MawidError | None]:
    """Read the days; where they cannot be used, say so beside the usual ones."""
    try:
        return period(core, read_day("first", first), read_day("last", last)), None
    except FieldError as error:
        return period(core, None, None), InvalidInputError([error])
    except InvalidInputError as error:
        return period(core, None, None), error


def _typed(chosen: Period) -> dict[str, str]:
    return {"first": chosen.first.isoformat(), "last": chosen.last.isoformat()}


def _names(core: Core, words: Words, by: By, keys: list[str], otherwise: list[str]) -> list[str]:
    """Return the names of lines: offices and reasons in the page's language."""
    names: dict[str, str] = {}
    if by is By.OFFICE:
        names = {one.code: words.pick(one.name_ar, one.name_en) for one in list_offices(core)}
    elif by is By.REASON:
        names = {one.code: words.said(one.name) for one in core.pack.urgent_reasons}
    return [names.get(key, name) for key, name in zip(keys, otherwise, strict=True)]


def _question_page(
    request: Request,
    core: Core,
    words: Words,
    officer_id: UUID,
    reference: str,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    question = look_at_question(core, officer_id=officer_id, reference=reference)
    by = question.case.evidence.get("by", By.OFFICER)
    [who] = _names(core, words, By(by), [question.who], [question.who])
    zone = core.pack.country.time_zone
    return form_page(request, "desk/watching_case.html", form, error, question=question, who=who, zone=zone)
