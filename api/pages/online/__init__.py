"""Pages of services asked for online: the form, the papers, paying, where each case stands."""

from fastapi import APIRouter

from api.pages.online import cases, form, originals, papers, pay

router = APIRouter()
for pages in (cases, form, papers, originals, pay):
    router.include_router(pages.router)
