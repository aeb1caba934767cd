"""Who gets which place: an optimal, fair, explainable and verifiable draw. Knows no database and no web."""

from allocation import lottery
from allocation.baselines import first_come, in_line_order
from allocation.certificate import Certificate, certify
from allocation.explain import Explainer, Explanation, explain
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem
from allocation.progress import Progress
from allocation.solve import solve
from allocation.timetable import Seats, SlotsFullError, place_in_slots, touching_runs
from allocation.verify import Verification, verify

__all__ = [
    "Certificate",
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
    "certify",
    "explain",
    "first_come",
    "in_line_order",
    "lottery",
    "place_in_slots",
    "solve",
    "touching_runs",
    "verify",
]
