"""What draws and those who work beside them agree on; it imports nothing, so a web process may know it."""

from datetime import timedelta
from typing import Final

CLOSING: Final = 0x636C6F7365  # "close"
"""The advisory lock under which a draw closes."""

LATEST_CONFIRMATION: Final = timedelta(hours=12)
"""An offer is confirmed at least this long before it begins, so that the place can still serve someone else."""

NOTICE: Final = timedelta(hours=24)
"""A draw gives no place that begins sooner than this after closing: people must hear of it and confirm."""
