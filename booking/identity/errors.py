"""What is refused because it is not shown that an account may act for a person."""

from collections.abc import Sequence
from typing import ClassVar

from booking.base.errors import MawidError
from booking.models.identity import IdentityLevel


class ProofRefusedError(MawidError):
    """The register does not take this as a proof; the answer is the same whatever does not fit."""

    code: ClassVar[str] = "proof_refused"


class NotInRegisterError(MawidError):
    """An officer compared a document, but the register knows no living person with this number."""

    code: ClassVar[str] = "not_in_register"


class IdentityLevelError(MawidError):
    """Somebody has to be proven first; nothing has changed. ``members`` are ids of household members."""

    code: ClassVar[str] = "identity_level"

    def __init__(self, members: Sequence[int], needed: IdentityLevel) -> None:
        super().__init__(f"{len(members)} members are not {needed.value}")
        self.members, self.needed = tuple(members), needed
