"""How one refusal is shown: its HTTP status and words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How one error is shown: its HTTP status and two message ids."""

    status: int
    title: str
    detail: str
