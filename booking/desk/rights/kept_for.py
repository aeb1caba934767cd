"""How long things are kept, as the rules that remove them say it: nothing is written down twice."""

from dataclasses import dataclass

from booking.country.core.core import Core
from booking.country.packs.quotas import HelperLimits, RightsLimits, UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.desk.rights.copy import KEPT
from booking.eservices.online.retention import KEPT_FOR, PAPERS_KEPT
from booking.platform.models.online.case import OnlineState
from booking.scheduling.swaps.retention import KEPT as EXCHANGE_KEPT


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How many days each is kept.

    A form that was begun online since its last change, and its papers after the case; papers with an urgent case and
    with a helper's request after the decision; who took part in a night of the exchange; the record of messages; a copy
    of one's data; a closed account.
    """

    online_draft: int
    online_papers: int
    urgent_evidence: int
    helper_papers: int
    exchange: int
    messages: int
    data_copy: int
    closed_account: int


def kept_for(core: Core) -> KeptFor:
    """Read the times from the policy in force and from the rules of each subject."""
    with core.sessions() as session:
        active = policy_limits.find_active_limits(session)
    return KeptFor(
        online_draft=KEPT_FOR[OnlineState.DRAFT].days,
        online_papers=PAPERS_KEPT.days,
        urgent_evidence=policy_limits.pick(UrgentLimits, active).urgent_evidence_days,
        helper_papers=policy_limits.pick(HelperLimits, active).helper_paper_kept_days,
        exchange=EXCHANGE_KEPT.days,
        messages=core.settings.reaching_kept.days,
        data_copy=KEPT.days,
        closed_account=policy_limits.pick(RightsLimits, active).account_reopen_days,
    )
