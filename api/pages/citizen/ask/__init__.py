"""Asking for a turn in the draw: one question a page, the same way behind both doors."""

from fastapi import APIRouter

from api.pages.citizen.ask import also, review, start, where, who

router = APIRouter()
router.include_router(start.router)
for door in ("/ask", "/abroad"):
    for pages in (who, also, where, review):
        router.include_router(pages.router, prefix=door)
