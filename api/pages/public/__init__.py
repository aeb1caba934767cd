"""Pages that everyone can read: the start, services, offices, draws, open data, checks; where witnesses bring parts."""

from fastapi import APIRouter

from api.pages.public import (
    check,
    draws,
    log,
    open_data,
    outbox,
    services,
    start,
    status,
    verify,
    without_network,
    witness_parts,
)

router = APIRouter()
for pages in (start, draws, log, services, open_data, check, status, outbox, verify, without_network, witness_parts):
    router.include_router(pages.router)
