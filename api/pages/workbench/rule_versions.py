"""Pages on the versions of rules: who proposed what and why, what differs, and the steps of their life."""

import difflib

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from api.pages.workbench.reading import period_of, reason_of, studies_of, take_step, version_of
from api.pages.workbench.rule_drafts import differences
from api.pages.workbench.study_words import Say
from booking.base.errors import MawidError
from booking.core.core import Core
from booking.gate.drafts import list_drafts
from booking.gate.evidence import read_evidence
from booking.gate.studies import ask_backtest, ask_shadow
from booking.gate.versions import roll_back
from booking.gate.views import read_steps, read_versions, rules_source
from fraud.facts import BY_NAME
from fraud.rules.changes import facts_of
from fraud.rules.rule_set import RuleError, RuleSet, parse_rules

router = APIRouter(prefix="/analyst/rules")


@router.get("")
def versions(request: Request, _analyst: AnalystDep, core: CoreDep) -> Response:
    """List the versions and the drafts."""
    return _list(request, core)


@router.post("")
def back(request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep) -> Response:
    """Bring back, in one step, what decided before."""
    try:
        version = roll_back(core, kind="rules", by=analyst.account_id, reason=reason_of(form))
    except MawidError as error:
        return _list(request, core, form, error)
    return RedirectResponse(f"/analyst/rules/{version}", 303)


@router.get("/{version}")
def look(request: Request, version: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a version."""
    return _show(request, core, words, version_of(version))


@router.post("/{version}")
def move(
    request: Request, version: str, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Start or end a version's shadow, activate it, or give it up."""
    number = version_of(version)
    try:
        if form.text("action") == "try":
            first, last = period_of(form)
            study_id = ask_backtest(core, by=analyst.account_id, version=number, first=first, last=last)
            return RedirectResponse(f"/analyst/studies/{study_id}", 303)
        if form.text("action") == "look":
            return RedirectResponse(f"/analyst/studies/{ask_shadow(core, by=analyst.account_id)}", 303)
        take_step(
            core,
            form.text("action"),
            kind="rules",
            version=number,
            by=analyst.account_id,
            reason=reason_of(form),
            without_backtest=form.text("untested") == "yes",
        )
    except RuleError:  # written for other facts
        return _show(request, core, words, number)
    except MawidError as error:
        return _show(request, core, words, number, form, error)
    return RedirectResponse(f"/analyst/rules/{number}", 303)


@router.get("/{version}/against/{other}")
def compare(
    request: Request, version: str, other: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Say what differs between two versions, in words and as texts."""
    before, after = rules_source(core, version_of(other)), rules_source(core, version_of(version))
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
    return page(
        request,
        "workbench/rule_difference.html",
        before=version_of(other),
        after=version_of(version),
        differences=differences(before, after, words),
        lines=lines,
    )


def _list(request: Request, core: Core, form: Form | None = None, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "workbench/rules.html",
        form,
        error,
        versions=read_versions(core, "rules"),
        drafts=list_drafts(core),
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
    found = read_versions(core, "rules")
    line, source = found.line(version), rules_source(core, version)
    rules = _read(source)
    against = found.active.row.version if found.active and not line.row.active else None
    return form_page(
        request,
        "workbench/rule_version.html",
        form,
        error,
        line=line,
        source=source,
        rules=rules,
        facts=[BY_NAME[name] for name in facts_of(rules.rules)] if rules else [],
        steps=read_steps(core, "rules", version),
        against=against,
        differences=None if against is None else differences(rules_source(core, against), source, words),
        studies=studies_of(core, version=version, draft=None),
        evidence=read_evidence(core, version),
        say=Say(words, {}),
        zone=core.pack.country.time_zone,
    )


def _read(source: str) -> RuleSet | None:
    """Read the rules; None where this version of Mawid knows other facts than the one that kept them."""
    try:
        return parse_rules(source)
    except RuleError:
        return None
