"""How one refusal is shown: its HTTP status and words."""

from dataclasses import dataclass


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "a message id, translated later"
    """Mark a sentence for the catalogue."""
    return sentence


@dataclass(frozen=True, slots=True)
class Kind:
    """How one error is shown: its HTTP status and two message ids."""

    status: int
    title: str
    detail: str
