"""How well would a model predict the later rows of any labelled table? ``evaluate`` answers."""

from fraud.tables.errors import TableError
from fraud.tables.evaluation import evaluate
from fraud.tables.reading import read_table
from fraud.tables.report import Report

__all__ = ["Report", "TableError", "evaluate", "read_table"]
