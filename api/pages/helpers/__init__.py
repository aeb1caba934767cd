"""Pages of registered helpers, and of people whom they helped."""

from fastapi import APIRouter

from api.pages.helpers import helped, paper, people

router = APIRouter()
for pages in (helped, people, paper):
    router.include_router(pages.router)
