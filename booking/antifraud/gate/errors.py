"""What can be refused about drafts of rules and studies of the gate."""

from booking.platform.base.errors import MawidError


class DraftChangedError(MawidError):
    """A colleague saved the draft since it was read; nothing was overwritten."""

    code = "rule_draft_changed"


class ModelUnusableError(MawidError):
    """What is stored of a model is damaged, or for another schema of facts; the version before it goes on deciding."""

    code = "model_unusable"


class UntestedRulesError(MawidError):
    """No finished backtest is of exactly these rules, and the analyst who activates them did not say that they know."""

    code = "untested_rules"


class NothingInShadowError(MawidError):
    """No rule set is in shadow, so there is nothing to look at."""

    code = "nothing_in_shadow"
