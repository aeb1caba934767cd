"""The refusals of proofs and of what needs one, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.country.core.register import RegisterAwayError
from booking.people.identity import levels
from booking.platform.base.errors import MawidError

IDENTITY_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    levels.ProofRefusedError: Kind(
        422,
        N_("This is not accepted as a proof"),
        N_("Check name, birth date and national number, and what you typed. Or come to an office with the document."),
    ),
    levels.NotInRegisterError: Kind(
        409,
        N_("The civil register knows no such living person"),
        N_("Nothing was changed. The person has to put their entry in the civil register right first."),
    ),
    levels.IdentityLevelError: Kind(
        409,
        N_("First prove who this is"),
        N_("First prove that you may act for this person, on their page. Then continue."),
    ),
    levels.StateUnavailableError: Kind(
        503,
        N_("The state's sign-in does not answer"),
        N_("Try again in a few minutes, or use another way. Nothing was changed."),
    ),
    levels.StateRefusedError: Kind(
        401,
        N_("The state's sign-in did not confirm who you are"),
        N_("Begin again from this page and sign in there anew. If it happens twice, use another way."),
    ),
    levels.StateNotLinkedError: Kind(
        403,
        N_("No account here is linked with this sign-in"),
        N_("Sign in with user name and password first, then come to this page once more. Then it is linked."),
    ),
    levels.StateLinkedElsewhereError: Kind(
        403,
        N_("This sign-in is linked with another account"),
        N_("Nothing was changed. Sign in to the other account with it, or prove who this is in another way."),
    ),
    levels.StateDiffersError: Kind(
        422, N_("Something needs to be corrected"), N_("The state’s sign-in says something other than you typed.")
    ),
    RegisterAwayError: Kind(
        503,
        N_("The civil register does not answer"),
        N_("Try again in a few minutes. Nothing is lost."),
    ),
}
