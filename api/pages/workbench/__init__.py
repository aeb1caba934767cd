"""The analysts' workbench: what decides at present, and what would happen if it were changed."""

from fastapi import APIRouter

from api.pages.workbench import figures, forecast, models, overview, rule_drafts, rule_versions, studies

router = APIRouter()
for pages in (overview, figures, forecast, rule_drafts, rule_versions, models, studies):
    router.include_router(pages.router)
