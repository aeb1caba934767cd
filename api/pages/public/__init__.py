"""Pages that everyone can read: the start, services, offices, draws, open data, checks; where witnesses bring parts."""

from fastapi import APIRouter

from api.pages.public import (
    check,
    credentials,
    design,
    draws,
    exchange,
    hall_wait,
    help_pages,
    log,
    offices,
    open_data,
    outbox,
    services,
    short_links,
    start,
    status,
    verify,
    without_network,
    witness_parts,
)

router = APIRouter()
for pages in (
    *(start, draws, exchange, log, services, offices, help_pages, open_data, check, design, status, outbox),
    *(short_links, hall_wait, verify, without_network, witness_parts, credentials),
):
    router.include_router(pages.router)
