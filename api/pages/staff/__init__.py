"""What every page of staff has: how much waits, and a search for a reference, a page or a colleague."""

from fastapi import APIRouter

from api.pages.staff import find, waiting

router = APIRouter()
for pages in (waiting, find):
    router.include_router(pages.router)
