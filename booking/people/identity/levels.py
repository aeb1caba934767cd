"""Whether the people of a household are as sure as a service needs."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from booking.country.packs.fields import IdentitySpec
from booking.country.packs.parsed import Parsed
from booking.people.accounts.errors import NotLinkedError, ProviderRefusedError, ProviderUnavailableError
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError
from booking.platform.models import HouseholdMember, Service
from booking.platform.models.identity import IdentityLevel


class ProofRefusedError(MawidError):
    """The register does not take this as a proof; the answer is the same whatever does not fit."""

    code: ClassVar[str] = "proof_refused"


class NotInRegisterError(MawidError):
    """An officer compared a document, but the register knows no living person with this number."""

    code: ClassVar[str] = "not_in_register"


class IdentityLevelError(MawidError):
    """Somebody has to be proven first; nothing has changed. ``members`` are ids of household members.

    ``again``: they were, but the register ended the grant that it gave for it.
    """

    code: ClassVar[str] = "identity_level"

    def __init__(self, members: Sequence[int], needed: IdentityLevel, *, again: bool = False) -> None:
        super().__init__(f"{len(members)} members are not {needed.value}")
        self.members, self.needed, self.again = tuple(members), needed, again


class StateUnavailableError(ProviderUnavailableError):
    """The state's sign-in for citizens does not answer, or not as one."""

    code: ClassVar[str] = "state_unavailable"


class StateRefusedError(ProviderRefusedError):
    """The state's sign-in sent nobody whom we may believe, or says too little of them."""

    code: ClassVar[str] = "state_refused"


class StateNotLinkedError(NotLinkedError):
    """Nobody is signed in, and no account is linked with who came from the state's sign-in."""

    code: ClassVar[str] = "state_not_linked"


class StateLinkedElsewhereError(NotLinkedError):
    """Who came from the state's sign-in is linked with another account, or the account with somebody else there."""

    code: ClassVar[str] = "state_linked_elsewhere"


class StateDiffersError(InvalidInputError):
    """The state's sign-in says otherwise than what was typed of the person with that number; nothing has changed."""

    code: ClassVar[str] = "state_differs"

    def __init__(self, member_id: int, differing: list[FieldError]) -> None:
        super().__init__(differing)
        self.member_id = member_id


def require_level(members: Iterable[HouseholdMember], needed: IdentityLevel) -> None:
    """Raise IdentityLevelError with all of the members who do not reach a level."""
    if below := [member.id for member in members if not member.level.reaches(needed)]:
        raise IdentityLevelError(below, needed)


def to_ask(service: Service) -> IdentityLevel:
    """Return the level that asking for a service needs, by its file as it is stored."""
    return levels_of(service).to_ask(at_an_office=service.at_an_office)


def levels_of(service: Service) -> IdentitySpec:
    """Return the levels that a service's file names, as it is stored."""
    return _LEVELS(service.spec)


_LEVELS: Final = Parsed(lambda spec: IdentitySpec.model_validate(spec.get("identity", {}), strict=False))
