"""Pages of administrators: health, the audit log, colleagues, helpers."""

from api.incoming.first_words import Grouped
from api.pages.admin import beacon, colleagues, helpers, observers, overview, staff_changes

router = Grouped()
for pages in (overview, staff_changes, colleagues, helpers, observers, beacon):
    router.include_router(pages.router)
