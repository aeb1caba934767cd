"""Who may ask for whom in a season: what was claimed and proven, and whose live request a person is in."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from fraud.attackers.agents import Account, Ask
from fraud.attackers.parameters import World

_OWN_CHANCE: Final = 4


class Claims:
    """What the site knows of numbers: which account has proven which, and which ask holds each."""

    def __init__(self, seed: int, world: World) -> None:
        self._needed = world.proofs
        self._chance = np.random.default_rng([seed, _OWN_CHANCE])
        self.live: dict[int, Ask] = {}
        self._acting: dict[int, set[Account]] = {}

    def claim(self, account: Account) -> None:
        """Keep that an account acts for the people whom it lists."""
        for number in account.household:
            self._acting.setdefault(number, set()).add(account)

    def prove(self, ask: Ask) -> bool:
        """Show what only these people have, for those whom the account has not proven yet; whether all are proven."""
        self.claim(ask.account)
        if not self._needed:
            return True
        missing = [person for person in ask.people if person.number not in ask.account.proven]
        shown = {person.number for person in missing if person.known and self._chance.random() < ask.kind.habits.proves}
        ask.account.proven |= shown
        self._end_weaker(ask.account, shown)
        return all(person.number in ask.account.proven for person in missing)

    def see(self, ask: Ask) -> None:
        """Let an officer see the people of an ask: all of them are proven."""
        numbers = {person.number for person in ask.people}
        ask.account.proven |= numbers
        ask.account.seen |= numbers
        self._end_weaker(ask.account, numbers)

    def _end_weaker(self, owner: Account, numbers: Iterable[int]) -> None:
        """End what other accounts claim of numbers that one has proven; those that others have proven too stay."""
        for number in numbers:
            others = {one for one in self._acting.get(number, ()) if one is not owner and number not in one.proven}
            for other in others:
                other.claims_ended += number in other.household
                other.household.pop(number, None)
                self._acting[number].discard(other)

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
