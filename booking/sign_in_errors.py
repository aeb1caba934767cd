"""What signing in refuses once the password was right."""

from booking.errors import MawidError


class AccountClosedError(MawidError):
    """The password is right, but an administrator closed the account."""

    code = "account_closed"


class SecondFactorNeededError(MawidError):
    """The account needs a second step, and no code came along; staff set theirs up on the page."""

    code = "second_factor_needed"


class WrongSecondFactorError(MawidError):
    """The code of the second step is wrong, of another time, or was used already."""

    code = "wrong_second_factor"


class SecondStepOverError(MawidError):
    """The password was given too long ago, or the account changed meanwhile: sign in from the start."""

    code = "second_step_over"
