"""For whom a request was ever asked, as SQL: those who left it count among its people when history is counted."""

from typing import Final

ASKED_FOR: Final = """(
    SELECT request_id, person_id FROM request_member UNION ALL SELECT request_id, person_id FROM request_left
)"""
"""Columns request_id and person_id; give it an alias."""
