"""What the editing and activating of quotas refuses; `api.problems.quotas` gives each a status and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.platform.base.errors import MawidError
from booking.platform.models.states import Pool


@dataclass(frozen=True, slots=True)
class StrandedPlaces:
    """An office-day of which more places of a pool are taken than the policy would leave."""

    office_ar: str
    office_en: str
    day: date
    pool: Pool
    taken: int
    places: int


class DraftChangedError(MawidError):
    """Somebody saved this draft since it was read; ``revision`` is the new one. Nothing was saved."""

    code = "draft_changed"

    def __init__(self, revision: int) -> None:
        super().__init__(f"the draft is at revision {revision}")
        self.revision = revision


class DraftClosedError(MawidError):
    """The draft was proposed or dropped; its text no longer changes."""

    code = "draft_closed"


class NothingChangedError(MawidError):
    """The draft says what the active policy says."""

    code = "quotas_unchanged"


class StrandedPlacesError(MawidError):
    """A policy would leave fewer places than are taken already; nothing has changed. ``rows`` lists where."""

    code = "places_stranded"

    def __init__(self, rows: Sequence[StrandedPlaces]) -> None:
        super().__init__(f"{len(rows)} pools of office-days have more places taken than the policy would leave")
        self.rows = rows


class DrawUnderWayError(MawidError):
    """The closed draw ``reference`` counts on the free places as they are; it is drawn within minutes."""

    code = "draw_under_way"

    def __init__(self, reference: str) -> None:
        super().__init__(f"draw {reference} is closed and not drawn yet")
        self.reference = reference


class NoHistoryError(MawidError):
    """No draw has been published yet, so there is nothing to try quotas on."""

    code = "no_history"
