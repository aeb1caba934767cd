"""Pages of citizens: asking, what was asked, plans, appointments, urgent cases, their people."""

from fastapi import APIRouter

from api.pages.citizen import (
    acting,
    appointments,
    ask,
    calendar,
    change_time,
    evidence_uploads,
    household,
    instant,
    me,
    other_time,
    plans,
    prove,
    receipt,
    request_change,
    requests,
    urgent,
)

router = APIRouter()
for pages in (
    *(me, household, prove, acting, ask, plans, receipt, requests, request_change, urgent, evidence_uploads),
    *(appointments, other_time, change_time, calendar, instant),
):
    router.include_router(pages.router)
