"""Officers who look at what the gate left to people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import select

from booking.country.core.core import Core
from booking.entrypoints.demo.people import Applicant
from booking.entrypoints.demo.progress import Tell
from booking.platform.base.errors import MawidError
from booking.platform.models import Request
from booking.scheduling.requests.review import appeal, decide_review
from booking.scheduling.requests.staff_views import find_case

_MISJUDGES: Final = 0.03
_FASTER_THAN_A_HAND: Final = 15
_MORE_THAN_A_NEIGHBOURHOOD: Final = 14
_APPEALS_LEFT: Final = 2
_WORDS: Final = "هذا رقم قريبي وقد نسخته من بطاقته، أرجو إعادة النظر."
_OWN_WORDS: Final = "أطلب لعائلتي فقط، ونحن نستعمل هاتفًا واحدًا."


@dataclass
class Reviews:
    """Decisions by group: accepted and refused requests of hoarders and of honest people; honest appeals upheld."""

    accepted: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    refused: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    appealed: int = 0
    upheld: int = 0


class Verdicts:
    """Decides requests under review as officers would.

    The officer sees the facts of the gate's verdict and not who the applicant is: a form filled faster than a hand
    can, or a phone or device that asked for more people than a family and its neighbours, is refused. Some cases are
    misjudged; honest people whom that hits appeal, and a reviewer, who looks again, decides.
    """

    def __init__(self, core: Core, officer_id: UUID, reviewer_id: UUID, *, seed: int) -> None:
        self._core, self._officer_id, self._reviewer_id = core, officer_id, reviewer_id
        self._rng = np.random.default_rng([seed, 7])
        self.made = Reviews()

    def decide(self, cases: Sequence[tuple[str, Applicant]], tell: Tell) -> None:
        """Decide requests, each with who asks (which only counts the outcome)."""
        for reference, applicant in cases:
            hoards = applicant.kind.hoards
            accepted = self._decide(reference, self._officer_id)
            if not accepted and not hoards and self._appeal(reference, _OWN_WORDS):
                self.made.appealed += 1
                accepted = self._decide(reference, self._reviewer_id)
                self.made.upheld += accepted
            (self.made.accepted if accepted else self.made.refused)[hoards] += 1
            tell(1, Counter(["accepted" if accepted else "refused"]))

    def leave_appeals(self, refused: Sequence[str]) -> int:
        """Have some of the refused requests appealed, for the ready officer to decide; return how many."""
        left = 0
        for reference in reversed(refused):
            left += self._appeal(reference, _WORDS)
            if left == _APPEALS_LEFT:
                break
        return left

    def _decide(self, reference: str, decider: UUID) -> bool:
        facts = find_case(self._core, reference).verdict.inputs.get("facts")
        suspicious = facts is not None and _is_suspicious(facts)
        accept = suspicious == bool(self._rng.random() < _MISJUDGES)
        note = "one family, one phone" if accept else "asks for many strangers from one phone or device"
        decide_review(self._core, officer_id=decider, reference=reference, accept=accept, note=note)
        return accept

    def _appeal(self, reference: str, words: str) -> bool:
        with self._core.sessions() as session:
            account_id = session.scalars(select(Request.account_id).where(Request.reference == reference)).one()
        try:
            appeal(self._core, account_id=account_id, reference=reference, words=words)
        except MawidError:  # the person has another live request by now
            return False
        return True


def _is_suspicious(facts: Mapping[str, Any]) -> bool:
    many = max(facts["people_on_device_30d"], facts["people_on_phone_30d"], facts["people_by_account"])
    return bool(facts["form_seconds"] < _FASTER_THAN_A_HAND or many > _MORE_THAN_A_NEIGHBOURHOOD)
