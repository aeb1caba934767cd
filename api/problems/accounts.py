"""The refusals of accounts, of signing in and of its second step, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import TRY_LATER, Kind
from booking.people.accounts import errors
from booking.platform.base import errors as core
from booking.platform.base.errors import MawidError

ACCOUNT_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.AccountClosedError: Kind(
        403, N_("This account is closed"), N_("An administrator closed it. Ask them if that is a mistake.")
    ),
    errors.ClosedByOwnerError: Kind(
        403, N_("You closed this account"), N_("For some days you can open it again, with a code sent to your phone.")
    ),
    core.AccountLeftError: Kind(
        409, N_("This account was closed"), N_("Its owner closed it, perhaps in another window. Nothing was begun.")
    ),
    errors.SecondFactorNeededError: Kind(
        401,
        N_("A second step is needed"),
        N_("Send the code of your authenticator too. Set it up on the sign-in page."),
    ),
    errors.WrongSecondFactorError: Kind(
        422,
        N_("This code does not fit"),
        N_("Each code counts once, for half a minute. Wait for the next one, and check your device's clock."),
    ),
    errors.SecondStepOverError: Kind(
        401, N_("Please sign in again"), N_("The second step took too long, or your account changed meanwhile.")
    ),
    errors.WrongPasskeyError: Kind(
        422,
        N_("This passkey was not accepted"),
        N_("The page may have been open too long, or it is of another account. Try again, or use another way."),
    ),
    errors.PasskeyCopiedError: Kind(
        403,
        N_("This passkey is no longer accepted"),
        N_("Someone may have a copy of it. Use a code instead, tell an administrator, and add a new passkey."),
    ),
    errors.LastSecondFactorError: Kind(
        409, N_("This is your last second step"), N_("First add another passkey. Then you can remove this one.")
    ),
    errors.ProviderUnavailableError: Kind(
        503,
        N_("Your organisation’s sign-in does not answer"),
        N_("Try again in a few minutes, or sign in with user name and password. Nothing was changed."),
    ),
    errors.ProviderRefusedError: Kind(
        401,
        N_("Your organisation's sign-in did not let you in"),
        N_("Begin again from this page. If it happens twice, tell an administrator; the server's log says why."),
    ),
    errors.NotLinkedError: Kind(
        403,
        N_("Your organisation's account is not linked here"),
        N_("An administrator must link it with your account first. Until then sign in with user name and password."),
    ),
    errors.SignInAgainError: Kind(
        401,
        N_("Prove again that it is you"),
        N_("To change how you sign in, prove again that it is you. A proof lasts for a quarter of an hour."),
    ),
    errors.SecondFactorKeptError: Kind(
        409, N_("Your second step stays as it is"), N_("It is set up already, or your role must have one.")
    ),
    errors.AskAdministratorError: Kind(
        409,
        N_("An administrator does this with you"),
        N_("Your account can see and decide about other people, so nobody changes this alone."),
    ),
    errors.WaitingError: Kind(
        409,
        N_("You have to wait now"),
        N_("We sent a message that says for how long. When the time is over, sign in and come here again."),
    ),
    errors.PhoneAloneError: Kind(
        409,
        N_("Not so soon after a new password"),
        N_(
            "You chose your password with a code to your phone. Somebody who held your phone for an hour could do "
            "the same. So for some days nobody can take a copy, and the phone changes only as if the old one "
            "were lost."
        ),
    ),
    errors.NothingWaitsError: Kind(
        409,
        N_("There is no change to stop or to finish"),
        N_("The code is mistyped, or the change was stopped or made already."),
    ),
    core.UsernameTakenError: Kind(
        409, N_("This user name is taken"), N_("Someone else has this user name. Choose another one.")
    ),
    core.WrongCredentialsError: Kind(
        401,
        N_("User name or password is wrong"),
        N_("Check both, and the keyboard's language. A phone that several accounts share needs the user name instead."),
    ),
    core.WrongCodeError: Kind(
        422,
        N_("The code is not right"),
        N_("It may be mistyped, used already or too old. Check the last message, or ask for a new code."),
    ),
    core.PhoneNotConfirmedError: Kind(
        403, N_("Confirm your phone first"), N_("We sent a code to your phone. Enter it, then continue.")
    ),
    core.HouseholdFullError: Kind(
        409,
        N_("Your household is full"),
        N_("An account acts for a limited number of people. Remove someone before you add another."),
    ),
    core.PersonInUseError: Kind(
        409,
        N_("This person is part of a live request"),
        N_("Withdraw the request or wait until it is over, then remove them."),
    ),
    core.SessionsUnavailableError: Kind(503, N_("Nobody can be signed in right now"), TRY_LATER),
    core.TooManyCodesError: Kind(
        429,
        N_("No code can be sent right now"),
        N_("A code that you already have works for ten minutes. Or wait, or use another way on the page."),
    ),
}
