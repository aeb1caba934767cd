"""Pages of administrators: health, the audit log, colleagues, helpers."""

from fastapi import APIRouter

from api.pages.admin import colleagues, helpers, observers, overview, staff_changes

router = APIRouter()
for pages in (overview, staff_changes, colleagues, helpers, observers):
    router.include_router(pages.router)
