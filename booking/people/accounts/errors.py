"""What signing in, and its second step, refuse."""

from booking.platform.base.errors import MawidError


class AccountClosedError(MawidError):
    """The password is right, but an administrator closed the account."""

    code = "account_closed"


class ClosedByOwnerError(AccountClosedError):
    """The password is right, but its owner closed the account; for some days they can open it again."""

    code = "closed_by_owner"


class SecondFactorNeededError(MawidError):
    """The account needs a second step, and no code came along; staff set theirs up on the page."""

    code = "second_factor_needed"


class WrongSecondFactorError(MawidError):
    """The code of the second step is wrong, of another time, or was used already."""

    code = "wrong_second_factor"


class SecondStepOverError(MawidError):
    """The password was given too long ago, or the account changed meanwhile: sign in from the start."""

    code = "second_step_over"


class WrongPasskeyError(MawidError):
    """The answer is of no passkey of the account, to no open challenge, unsigned, or its owner was not verified."""

    code = "wrong_passkey"


class PasskeyCopiedError(MawidError):
    """The passkey's counter fell behind: there may be a copy of it, so it is not believed any more."""

    code = "passkey_copied"


class LastSecondFactorError(MawidError):
    """Nothing else would remain for the second step."""

    code = "last_second_factor"


class SignInAgainError(MawidError):
    """The owner's last proof is too old for a change of how they sign in: they prove it again, or sign in again."""

    code = "sign_in_again"


class ProviderUnavailableError(MawidError):
    """The organisation's sign-in provider does not answer, or not as one."""

    code = "provider_unavailable"


class ProviderRefusedError(MawidError):
    """The provider sent nobody whom we may believe: the visit, its code or its token does not hold."""

    code = "provider_refused"


class NotLinkedError(MawidError):
    """The provider's subject is not linked with a colleague's account."""

    code = "not_linked"


class SecondFactorKeptError(MawidError):
    """The account has a second factor already, or its role must have one."""

    code = "second_factor_kept"


class WaitingError(MawidError):
    """What the owner asked for holds after a time that is not over yet."""

    code = "still_waiting"

    def __init__(self, days: int) -> None:
        super().__init__()
        self.days = days


class PhoneAloneError(MawidError):
    """The password came by a code to the phone lately, so the phone is all that was shown; ``days`` are left."""

    code = "phone_alone"

    def __init__(self, days: int) -> None:
        super().__init__()
        self.days = days


class NothingWaitsError(MawidError):
    """No change of the phone waits: none was begun, it was stopped, or it is done."""

    code = "nothing_waits"


class AskAdministratorError(MawidError):
    """Accounts of staff are not changed by their owner alone: an administrator sees them first."""

    code = "ask_administrator"
