"""Officers who look at what the gate left to people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import numpy as np

from booking.core import Core
from booking.demo.people import Applicant
from booking.queries.desk import Case, find_case
from booking.services.review import decide_review

_MISJUDGES: Final = 0.03
_FASTER_THAN_A_HAND: Final = 15
_MORE_THAN_A_NEIGHBOURHOOD: Final = 14


def decide_cases(
    core: Core, references: Iterable[str], applicants: Mapping[str, Applicant], officer_id: UUID, *, seed: int
) -> Counter[tuple[bool, bool]]:
    """Decide requests under review as an officer would; count (whether it hoards, whether it was accepted).

    The officer sees the facts of the verdict and not who the applicant is: a form filled faster than a hand can, or a
    phone or device that asked for more people than a family and its neighbours, is refused. Some are misjudged.
    """
    rng = np.random.default_rng([seed, 7])
    counts: Counter[tuple[bool, bool]] = Counter()
    for reference in references:
        suspicious = _is_suspicious(find_case(core, reference))
        accept = suspicious == bool(rng.random() < _MISJUDGES)
        note = "looks like one family" if accept else "asks for many strangers from one phone or device"
        decide_review(core, officer_id=officer_id, reference=reference, accept=accept, note=note)
        counts[applicants[reference].kind.hoards, accept] += 1
    return counts


def _is_suspicious(case: Case) -> bool:
    facts: Mapping[str, Any] = case.verdict.inputs["facts"]
    many = max(facts["people_on_device_30d"], facts["people_on_phone_30d"], facts["people_by_account"])
    return facts["form_seconds"] < _FASTER_THAN_A_HAND or many > _MORE_THAN_A_NEIGHBOURHOOD
