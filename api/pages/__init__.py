"""Pages for people: server-rendered, Arabic first, complete without JavaScript."""

from fastapi import APIRouter

from api.pages import (
    account,
    administrator,
    analyst,
    appointments,
    ask,
    ask_start,
    household,
    instant,
    officer,
    outbox,
    public,
    requests,
    static,
)

router = APIRouter(include_in_schema=False)
for pages in (public, account, household, ask_start, requests, appointments, instant):
    router.include_router(pages.router)
for door in ("/ask", "/abroad"):
    router.include_router(ask.router, prefix=door)
for pages in (officer, analyst, administrator, outbox, static):
    router.include_router(pages.router)
