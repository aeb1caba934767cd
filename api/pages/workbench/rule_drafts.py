"""Pages on which analysts write rules: checked as they type, kept whatever is wrong, proposed when sound."""

import difflib

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.incoming.bodies import RULES, reads
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.workbench.reading import DraftDep, action_of, period_of, studies_of, version_of
from api.pages.workbench.rule_words import change_sentence, fault_sentence
from booking.antifraud.gate.drafts import RULE_DRAFTS, begin_draft, drop_draft, propose_draft, save_draft
from booking.antifraud.gate.errors import DraftChangedError
from booking.antifraud.gate.studies import ask_backtest
from booking.antifraud.gate.versions import RULES as RULE_VERSIONS
from booking.antifraud.gate.versions import rules_source
from booking.country.core.core import Core
from booking.country.versions.drafts import DraftView, read_draft
from booking.country.versions.steps import read_versions
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.models import RuleDraft
from fraud.facts import SCHEMA
from fraud.rules.changes import changes
from fraud.rules.rule_set import RuleError, find_faults, parse_rules

router = APIRouter(prefix="/analyst/rules")


@reads(RULES)
async def rules_form() -> None:
    """Let the form of a route be as long as rules may be."""


@router.post("/check", dependencies=[Depends(rules_form)])
def check(form: PostedDep, _analyst: AnalystDep, words: WordsDep) -> JSONResponse:
    """Show what is wrong with a text of rules, for the editor while somebody types; nothing is kept."""
    faults = find_faults(form.text("source"))
    return JSONResponse(
        {
            "faults": [
                {"line": fault.line, "column": fault.column, "text": fault_sentence(fault, words)} for fault in faults
            ],
            "sound": words.gettext("The rules are sound."),
        }
    )


@router.post("/drafts")
def begin(form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Begin a draft from a version, or an empty one."""
    typed = form.text("based_on")
    based_on = version_of(typed) if typed else None
    title = (
        words.gettext("New rules")
        if based_on is None
        else words.gettext("Copy of version %(version)s") % {"version": words.number(based_on)}
    )
    draft_id = begin_draft(core, by=analyst.account_id, title=title, based_on=based_on)
    return RedirectResponse(f"/analyst/rules/drafts/{draft_id}", 303)


@router.get("/drafts/{draft_id}")
def edit(request: Request, draft_id: DraftDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a draft in the editor."""
    return _editor(request, core, words, read_draft(core, RULE_DRAFTS, draft_id))


@router.post("/drafts/{draft_id}", dependencies=[Depends(rules_form)])
def change(
    request: Request, draft_id: DraftDep, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """Save a draft, propose it, or throw it away; whatever is refused, what was typed stays on the page."""
    action = action_of(form, "save", "try", "propose", "drop")
    by, revision = analyst.account_id, form.number("revision")
    typed = {"title": form.text("title"), "source": form.text("source")}
    try:
        if action == "drop":
            drop_draft(core, by=by, draft_id=draft_id, revision=revision)
            return RedirectResponse("/analyst/rules", 303)
        if action == "propose":
            version = propose_draft(
                core, by=by, draft_id=draft_id, revision=revision, reason=form.text("reason"), **typed
            )
            return RedirectResponse(f"/analyst/rules/{version}", 303)
        first, last = period_of(form)
        save_draft(core, by=by, draft_id=draft_id, revision=revision, **typed)
        if action == "try":
            study_id = ask_backtest(core, by=by, draft_id=draft_id, first=first, last=last)
            return RedirectResponse(f"/analyst/studies/{study_id}", 303)
    except RuleError:  # it is saved, and cannot be tried yet
        error = InvalidInputError([FieldError("source", "faulty_rules")])
        draft = read_draft(core, RULE_DRAFTS, draft_id)
        return _editor(request, core, words, draft, form, error, revision=draft.row.revision)
    except MawidError as error:
        return _editor(request, core, words, read_draft(core, RULE_DRAFTS, draft_id), form, error)
    return RedirectResponse(f"/analyst/rules/drafts/{draft_id}#source", 303)


def _editor(
    request: Request,
    core: Core,
    words: Words,
    draft: DraftView[RuleDraft],
    typed: Form | None = None,
    error: MawidError | None = None,
    revision: int | None = None,
) -> Response:
    source = draft.row.source if typed is None else typed.text("source")
    faults = find_faults(source)
    conflict = isinstance(error, DraftChangedError)
    versions = read_versions(core, RULE_VERSIONS)
    against = draft.row.based_on or (versions.active.row.version if versions.active else None)
    if revision is None and isinstance(error, InvalidInputError) and typed is not None:
        read = typed.text("revision")  # the analyst who corrects it saves over what they read
    else:
        read = str(draft.row.revision)
    return form_page(
        request,
        "workbench/rule_draft.html",
        typed or {"title": draft.row.title, "source": draft.row.source},
        error,
        draft=draft,
        revision=read,
        faults=[(fault.line, fault_sentence(fault, words)) for fault in faults],
        marked=_marked(source, {fault.line for fault in faults}),
        theirs=_text_difference(draft.row.source, source) if conflict else None,
        against=against,
        differences=None if against is None or faults else differences(rules_source(core, against), source, words),
        facts=SCHEMA,
        studies=studies_of(core, draft=str(draft.row.id)),
        zone=core.pack.country.time_zone,
    )


def differences(before: str, after: str, words: Words) -> list[str] | None:
    """Return what differs between two texts of rules; None where one of them cannot be read."""
    try:
        return [change_sentence(change, words) for change in changes(parse_rules(before), parse_rules(after))]
    except RuleError:
        return None


def _marked(source: str, lines: set[int]) -> list[tuple[int, str, bool]]:
    """Return the lines around each fault, numbered; a line with a fault is marked."""
    near = {line + step for line in lines for step in (-1, 0, 1)}
    return [(n, line, n in lines) for n, line in enumerate(source.split("\n"), start=1) if n in near]


def _text_difference(theirs: str, mine: str) -> list[str]:
    return list(difflib.unified_diff(theirs.splitlines(), mine.splitlines(), lineterm="", n=2))[2:]
