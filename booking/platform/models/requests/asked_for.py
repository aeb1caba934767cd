"""For whom a request was ever asked, as SQL: those who left it count among its people when history is counted."""

from typing import Final

from sqlalchemy import select, union_all

from booking.platform.models.requests.edit import RequestLeft
from booking.platform.models.requests.request import RequestMember

ASKED_FOR: Final = """(
    SELECT request_id, person_id FROM request_member UNION ALL SELECT request_id, person_id FROM request_left
)"""
"""Columns request_id and person_id; give it an alias."""
EVERYONE_ASKED_FOR: Final = union_all(
    select(RequestMember.request_id, RequestMember.person_id), select(RequestLeft.request_id, RequestLeft.person_id)
).subquery("asked_for")
"""The same for statements that are put together."""
