"""Pages of an office's counter and its day: check-in, asking for people, the hall, walk-ins, closing, rosters."""

from fastapi import APIRouter

from api.pages.counter import ask, calendar, closing, day, hall, identity, offline, roster, walk_ins

router = APIRouter()
for pages in (ask, identity, offline, day, calendar, closing, hall, walk_ins, roster):
    router.include_router(pages.router)
