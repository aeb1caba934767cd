"""How one refusal is shown: its HTTP status and words."""

from dataclasses import dataclass
from typing import Final

from api.i18n import N_

TRY_LATER: Final = N_("Nothing was changed. Please try again in a few minutes.")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one error is shown: its HTTP status and two message ids."""

    status: int
    title: str
    detail: str
