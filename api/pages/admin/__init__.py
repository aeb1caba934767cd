"""Pages of administrators: health, the audit log, colleagues, helpers."""

from fastapi import APIRouter

from api.pages.admin import beacon, colleagues, helpers, observers, overview, staff_changes

router = APIRouter()
for pages in (overview, staff_changes, colleagues, helpers, observers, beacon):
    router.include_router(pages.router)
