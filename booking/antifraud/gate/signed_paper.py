"""What a signed paper does to the gate's verdict, and the reasons that it gives."""

from dataclasses import replace
from typing import Final

from booking.platform.models.base import Json
from fraud.gate import Decision, Verdict
from fraud.reasons import Reason

SIGNED_ON_PAPER: Final = Reason(
    "consent_on_paper",
    "وقّع صاحب الطلب موافقته على ورقة لأنه لا يملك هاتفًا. ينظر موظف في الورقة أولًا، وبعدها يدخل الطلب القرعة.",
    "The consent was signed on paper, because the person has no phone. An officer looks at the paper first; then the "
    "request goes into the draw.",
)
PAPER_NOT_ACCEPTED: Final = Reason(
    "paper_not_accepted",
    "لم تُقبل الورقة الموقّعة. يمكن لصاحب الطلب أن يوقّع ورقة جديدة، أو أن يأتي بهويته إلى نافذة أي فرع.",
    "The signed paper was not accepted. The person can sign a new one, or come to the counter of any office with their "
    "identity document.",
)


def on_paper(verdict: Verdict) -> Verdict:
    """Return the verdict about a request on paper where the gate alone gives ``verdict``."""
    if verdict.decision is Decision.REFUSE:
        return verdict
    return replace(verdict, decision=Decision.REVIEW, reasons=(SIGNED_ON_PAPER, *verdict.reasons))


def not_accepted() -> Json:
    """Return the reason of a refusal because of the paper, as verdicts keep it."""
    return dict(PAPER_NOT_ACCEPTED.as_dict())
