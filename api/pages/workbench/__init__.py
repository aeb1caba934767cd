"""The analysts' workbench: what decides at present, and what would happen if it were changed."""

from fastapi import APIRouter

from api.pages.workbench import overview, rule_drafts, rule_versions

router = APIRouter()
for pages in (overview, rule_drafts, rule_versions):
from api.pages.workbench import figures, overview

router = APIRouter()
for pages in (overview, figures):
    router.include_router(pages.router)
