"""Pages for people: server-rendered, Arabic first, complete without JavaScript."""

from fastapi import APIRouter, Depends

from api.deps import printable_address
from api.pages import (
    account,
    administrator,
    appointments,
    ask_review,
    ask_start,
    ask_where,
    ask_who,
    cases,
    check,
    closing,
    colleagues,
    counter,
    counter_ask,
    counter_offline,
    desk_messages,
    evidence_uploads,
    handover,
    helped,
    helpers_desk,
    helping,
    helping_paper,
    household,
    instant,
    kept,
    notices,
    officer,
    online,
    online_desk,
    online_form,
    online_originals,
    online_pay,
    open_data,
    outbox,
    own_sessions,
    passkeys,
    plans,
    post_desk,
    public,
    requests,
    second_step,
    services,
    staff_sign_in,
    static,
    urgent,
    urgent_desk,
    walk_ins,
    watching,
    workbench,
)

router = APIRouter(include_in_schema=False, dependencies=[Depends(printable_address)])
for pages in (public, services, open_data, account, second_step, staff_sign_in):
    router.include_router(pages.router)
for pages in (own_sessions, passkeys, notices, household):
    router.include_router(pages.router)
for pages in (ask_start, plans, requests, urgent, evidence_uploads, appointments, instant):
    router.include_router(pages.router)
for pages in (online, online_form, online_originals, online_pay, check):
    router.include_router(pages.router)
for door in ("/ask", "/abroad"):
    for pages in (ask_who, ask_where, ask_review):
        router.include_router(pages.router, prefix=door)
for pages in (officer, handover, urgent_desk, online_desk, post_desk, cases, watching, desk_messages):
    router.include_router(pages.router)
for pages in (helped, helping, helping_paper, helpers_desk):
    router.include_router(pages.router)
for pages in (counter_ask, counter_offline, counter, closing, walk_ins):
    router.include_router(pages.router)
for pages in (workbench, administrator, colleagues, outbox, static, kept):
    router.include_router(pages.router)
