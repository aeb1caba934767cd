"""The timetable of one office-day, and its repair when a counter closes: optimal, with proof, or with a bound."""

from allocation.timetabling.conflict import Conflict
from allocation.timetabling.day import Feature, OfficeDay
from allocation.timetabling.office_day import Timetable, solve_day
from allocation.timetabling.people import Proof, Reached
from allocation.timetabling.repair import Repair, repair_day
from allocation.timetabling.samples import sample_day

__all__ = [
    "Conflict",
    "Feature",
    "OfficeDay",
    "Proof",
    "Reached",
    "Repair",
    "Timetable",
    "repair_day",
    "sample_day",
    "solve_day",
]
