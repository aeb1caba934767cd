"""The refusals of proofs and of what needs one, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.base.errors import MawidError
from booking.core.register import RegisterAwayError
from booking.identity import errors

IDENTITY_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.ProofRefusedError: Kind(
        422,
        N_("This is not accepted as a proof"),
        N_("Check name, birth date and national number, and what you typed. Or come to an office with the document."),
    ),
    errors.NotInRegisterError: Kind(
        409,
        N_("The civil register knows no such living person"),
        N_("Nothing was changed. The person has to put their entry in the civil register right first."),
    ),
    errors.IdentityLevelError: Kind(
        409,
        N_("First show who this is"),
        N_("This needs a proof that you may act for the person. Give it on the person's page, then go on."),
    ),
    RegisterAwayError: Kind(
        503,
        N_("The civil register does not answer"),
        N_("Try again in a few minutes. Nothing is lost."),
    ),
}
