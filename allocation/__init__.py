"""Who gets which place: an optimal, fair, explainable and verifiable draw. Knows no database and no web."""

from allocation import lottery
from allocation.plan import Plan, Status
from allocation.problem import Problem
from allocation.solve import solve
from allocation.timetable import place_in_slots

__all__ = ["Plan", "Problem", "Status", "lottery", "place_in_slots", "solve"]
