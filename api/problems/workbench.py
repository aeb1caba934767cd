"""The refusals of changing rules and models, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.antifraud.gate import errors
from booking.platform.base import errors as core
from booking.platform.base.errors import MawidError

WORKBENCH_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.DraftChangedError: Kind(
        409,
        N_("A colleague saved this draft meanwhile"),
        N_("Both texts are below. Bring into yours what you need of theirs, then save again."),
    ),
    errors.ModelUnusableError: Kind(
        409,
        N_("This model cannot be used"),
        N_("Its file is damaged or knows other facts. Train it again. The old version stays active."),
    ),
    errors.UntestedRulesError: Kind(
        409,
        N_("Nobody tried these rules on history"),
        N_("Wait for a backtest of exactly these rules, or say that you activate them without one."),
    ),
    errors.NothingInShadowError: Kind(
        409, N_("No rules are in shadow"), N_("Start a shadow first. Nothing was changed.")
    ),
    core.SecondPersonNeededError: Kind(
        409,
        N_("A second person must decide this"),
        N_("The person who proposed a version cannot make it active. Ask a colleague to look at it."),
    ),
    core.FairnessBoundError: Kind(
        409,
        N_("This model is not fair enough to be used"),
        N_("It would trouble honest people of one group much more than others. The old version stays active."),
    ),
}
