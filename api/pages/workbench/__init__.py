"""The analysts' workbench: what decides at present, and what would happen if it were changed."""

from fastapi import APIRouter

from api.pages.workbench import (
    buttons,
    figures,
    forecast,
    models,
    overview,
    quota_asking,
    quota_drafts,
    quota_map,
    quota_rows,
    quota_trials,
    quota_versions,
    rule_drafts,
    rule_versions,
    studies,
)

router = APIRouter()
_PAGES = (
    *(overview, buttons, figures, forecast),
    *(quota_drafts, quota_rows, quota_asking, quota_map, quota_trials, quota_versions),
    *(rule_drafts, rule_versions, models, studies),
)
for pages in _PAGES:
    router.include_router(pages.router)
