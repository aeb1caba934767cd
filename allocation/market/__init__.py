"""Scalpers against citizens: what a black market for places earns under each way of giving them out.

After R. Hakimov, C.-P. Heller, D. Kübler and M. Kurino, "How to Avoid Black Markets for Appointments with Online
Booking Systems", American Economic Review 111(7), 2021; docs/market.md says what is theirs and what is not.
"""

from allocation.market.agents import Market, Scalpers
from allocation.market.equilibrium import Outcome, compare, play
from allocation.market.rules import RULES, Rules

__all__ = ["RULES", "Market", "Outcome", "Rules", "Scalpers", "compare", "play"]
