"""Which requests follow from the rows of a draw: those that stood in them, and those that asked the same again since.

No index leads from a row to them: an update of a request that changes no indexed column is written in place. Who asks
the same again does so once the request before is over, with the same people, of whom some may leave since: at least
one stays, and nobody joins.
"""

from typing import Final

_FOLLOWERS: Final = """
    SELECT part.{row} AS row, part.request_id
    FROM {table} part WHERE part.draw_id = :draw AND part.{row} BETWEEN :first AND :last
    UNION ALL
    SELECT part.{row}, again.request_id
    FROM {table} part JOIN request former ON former.id = part.request_id
    JOIN request_member who ON who.request_id = former.id
    JOIN request_member again ON again.person_id = who.person_id AND again.request_id <> former.id
    WHERE part.draw_id = :draw AND part.{row} BETWEEN :first AND :last
      AND former.state NOT IN ('accepted', 'carried_over', 'under_review')
    """
OF_LINE: Final = _FOLLOWERS.format(table="draw_entry", row="leaf_index")
"""``row`` and ``request_id`` for the leaves ``:first`` to ``:last`` of a draw. A request follows from its row only
where its link names it, which is the caller's to ask; it is named once for each of its people."""
OF_TURNS: Final = _FOLLOWERS.format(table="draw_turn", row="row")
"""As `OF_LINE`, for the turns that are kept beside the line."""
