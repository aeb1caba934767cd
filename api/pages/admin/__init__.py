"""Pages of administrators: health, the audit log, colleagues, helpers, events for other systems."""

from fastapi import APIRouter

from api.pages.admin import (
    beacon,
    colleagues,
    helpers,
    observers,
    overview,
    staff_changes,
    webhook_log,
    webhooks,
)

router = APIRouter()
for pages in (overview, staff_changes, colleagues, helpers, observers, beacon, webhooks, webhook_log):
    router.include_router(pages.router)
