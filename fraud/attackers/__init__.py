"""A season of asking, played against the real gate by honest people and by attackers; who gets places, at what cost.

``play`` gives tables of what happened, ``report`` sums seasons up by kind. docs/attackers.md says who they are.
"""

from fraud.attackers.parameters import World
from fraud.attackers.report import Report, report
from fraud.attackers.season import Played, play

__all__ = ["Played", "Report", "World", "play", "report"]
