"""The desk of officers: reviews, urgent and online cases, the post, and how cases are decided."""

from fastapi import APIRouter

from api.pages.desk import cases, handover, messages, online, post, reviews, urgent, watching

router = APIRouter()
for pages in (reviews, handover, urgent, online, post, cases, watching, messages):
    router.include_router(pages.router)
