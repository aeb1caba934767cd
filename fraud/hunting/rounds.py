"""Rounds of attackers and defender: each answers the other, until neither gains by more than a little."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fraud.attackers.parameters import TRAINING_SEEDS
from fraud.attackers.tactics import Tactics
from fraud.attackers.training import trained
from fraud.hunting.levers import Defence
from fraud.hunting.record import Record
from fraud.hunting.response import Response, Settings, hunt
from fraud.hunting.space import START
from fraud.hunting.tuning import Choice, Tuning, goals_of, meet, tune
from fraud.scoring.model import TrainingError

LITTLE: Final = 5.0
"""Dollars a season: less is no gain."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What honest people and officers may be troubled with at most, for a policy to be picked: shares, and hours."""

    challenged: float = 0.02
    refused: float = 0.0005
    hours: float = 12.0

    def keeps(self, goals: Mapping[str, float]) -> bool:
        """Tell whether a policy's goals are within them."""
        return all(goals[name] <= getattr(self, name) for name in ("challenged", "refused", "hours"))

    def pick(self, choices: Sequence[Choice]) -> Choice | None:
        """Return the choice within them that leaves the best attacker least; None where none is within them."""
        allowed = [choice for choice in choices if self.keeps(choice.goals)]
        return min(allowed, key=lambda choice: (choice.goals["gain"], choice.goals["share"]), default=None)


@dataclass(frozen=True, slots=True)
class Round:
    """One round.

    Parameters
    ----------
    response
        The attackers' answer to the defence that stood.
    met
        That defence's goals against all responses so far.
    moves
        What the defender could do: each way, and the goals of its best policy, on the seasons of ``met``: others than
        those it was picked by.
    move, defence
        What was done, "stays" where nothing helped, and the defence that stands from now on.
    """

    response: Response
    met: Mapping[str, float]
    moves: Mapping[str, Mapping[str, float]]
    move: str
    defence: Defence

    def told(self) -> dict[str, Any]:
        """Return it for a file."""
        found = self.response.told()
        attackers = {name: found[name] for name in ("tactics", "mean", "worst")}
        judged = goals_of(self.response.judged)
        moves = {name: dict(goals) for name, goals in self.moves.items()}
        return {"judged": judged, "met": dict(self.met), "moves": moves, "move": self.move, **attackers}


def play_rounds(
    defence: Defence,
    settings: Settings,
    tuning: Tuning,
    record: Record,
    *,
    most: int = 3,
    bounds: Bounds = Bounds(),
    tell: Callable[[int, str], None] = lambda _number, _move: None,
) -> list[Round]:
    """Let attackers and defender answer each other.

    Attackers hunt anew against what stands, and begin from what they found last. The defender may tune rules, lines
    and limits; or train the model anew on seasons that these attackers play in (by rules alone, as a first history
    would be), and tune with it. It picks what leaves the best attacker least, of all that keeps the bounds, also on
    seasons by which it was not picked. It ends when nothing leaves them less by `LITTLE`.

    Raises
    ------
    OtherHuntError
        The record is of other rounds.
    LeverError
        The defence lacks a number that is tuned.
    """
    found: list[Round] = []
    begin: Mapping[str, Tactics] = START
    for number in range(most):
        response = hunt(defence, replace(settings, seed=settings.seed + number), record, begin=begin)
        begin = response.tactics
        league = [*(one.response.tactics for one in found), response.tactics]
        ways = {"tunes": defence}
        if (learned := _learned(defence, settings, response)) is not None:
            ways["learns and tunes"] = learned
        best: dict[str, Choice] = {}
        for way, other in ways.items():
            choices = tune(other, league, replace(tuning, seed=tuning.seed + number), record)
            if (picked := bounds.pick(choices)) is not None:
                best[way] = picked
        # The best of many owes a part of its figures to luck: it is compared with what stands on other seasons.
        seeds = range(3_000_000 + 100 * number, 3_000_000 + 100 * number + tuning.choosing)
        policies = [defence, *(choice.defence for choice in best.values())]
        met, *again = meet(policies, league, tuning.world, record, seeds)
        goals = dict(zip(best, again, strict=True))
        helps = [way for way in goals if bounds.keeps(goals[way]) and goals[way]["gain"] <= met["gain"] - LITTLE]
        move = min(helps, key=lambda way: goals[way]["gain"], default="stays")
        if helps:
            defence = best[move].defence
        found.append(Round(response, met, goals, move, defence))
        tell(number + 1, move)
        if not helps:
            break
    return found


def _learned(defence: Defence, settings: Settings, response: Response) -> Defence | None:
    """Return the defence with a model that saw these attackers, or None where seasons are too small to learn from."""
    world = replace(settings.world, tactics=dict(response.tactics))
    try:
        return replace(defence, model=trained(TRAINING_SEEDS, world), thresholds=None)
    except TrainingError:
        return None
