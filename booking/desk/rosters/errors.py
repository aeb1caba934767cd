"""What making a roster refuses; `api.problems.rosters` gives each a status and words."""

from booking.platform.base.errors import MawidError


class RosterBeingMadeError(MawidError):
    """A colleague asked for a roster of the same days at the same moment."""

    code = "roster_being_made"


class RosterChangedError(MawidError):
    """Since the repair was planned the day's shifts changed; plan it again."""

    code = "roster_changed"


class RosterOutdatedError(MawidError):
    """Since a roster was made, somebody who has a shift in it went on leave, is absent, left or moved."""

    code = "roster_outdated"


class RosterClashError(MawidError):
    """Shifts that were published since a roster was made leave somebody too little rest beside its own."""

    code = "roster_clashes"
