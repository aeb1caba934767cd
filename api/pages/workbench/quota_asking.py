"""Pages on which analysts ask what other quotas would have meant, or which would be better; a job works it out."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.references import id_of
from api.pages.workbench.reading import version_of
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.models.policies.policy import TrialKind
from booking.scheduling.quotas.trials import MOST_OFFERED, ask_trial, last_draws, list_trials, live_draws
from booking.scheduling.quotas.views import read_draft, read_table

router = APIRouter(prefix="/analyst/quotas")

MOST_POINTS: Final = 20
MOST_COUNTERS: Final = 20
GOALS: Final = ("most", "worst_wait")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be tried: a draft, a version, or (neither) what decides."""

    draft_id: UUID | None
    version: int | None
    title: str

    @property
    def named(self) -> dict[str, Any]:
        """Return it as `booking.scheduling.quotas.trials` takes it."""
        return {"draft_id": self.draft_id, "version": self.version}


def subject_of(form: Form, core: Core, words: Words) -> Subject:
    """Read what is to be tried; raises NotFoundError."""
    if form.text("draft"):
        draft_id = id_of(form.text("draft"))
        return Subject(draft_id, None, read_draft(core, draft_id).row.title)
    if form.text("version"):
        version = version_of(form.text("version"))
        read_table(core, version)
        return Subject(None, version, words.gettext("Quotas, version %(version)s") % {"version": words.number(version)})
    return Subject(None, None, words.gettext("The active quotas"))


@router.get("/what-if")
def choose(request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show which draws a draft or a version can be tried on."""
    return _what_if(request, core, words, as_form(dict(request.query_params)))


@router.post("/what-if")
def what_if(request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Ask for a what-if."""
    subject = subject_of(form, core, words)
    try:
        chosen = {"draws": form.every("draws"), "forecast": form.text("forecast") == "yes"}
        return _asked(core, subject, TrialKind.WHAT_IF, analyst.account_id, **chosen)
    except MawidError as error:
        return _what_if(request, core, words, form, error)


@router.get("/suggestions")
def choose_goal(request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show what suggestions can aim at."""
    return _suggestions(request, core, words, as_form(dict(request.query_params)))


@router.post("/suggestions")
def suggest(request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Ask for suggestions."""
    subject = subject_of(form, core, words)
    try:
        chosen = {"draws": form.every("draws") or None, "options": _aims(form)}
        return _asked(core, subject, TrialKind.SUGGESTION, analyst.account_id, **chosen)
    except MawidError as error:
        return _suggestions(request, core, words, form, error)


def _asked(core: Core, subject: Subject, kind: TrialKind, by: UUID, **chosen: Any) -> Response:
    """Ask for a trial and lead to its page."""
    trial_id = ask_trial(core, kind=kind, by=by, **subject.named, **chosen)
    return RedirectResponse(f"/analyst/quotas/trials/{trial_id}", 303)


def _aims(form: Form) -> dict[str, Any]:
    errors: list[FieldError] = []
    if form.text("goal") not in GOALS:
        errors.append(FieldError("goal", "choose_one"))
    found = {name: form.number(name, -1) for name in ("points", "counters")}
    for name, most in (("points", MOST_POINTS), ("counters", MOST_COUNTERS)):
        if not 0 <= found[name] <= most:
            errors.append(FieldError(name, "not_so_many", most=most))
    if errors:
        raise InvalidInputError(errors)
    return {"goal": form.text("goal"), **found}


def _what_if(request: Request, core: Core, words: Words, form: Form, error: MawidError | None = None) -> Response:
    with core.sessions() as session:
        known = last_draws(session, MOST_OFFERED)
    first = {"draws": [known[0].reference]} if known else {"forecast": "yes"}
    typed = form if error is not None else Form({**form.fields, **as_form(first).fields})
    return _page(request, core, words, "workbench/quota_what_if.html", typed, form, error)


def _suggestions(request: Request, core: Core, words: Words, form: Form, error: MawidError | None = None) -> Response:
    usual = as_form({"goal": GOALS[0], "points": 10, "counters": 4})
    typed = form if error is not None else Form({**form.fields, **usual.fields})
    return _page(request, core, words, "workbench/quota_suggestions.html", typed, form, error)


def _page(
    request: Request, core: Core, words: Words, template: str, typed: Form, form: Form, error: MawidError | None
) -> Response:
    subject = subject_of(form, core, words)
    with core.sessions() as session:
        known, live = last_draws(session, MOST_OFFERED), live_draws(session)
    return form_page(
        request,
        template,
        typed,
        error,
        subject=subject,
        draws=known,
        live=live,
        trials=list_trials(core, **subject.named),
        zone=core.pack.country.time_zone,
    )
