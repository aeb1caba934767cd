"""The desk of officers: reviews, urgent and online cases, the post, and how cases are decided."""

from api.incoming.first_words import Grouped
from api.pages.desk import cases, handover, messages, online, post, reviews, urgent, watching

router = Grouped()
for pages in (reviews, handover, urgent, online, post, cases, watching, messages):
    router.include_router(pages.router)
