"""Who gets which place: an optimal, fair, explainable and verifiable draw. Knows no database and no web.

Names are loaded when they are first used: the compiler and the solvers cost a web process half a second and 100 MB, and
only a draw needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from allocation import lottery
    from allocation.baselines import by_lot, first_come, first_come_again, in_line_order
    from allocation.building.build import Built, build
    from allocation.checking.certificate import Certificate, certify
    from allocation.checking.verify import Verification, verify
    from allocation.compensate import compensated, even_compensation
    from allocation.explaining.conflict import Conflict, conflict
    from allocation.explaining.explain import Explainer, Explanation, explain
    from allocation.explaining.shadow import shadow_prices
    from allocation.explaining.what_if import WhatIf, what_if
    from allocation.plan import Mechanism, Plan, Status
    from allocation.problem import Problem
    from allocation.progress import Progress
    from allocation.solver import solve
    from allocation.timetable import Seats, SlotsFullError, place_in_slots, touching_runs

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

_HOME: Final = {
    "by_lot": "allocation.baselines",
    "first_come": "allocation.baselines",
    "first_come_again": "allocation.baselines",
    "in_line_order": "allocation.baselines",
    "Built": "allocation.building.build",
    "build": "allocation.building.build",
    "Certificate": "allocation.checking.certificate",
    "certify": "allocation.checking.certificate",
    "Verification": "allocation.checking.verify",
    "verify": "allocation.checking.verify",
    "Conflict": "allocation.explaining.conflict",
    "conflict": "allocation.explaining.conflict",
    "Explainer": "allocation.explaining.explain",
    "Explanation": "allocation.explaining.explain",
    "explain": "allocation.explaining.explain",
    "shadow_prices": "allocation.explaining.shadow",
    "WhatIf": "allocation.explaining.what_if",
    "what_if": "allocation.explaining.what_if",
    "Mechanism": "allocation.plan",
    "Plan": "allocation.plan",
    "Status": "allocation.plan",
    "Problem": "allocation.problem",
    "Progress": "allocation.progress",
    "compensated": "allocation.compensate",
    "even_compensation": "allocation.compensate",
    "solve": "allocation.solver",
    "Seats": "allocation.timetable",
    "SlotsFullError": "allocation.timetable",
    "place_in_slots": "allocation.timetable",
    "touching_runs": "allocation.timetable",
}


def __getattr__(name: str) -> object:
    """Load a name of ``__all__`` from its module (PEP 562)."""
    try:
        module = import_module(_HOME[name])
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value = getattr(module, name)
    return value


def __dir__() -> list[str]:
    """List what the library offers, loaded or not."""
    return __all__
