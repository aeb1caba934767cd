"""Pages on a what-if or a suggestion: how far it is, how to end it, what it found, and a draft made of it."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.charts.what_if import Pair, side_by_side
from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import N_, Words
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.fresh_proof import TakingOutDep
from api.pages.workbench.quota_tables import group_table, records, served_shares, summary_table, value_name
from api.pages.workbench.reading import TrialDep, action_of
from api.pages.workbench.study_tables import TRAITS, Say
from api.pages.workbench.tables import csv_of, names_of, note_table
from booking.country.core.core import Core
from booking.country.policy.quota_table import QuotaTable
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.models.policies.policy import QuotaTrial, TrialKind, TrialState
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.trials import cancel_trial, read_trial
from booking.scheduling.quotas.views import read_draft

router = APIRouter(prefix="/analyst/quotas/trials")

MOST_BARS: Final = 12
_IN_DRAW: Final = N_("Who got an appointment in draw %(draw)s: %(trait)s")
_IN_NEXT: Final = N_("Who would get an appointment in the next draw: %(trait)s")
GROUPS: Final = ("office", "service", "residence", "age")


@router.get("/{trial_id}")
def look(request: Request, trial_id: TrialDep, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
    """Show a trial; its address stays the same for ever."""
    return _show(request, core, words, trial_id)


@router.post("/{trial_id}")
def act(
    request: Request, trial_id: TrialDep, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
) -> Response:
    """End a trial that runs, or make a draft of what it suggests."""
    action = action_of(form, "draft", "stop")
    try:
        if action == "draft":
            draft_id = _draft_of(core, words, read_trial(core, trial_id).row, analyst.account_id)
            return RedirectResponse(f"/analyst/quotas/drafts/{draft_id}", 303)
        cancel_trial(core, trial_id=trial_id, by=analyst.account_id)
    except MawidError as error:
        return _show(request, core, words, trial_id, error)
    return RedirectResponse(f"/analyst/quotas/trials/{trial_id}", 303)


@router.get("/{trial_id}/{table}.csv")
def download(trial_id: TrialDep, table: str, analyst: AnalystDep, _fresh: TakingOutDep, core: CoreDep) -> Response:
    """Return the result of a trial as CSV."""
    row = read_trial(core, trial_id).row
    if row.result is None:
        raise NotFoundError
    what_if = row.kind is TrialKind.WHAT_IF
    if table not in (("outcome",) if what_if else ("moves", "shadow")):
        raise NotFoundError
    rows = records(row.result) if what_if else row.result[table]
    note_table(core, analyst, f"trial {trial_id}", rows, table=table)
    return csv_of(rows, table, line_end="\n")


def _draft_of(core: Core, words: Words, row: QuotaTrial, by: UUID) -> UUID:
    """Begin a draft with the suggested quotas; raises NotFoundError where none are suggested."""
    if row.result is None or not row.result.get("changes_quotas"):
        raise NotFoundError
    table = QuotaTable.read(row.result["table"]["shares"], row.result["table"]["overrides"])
    title = words.gettext("Suggested from draw %(draw)s") % {"draw": row.result["reference"]}
    return drafts.begin(core, title=title, by=by, table=table)


def _show(request: Request, core: Core, words: Words, trial_id: UUID, error: MawidError | None = None) -> Response:
    trial = read_trial(core, trial_id)
    row, say = trial.row, Say(words, names_of(core, words))
    what_if = row.kind is TrialKind.WHAT_IF
    draws: list[dict[str, Any]] = []
    if row.state is TrialState.DONE and row.result is not None and what_if:
        draws = [_seen(number, draw, say) for number, draw in enumerate(row.result["draws"])]
    return form_page(
        request,
        "workbench/quota_outcome.html" if what_if else "workbench/quota_suggested.html",
        None,
        error,
        trial=trial,
        row=row,
        result=row.result,
        draws=draws,
        draft=None if row.draft_id is None else read_draft(core, row.draft_id).row,
        say=say,
        zone=core.pack.country.time_zone,
    )


def _seen(number: int, draw: dict[str, Any], say: Say) -> dict[str, Any]:
    """Return what the page shows of one draw: the summary, and a chart with its table for each trait."""
    if "today" not in draw:
        return {**draw, "number": number}
    charts = []
    for group in [one for one in GROUPS if one in draw["today"]["groups"]]:
        rows = served_shares(draw, group)
        pairs = [
            Pair(
                value_name(value, say),
                today / asked,
                tried / asked,
                *(say(N_("%(served)s of %(asked)s"), served=one, asked=asked) for one in (today, tried)),
            )
            for value, asked, today, tried in rows[:MOST_BARS]
        ]
        figure = side_by_side(
            pairs,
            title=say(_IN_DRAW if draw["reference"] else _IN_NEXT, draw=draw["reference"], trait=say.of(TRAITS, group)),
            summary=say(N_("People who got an appointment, of those who asked. What changes most comes first.")),
            words=say.words,
        )
        left_out = max(draw[side]["groups"][group]["left_out"] for side in ("today", "draft"))
        charts.append((f"{group}-{number}", figure, *group_table(draw, group, say), left_out))
    first, last = (say.words.short_day(date.fromisoformat(draw[name])) for name in ("first", "last"))
    seen = {"number": number, "first": first, "last": last, "same": draw["today"] == draw["draft"]}
    return {**draw, **seen, "summary": summary_table(draw, say), "charts": charts}
