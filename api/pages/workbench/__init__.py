"""The analysts' workbench: what decides at present, and what would happen if it were changed."""

from fastapi import APIRouter

from api.pages.workbench import overview

router = APIRouter()
for pages in (overview,):
    router.include_router(pages.router)
