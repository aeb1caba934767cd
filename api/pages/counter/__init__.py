"""Pages of an office's counter and its day: check-in, asking for people, walk-ins, closing."""

from fastapi import APIRouter

from api.pages.counter import ask, calendar, closing, day, identity, offline, walk_ins

router = APIRouter()
for pages in (ask, identity, offline, day, calendar, closing, walk_ins):
    router.include_router(pages.router)
