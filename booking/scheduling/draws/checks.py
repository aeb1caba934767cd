"""What a check of a published draw says, in words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Check: TypeAlias = tuple[bool, str]
"""Whether it is right, and what was checked or found wrong, in words."""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one draw, in order; a check that cannot be made because an earlier one failed is left out."""

    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return all(right for right, _ in self.checks)

    def words(self) -> str:
        """Return what was checked and found, a line each."""
        return "\n".join(f"{'passed' if right else 'FAILED'}: {sentence}" for right, sentence in self.checks)


class WrongError(Exception):
    """A check found something wrong; the message says what."""


def made(check: Callable[[], str]) -> Check:
    """Make a check."""
    try:
        return True, check()
    except WrongError as error:
        return False, str(error)


def made_in_turn(checks: Iterable[Callable[[], str]]) -> Iterator[Check]:
    """Make checks until one finds something wrong: what comes after it would prove nothing."""
    for check in checks:
        right, words = made(check)
        yield right, words
        if not right:
            return
