"""Verdicts on a changed request: judged once more by the facts of when it was asked for, it is no second one."""

from typing import Final

EDITED: Final = "edited"
"""The mark among the inputs of such a verdict."""
NOT_EDITED: Final = f"NOT v.inputs @> '{{\"{EDITED}\": true}}'"
"""The condition, for a verdict ``v``, that it is none: history is studied by what was asked, not by each change."""
