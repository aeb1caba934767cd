"""Labels: what became known about a request, written in the transaction in which it became known."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import Label
from booking.platform.models.base import Json
from booking.platform.models.states import LabelKind
from fraud.gate import Decision, Verdict
from fraud.reasons import Reason


def learn(
    session: Session,
    core: Core,
    *,
    request_id: UUID,
    kind: LabelKind,
    value: bool,
    source: str,
    account_id: UUID | None = None,
) -> None:
    """Append a label in the caller's transaction; ``value`` is true for what counts against the request."""
    session.add(
        Label(
            request_id=request_id,
            kind=kind,
            value=value,
            known_at=core.clock.now(),
            source=source,
            account_id=account_id,
        )
    )


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
