"""Who gets which place: an optimal, fair, explainable and verifiable draw. Knows no database and no web."""

from allocation import lottery
from allocation.baselines import by_lot, first_come, first_come_again, in_line_order
from allocation.build import Built, build
from allocation.certificate import Certificate, certify
from allocation.compensate import compensated, even_compensation
from allocation.conflict import Conflict, conflict
from allocation.explain import Explainer, Explanation, explain
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem
from allocation.progress import Progress
from allocation.shadow import shadow_prices
from allocation.solve import solve
from allocation.timetable import Seats, SlotsFullError, place_in_slots, touching_runs
from allocation.verify import Verification, verify
from allocation.what_if import WhatIf, what_if

__all__ = [
    "Built",
    "Certificate",
    "Conflict",
    "Explainer",
    "Explanation",
    "Mechanism",
    "Plan",
    "Problem",
    "Progress",
    "Seats",
    "SlotsFullError",
    "Status",
    "Verification",
    "WhatIf",
    "build",
    "by_lot",
    "certify",
    "compensated",
    "conflict",
    "even_compensation",
    "explain",
    "first_come",
    "first_come_again",
    "in_line_order",
    "lottery",
    "place_in_slots",
    "shadow_prices",
    "solve",
    "touching_runs",
    "verify",
    "what_if",
]
