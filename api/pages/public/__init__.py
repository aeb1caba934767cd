"""Pages that everyone can read: the start, services, offices, draws, open data, checks."""

from fastapi import APIRouter

from api.pages.public import check, draws, log, open_data, outbox, services, start, status, without_network

router = APIRouter()
for pages in (start, draws, log, services, open_data, check, status, outbox, without_network):
    router.include_router(pages.router)
