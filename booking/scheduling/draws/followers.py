"""Which requests follow from the rows of a draw: those that stood in them, and those that asked the same again since.

No index leads from a row to them: an update of a request that changes no indexed column is written in place. Who asks
the same again does so once the request before is over, with the same people, of whom some may leave since: at least
one stays, and nobody joins.
"""

from typing import Final

_STOOD: Final = "SELECT part.{row} AS row, part.request_id FROM {table} part WHERE {which}"
_AGAIN: Final = """
    SELECT part.{row} AS row, again.request_id
    FROM {table} part JOIN request former ON former.id = part.request_id
    JOIN request_member who ON who.request_id = former.id
    JOIN request_member again ON again.person_id = who.person_id AND again.request_id <> former.id
    WHERE {which} AND former.state NOT IN ('accepted', 'carried_over', 'under_review')
    """
_FOLLOWERS: Final = f"{_STOOD} UNION ALL {_AGAIN}"
_RUN: Final = "part.draw_id = :draw AND part.{row} BETWEEN :first AND :last"
OF_LINE: Final = _FOLLOWERS.format(table="draw_entry", row="leaf_index", which=_RUN.format(row="leaf_index"))
"""``row`` and ``request_id`` for the leaves ``:first`` to ``:last`` of a draw. A request follows from its row only
where its link names it, which is the caller's to ask; it is named once for each of its people."""
OF_TURNS: Final = _FOLLOWERS.format(table="draw_turn", row="row", which=_RUN.format(row="row"))
"""As `OF_LINE`, for the turns that are kept beside the line."""
ASKED_AGAIN: Final = _AGAIN.format(
    table="drawn",
    row="leaf_index",
    which="part.slots IS NULL AND NOT part.waits",
)
"""As `OF_LINE`, for unserved leaves of `draws.applied_rows` that wait no more, without who stood in them."""
