"""Whether a translation says as much as its sentence: the same blanks and the same marks, and no others.

Translations come from many hands, some from a folder of the installation's own. One with a blank too many breaks the
page, one with a blank too few hides a code or a deadline, and marks stand on the page as they are written.
"""

import re
from collections.abc import Sequence
from typing import Final

_PART: Final = re.compile(r"%%|%\(\w+\)\w|\{[^{}]*\}|<[^<>]*>?")
"""A blank of a page or a notice, or a mark with all that it holds."""


def fits(sentence: str, forms: Sequence[str]) -> bool:
    """Return whether a translation fits; of several plural forms the last has all blanks, others may leave some out."""
    *few, most = forms
    wanted = parts(sentence)
    return parts(most) == wanted and all(parts(one) <= wanted for one in few)


def parts(text: str) -> set[str]:
    """Return the blanks and marks of a text."""
    return set(_PART.findall(text)) - {"%%"}
