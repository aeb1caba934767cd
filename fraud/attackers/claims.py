"""Who may ask for whom in a season: what was proven, and whose live request a person is in."""

from typing import Final

import numpy as np

from fraud.attackers.agents import Ask
from fraud.attackers.parameters import World

_OWN_CHANCE: Final = 4


class Claims:
    """What the site knows of numbers: which account has proven which, and which ask holds each."""

    def __init__(self, seed: int, world: World) -> None:
        self._needed = world.proofs
        self._chance = np.random.default_rng([seed, _OWN_CHANCE])
        self.live: dict[int, Ask] = {}

    def prove(self, ask: Ask) -> bool:
        """Show what only these people have, for those whom the account has not proven yet; whether all are proven."""
        if not self._needed:
            return True
        missing = [person for person in ask.people if person.number not in ask.account.proven]
        ask.account.proven |= {
            person.number for person in missing if person.known and self._chance.random() < ask.kind.habits.proves
        }
        return all(person.number in ask.account.proven for person in missing)

    def see(self, ask: Ask) -> None:
        """Let an officer see the people of an ask: all of them are proven."""
        ask.account.proven |= {person.number for person in ask.people}

    def in_the_way(self, ask: Ask) -> list[Ask]:
        """Return the live asks, each once, that people of this one are in."""
        return list(dict.fromkeys(self.live[person.number] for person in ask.people if person.number in self.live))

    def hold(self, ask: Ask) -> None:
        """Let its people be in this ask alone."""
        self.live |= dict.fromkeys((person.number for person in ask.people), ask)

    def free(self, ask: Ask) -> None:
        """Let its people ask again."""
        for person in ask.people:
            if self.live.get(person.number) is ask:
                del self.live[person.number]
